package export_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemas are the official ones, by kind; see testdata/schemas/README.md.
var schemas = map[string]string{"Job": "job", "ConfigMap": "configmap",
	"PersistentVolumeClaim": "persistentvolumeclaim", "Workflow": "workflow"}

// validate holds each object of a manifest against the official schema of its kind, and
// returns the objects.
func validate(t testing.TB, manifest []byte) (objects []map[string]any) {
	t.Helper()
	for doc := range bytes.SplitSeq(manifest, []byte("\n---\n")) {
		o, err := invalid(t, doc)
		if err != nil {
			t.Errorf("%v\n%s", err, doc)
		}
		objects = append(objects, o)
	}
	return objects
}

// invalid says what is wrong with one object.
func invalid(t testing.TB, doc []byte) (o map[string]any, err error) {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON(doc)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	o = v.(map[string]any)
	name, ok := schemas[o["kind"].(string)]
	if !ok {
		t.Fatalf("there is no schema for %v", o["kind"])
	}
	schema, err := compile[name]()
	if err != nil {
		t.Fatal(err)
	}
	return o, schema.Validate(v)
}

// compile reads a schema, once.
var compile = map[string]func() (*jsonschema.Schema, error){}

func init() {
	for _, name := range schemas {
		compile[name] = sync.OnceValues(func() (*jsonschema.Schema, error) {
			c := jsonschema.NewCompiler()
			c.DefaultDraft(jsonschema.Draft2020)
			return c.Compile(filepath.Join("testdata", "schemas", name+".json"))
		})
	}
}

// TestSchemasRefuse: what validates is held to something. An unknown field, a wrong
// word and a missing one are found at every depth.
func TestSchemasRefuse(t *testing.T) {
	job, workflow := string(indexedJob(t)), string(chaos(t, "leader-cut-off"))
	job = strings.Split(job, "\n---\n")[2]
	for _, tt := range []struct{ name, manifest, from, to string }{
		{"an unknown field of a Job", job, "completionMode:", "completionMood:"},
		{"an unknown field of a container", job, "image:", "picture:"},
		{"a number that is text", job, "completions: 3", "completions: three"},
		{"an unknown field of a workflow", workflow, "templateType: Suspend", "templateKind: Suspend"},
		{"an unknown action", workflow, "action: partition", "action: divide"},
		{"an unknown direction", workflow, "direction: both", "direction: all"},
		{"an unknown selector", workflow, "pods:", "members:"},
		{"a mode that is missing", workflow, "mode: all", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(tt.manifest, tt.from) {
				t.Fatalf("no %q in\n%s", tt.from, tt.manifest)
			}
			if _, err := invalid(t, []byte(strings.Replace(tt.manifest, tt.from, tt.to, 1))); err == nil {
				t.Errorf("%q in the place of %q is valid", tt.to, tt.from)
			}
		})
	}
}
