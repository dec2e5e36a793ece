package export

import (
	"strconv"
	"time"
)

// What of Chaos Mesh's objects a workflow has, in the order in which people write it.

type workflow struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Metadata   meta   `yaml:"metadata"`
	Spec       struct {
		Entry     string     `yaml:"entry"`
		Templates []template `yaml:"templates"`
	} `yaml:"spec"`
}

type template struct {
	Name     string        `yaml:"name"`
	Type     string        `yaml:"templateType"`
	Deadline string        `yaml:"deadline,omitempty"`
	Children []string      `yaml:"children,omitempty"`
	Task     *task         `yaml:"task,omitempty"`
	Branches []branch      `yaml:"conditionalBranches,omitempty"`
	Network  *networkChaos `yaml:"networkChaos,omitempty"`
	Pod      *podChaos     `yaml:"podChaos,omitempty"`
	IO       *ioChaos      `yaml:"ioChaos,omitempty"`
	Time     *timeChaos    `yaml:"timeChaos,omitempty"`
}

type task struct {
	Container container `yaml:"container"`
	Volumes   []volume  `yaml:"volumes,omitempty"`
}

type branch struct {
	Target     string `yaml:"target"`
	Expression string `yaml:"expression"`
}

// pods are those that an object is about.
type pods struct {
	Mode       string   `yaml:"mode"`
	Selector   selector `yaml:"selector"`
	Containers []string `yaml:"containerNames,omitempty"`
}

type selector struct {
	Namespaces  []string            `yaml:"namespaces,omitempty"`
	Labels      map[string]string   `yaml:"labelSelectors,omitempty"`
	Expressions []labelIn           `yaml:"expressionSelectors,omitempty"`
	Pods        map[string][]string `yaml:"pods,omitempty"`
}

type labelIn struct {
	Key      string   `yaml:"key"`
	Operator string   `yaml:"operator"`
	Values   []string `yaml:"values"`
}

type networkChaos struct {
	Action    string `yaml:"action"`
	pods      `yaml:",inline"`
	Direction string     `yaml:"direction"`
	Target    *pods      `yaml:"target"`
	Delay     *delay     `yaml:"delay,omitempty"`
	Loss      *loss      `yaml:"loss,omitempty"`
	Duplicate *duplicate `yaml:"duplicate,omitempty"`
	Rate      *rate      `yaml:"rate,omitempty"`
}

type delay struct {
	Latency     string   `yaml:"latency"`
	Jitter      string   `yaml:"jitter,omitempty"`
	Correlation string   `yaml:"correlation,omitempty"`
	Reorder     *reorder `yaml:"reorder,omitempty"`
}

type reorder struct {
	Reorder     string `yaml:"reorder"`
	Correlation string `yaml:"correlation"`
	Gap         int    `yaml:"gap"`
}

type loss struct {
	Loss        string `yaml:"loss"`
	Correlation string `yaml:"correlation"`
}

type duplicate struct {
	Duplicate   string `yaml:"duplicate"`
	Correlation string `yaml:"correlation"`
}

type rate struct {
	Rate string `yaml:"rate"`
}

type podChaos struct {
	Action string `yaml:"action"`
	pods   `yaml:",inline"`
}

type ioChaos struct {
	Action  string `yaml:"action"`
	pods    `yaml:",inline"`
	Volume  string   `yaml:"volumePath"`
	Methods []string `yaml:"methods"`
	Delay   string   `yaml:"delay,omitempty"`
	Errno   int      `yaml:"errno,omitempty"`
	Percent int      `yaml:"percent"`
}

type timeChaos struct {
	pods   `yaml:",inline"`
	Offset string   `yaml:"timeOffset"`
	Clocks []string `yaml:"clockIds"`
}

// deadline is a time in Chaos Mesh's words: one number, one unit.
func deadline(d time.Duration) string {
	switch {
	case d%time.Second == 0:
		return strconv.FormatInt(int64(d/time.Second), 10) + "s"
	case d%time.Millisecond == 0:
		return strconv.FormatInt(int64(d/time.Millisecond), 10) + "ms"
	case d%time.Microsecond == 0:
		return strconv.FormatInt(int64(d/time.Microsecond), 10) + "us"
	}
	return strconv.FormatInt(int64(d), 10) + "ns"
}
