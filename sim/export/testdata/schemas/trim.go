//go:build ignore

// Command trim writes the schemas of this folder from the official ones, in the form
// that a JSON Schema validator reads: without descriptions, with unknown fields refused
// as kubectl does with --validate=strict, and without what no export writes.
//
//	go run trim.go
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
)

// The modules that hold the official schemas.
const (
	kubernetes = "k8s.io/kubernetes@v1.37.2"
	chaosMesh  = "github.com/chaos-mesh/chaos-mesh@v0.9.1-0.20260902003049-47411975a8cb"
)

// written are the kinds of templates that the export writes, beside chaos.
var written = []string{"name", "templateType", "deadline", "children", "conditionalBranches", "task",
	"networkChaos", "podChaos", "ioChaos", "timeChaos"}

type object = map[string]any

func main() {
	k := folder(kubernetes)
	batch := read(filepath.Join(k, "api/openapi-spec/v3/apis__batch__v1_openapi.json"))
	core := read(filepath.Join(k, "api/openapi-spec/v3/api__v1_openapi.json"))
	write("job.json", rooted(batch, "io.k8s.api.batch.v1.Job"))
	write("configmap.json", rooted(core, "io.k8s.api.core.v1.ConfigMap"))
	write("persistentvolumeclaim.json", rooted(core, "io.k8s.api.core.v1.PersistentVolumeClaim"))

	crd := read(filepath.Join(folder(chaosMesh), "config/crd/bases/chaos-mesh.org_workflows.yaml"))
	version := at(crd, "spec", "versions").([]any)[0].(object)
	schema := at(version, "schema", "openAPIV3Schema").(object)
	delete(at(schema, "properties").(object), "status")
	templates := at(schema, "properties", "spec", "properties", "templates", "items", "properties").(object)
	kept := object{}
	for _, name := range written {
		kept[name] = templates[name]
	}
	at(schema, "properties", "spec", "properties", "templates", "items").(object)["properties"] = kept
	write("workflow.json", strict(schema))
}

// folder downloads a module and returns where it is.
func folder(module string) string {
	out, err := exec.Command("go", "mod", "download", "-json", module).Output()
	check(err)
	var m struct{ Dir string }
	check(json.Unmarshal(out, &m))
	return m.Dir
}

// read reads JSON or YAML.
func read(path string) (o object) {
	b, err := os.ReadFile(path)
	check(err)
	if strings.HasSuffix(path, ".json") {
		check(json.Unmarshal(b, &o))
		return o
	}
	b, err = yaml.YAMLToJSON(b)
	check(err)
	check(json.Unmarshal(b, &o))
	return o
}

func at(o object, path ...string) any {
	var v any = o
	for _, p := range path {
		v = v.(object)[p]
	}
	return v
}

// rooted is a schema of a document with those that it refers to.
func rooted(doc object, name string) any {
	all := at(doc, "components", "schemas").(object)
	defs := object{}
	var add func(name string)
	add = func(name string) {
		if defs[name] != nil {
			return
		}
		defs[name] = strict(all[name])
		for _, r := range references(all[name]) {
			add(r)
		}
	}
	add(name)
	return object{"$ref": "#/$defs/" + name, "$defs": defs}
}

const components = "#/components/schemas/"

func references(v any) (names []string) {
	switch v := v.(type) {
	case object:
		if r, ok := v["$ref"].(string); ok {
			names = append(names, strings.TrimPrefix(r, components))
		}
		for _, x := range v {
			names = append(names, references(x)...)
		}
	case []any:
		for _, x := range v {
			names = append(names, references(x)...)
		}
	}
	return names
}

// strict takes the descriptions and the extensions out and refuses unknown fields.
func strict(v any) any {
	switch v := v.(type) {
	case object:
		return strictObject(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = strict(v[i])
		}
		return out
	case string:
		return strings.Replace(v, components, "#/$defs/", 1)
	}
	return v
}

func strictObject(o object) object {
	properties, has := o["properties"].(object)
	_, open := o["additionalProperties"]
	if has && !open && o["x-kubernetes-preserve-unknown-fields"] != true {
		o["additionalProperties"] = false
	}
	out := object{}
	for k, v := range o {
		_, text := v.(string)
		if k == "description" && text || k == "properties" || strings.HasPrefix(k, "x-") {
			continue
		}
		out[k] = strict(v)
	}
	if has {
		kept := object{}
		for name, p := range properties {
			kept[name] = strict(p)
		}
		out["properties"] = kept
	}
	return out
}

func write(name string, schema any) {
	b, err := json.MarshalIndent(schema, "", " ")
	check(err)
	check(os.WriteFile(name, append(b, '\n'), 0o666))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
