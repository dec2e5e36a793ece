package export

// What of Kubernetes' objects a sweep's manifest writes, in the order in which people
// write it.

type job struct {
	APIVersion string  `yaml:"apiVersion"`
	Kind       string  `yaml:"kind"`
	Metadata   meta    `yaml:"metadata"`
	Spec       jobSpec `yaml:"spec"`
}

type jobSpec struct {
	Suspend              bool           `yaml:"suspend,omitempty"`
	CompletionMode       string         `yaml:"completionMode,omitempty"`
	Completions          int            `yaml:"completions,omitempty"`
	Parallelism          int            `yaml:"parallelism,omitempty"`
	BackoffLimit         *int           `yaml:"backoffLimit,omitempty"`
	BackoffLimitPerIndex *int           `yaml:"backoffLimitPerIndex,omitempty"`
	PodFailurePolicy     *failurePolicy `yaml:"podFailurePolicy,omitempty"`
	Template             struct {
		Spec podSpec `yaml:"spec"`
	} `yaml:"template"`
}

type failurePolicy struct {
	Rules []failureRule `yaml:"rules"`
}

type failureRule struct {
	Action          string         `yaml:"action"`
	OnExitCodes     *exitCodes     `yaml:"onExitCodes,omitempty"`
	OnPodConditions []podCondition `yaml:"onPodConditions,omitempty"`
}

type exitCodes struct {
	ContainerName string `yaml:"containerName"`
	Operator      string `yaml:"operator"`
	Values        []int  `yaml:"values"`
}

type podCondition struct {
	Type   string `yaml:"type"`
	Status string `yaml:"status"`
}

type podSpec struct {
	RestartPolicy   string      `yaml:"restartPolicy"`
	SecurityContext podSecurity `yaml:"securityContext"`
	Containers      []container `yaml:"containers"`
	Volumes         []volume    `yaml:"volumes"`
}

// podSecurity says as whom a pod runs, and whose its volumes are.
type podSecurity struct {
	RunAsNonRoot bool `yaml:"runAsNonRoot"`
	RunAsUser    int  `yaml:"runAsUser"`
	RunAsGroup   int  `yaml:"runAsGroup"`
	FSGroup      int  `yaml:"fsGroup"`
}

// configMap has one file.
type configMap struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Metadata   meta   `yaml:"metadata"`
	file       File   // documents writes it below data
}

type persistentVolumeClaim struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Metadata   meta   `yaml:"metadata"`
	Spec       struct {
		AccessModes []string `yaml:"accessModes"`
		Resources   struct {
			Requests quantities `yaml:"requests"`
		} `yaml:"resources"`
	} `yaml:"spec"`
}
