package scenarios_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"quorumlab/scenarios"
)

func TestSchemaIsUpToDate(t *testing.T) {
	golden(t, "schema.json", string(scenarios.GenerateSchema(t)))
	if !*update && !bytes.Equal(scenarios.Schema(), scenarios.GenerateSchema(t)) {
		t.Error("Schema() is not schema.json")
	}
}

func TestLibraryFitsTheSchema(t *testing.T) {
	for _, e := range scenarios.Library() {
		if err := validate(t, e.Text); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
	}
}

// What is wrong with the structure, an editor shows by the schema; what is wrong
// with a meaning (a member that is not there) only Parse can tell.
func TestSchemaRefusesBrokenStructure(t *testing.T) {
	meaning := strings.Fields("unknown-member unknown-zone times no-load Bad-Name other-name two-documents long-line cr " +
		"tls-alone alerts alerts-off alerts-slow")
	notYAML := strings.Fields("not-yaml brackets colon tab twice aliases deep")
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		if slices.Contains(notYAML, name) {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		bad := validate(t, text) != nil
		if want := !slices.Contains(meaning, name); bad != want {
			t.Errorf("%s: the schema refuses it: %v, want %v", name, bad, want)
		}
	}
}

// validate judges a YAML text by the schema.
func validate(t *testing.T, text []byte) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(scenarios.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}
