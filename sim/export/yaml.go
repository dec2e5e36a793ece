package export

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/goccy/go-yaml"

	"quorumlab/internal/text"
)

// documents writes Kubernetes objects one after the other, under lines of comment.
func documents(comment []string, objects ...any) ([]byte, error) {
	var b bytes.Buffer
	for _, line := range comment {
		b.WriteString(commentLine(line) + "\n")
	}
	for i, o := range objects {
		if i > 0 {
			b.WriteString("---\n")
		}
		object, err := yaml.MarshalWithOptions(o, yaml.IndentSequence(true), yaml.UseLiteralStyleIfMultiline(true))
		if err != nil {
			return nil, err
		}
		b.Write(object)
		if m, ok := o.(configMap); ok {
			b.WriteString("data:\n  " + key(m.file.Name) + ":" + fileText(m.file.Text, "    "))
		}
	}
	return b.Bytes(), nil
}

// commentLine is a line of comment, in YAML and for a shell. Whatever it tells does not end it.
func commentLine(line string) string { return strings.TrimRight("# "+text.ShownLine(line), " ") }

// key is a key in YAML.
func key(name string) string {
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == "" && name != "" {
		return name
	}
	return quoted(name)
}

// quoted is a string in JSON, which is one in YAML too, without what an editor would obey.
func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always can be
	return text.Shown(string(b))
}

// meta names a Kubernetes object.
type meta struct {
	Name      string            `yaml:"name"`
	Namespace string            `yaml:"namespace,omitempty"`
	Labels    map[string]string `yaml:"labels,omitempty"`
}

// container is what of Kubernetes' container an export writes.
type container struct {
	Name         string        `yaml:"name"`
	Image        string        `yaml:"image"`
	Command      []string      `yaml:"command"`
	Resources    *resources    `yaml:"resources,omitempty"`
	VolumeMounts []volumeMount `yaml:"volumeMounts,omitempty"`
}

type resources struct {
	Requests quantities `yaml:"requests,omitempty"`
	Limits   quantities `yaml:"limits,omitempty"`
}

type quantities struct {
	CPU     string `yaml:"cpu,omitempty"`
	Memory  string `yaml:"memory,omitempty"`
	Storage string `yaml:"storage,omitempty"`
}

type volumeMount struct {
	Name      string `yaml:"name"`
	MountPath string `yaml:"mountPath"`
	ReadOnly  bool   `yaml:"readOnly,omitempty"`
}

// volume is one of a pod's: just one source is set.
type volume struct {
	Name      string        `yaml:"name"`
	Claim     *claimVolume  `yaml:"persistentVolumeClaim,omitempty"`
	ConfigMap *meta         `yaml:"configMap,omitempty"`
	Secret    *secretVolume `yaml:"secret,omitempty"`
}

type claimVolume struct {
	ClaimName string `yaml:"claimName"`
}

type secretVolume struct {
	SecretName string `yaml:"secretName"`
}

// fileText is a file's text as a value in YAML, indented by some spaces. It must come out
// as it went in: a block where that is sure to keep it, else a quoted string.
func fileText(file, indent string) string {
	lines := strings.SplitAfter(file, "\n")
	body, end := lines[:len(lines)-1], lines[len(lines)-1]
	plain := len(body) > 0 && end == "" && body[len(body)-1] != "\n" && strings.TrimLeft(file, " \n") == file &&
		!strings.ContainsAny(file, "\r\t") && !strings.ContainsFunc(file, text.Obeyed)
	for _, l := range body {
		plain = plain && strings.TrimRight(l, " \n")+"\n" == l
	}
	if !plain {
		return " " + quoted(file) + "\n"
	}
	return " |\n" + indent + strings.TrimSuffix(strings.ReplaceAll(file, "\n", "\n"+indent), indent)
}
