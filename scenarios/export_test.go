package scenarios

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/invopop/jsonschema"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// GenerateSchema makes schema.json from the file's types and their comments. It is
// part of the tests, so that the program needs no Go source.
func GenerateSchema(t *testing.T) []byte {
	t.Helper()
	comments := fieldComments(t)
	r := jsonschema.Reflector{
		FieldNameTag:   "yaml",
		Anonymous:      true,
		ExpandedStruct: true,
		Mapper:         reference,
		Namer:          nameOf,
		LookupComment: func(t reflect.Type, field string) string {
			if t == reflect.TypeFor[sim.MemberSettings]() && field != "" {
				return describeOwn(t, field)
			}
			if path, ok := settingsOf[t]; ok && field != "" {
				return describe(t, path, field)
			}
			return comments[t.Name()+"."+field]
		},
	}
	s := r.ReflectFromType(reflect.TypeFor[file]())
	s.Title = "A quorumlab scenario"
	for _, inner := range []any{member{}} { // those that stand behind a choice
		def := r.Reflect(inner)
		def.Version, def.Definitions = "", nil
		s.Definitions[reflect.TypeOf(inner).Name()] = def
	}
	for typ, def := range custom() {
		s.Definitions[typ.Name()] = def
	}
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

// settingsOf are the groups whose fields sim/settings.go declares, by their paths.
var settingsOf = map[reflect.Type]string{
	reflect.TypeFor[cluster]():       "cluster",
	reflect.TypeFor[disk]():          "cluster.disk",
	reflect.TypeFor[sim.StoreSpec](): "cluster.store",
	reflect.TypeFor[sim.TLSSpec]():   "cluster.tls",

	reflect.TypeFor[sim.ReconfigRules](): "cluster",
}

// describe is the text of a field that is a setting.
func describe(t reflect.Type, path, field string) string {
	f, _ := t.FieldByName(field)
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	s, ok := sim.SettingNamed(path + "." + name)
	if !ok {
		panic("sim/settings.go declares no " + path + "." + name)
	}
	return s.Describe()
}

// describeOwn is the text of a setting that a member may have of its own.
func describeOwn(t reflect.Type, field string) string {
	f, _ := t.FieldByName(field)
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	s, ok := sim.MemberSettingNamed(name)
	if !ok {
		panic("sim/settings.go declares no setting " + name + " of members")
	}
	s.Default, s.PerMember = "the cluster's", false
	return s.Describe()
}

// nameOf is a type's name in the schema: the file's, where the type is another package's.
func nameOf(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[sim.StoreSpec]():
		return "store"
	case reflect.TypeFor[sim.TLSSpec]():
		return "encryption"
	case reflect.TypeFor[time.Duration]():
		return "duration"
	case reflect.TypeFor[sim.Distribution]():
		return "distribution"
	}
	return t.Name()
}

// fieldComments are the comments in file.go, values.go and where sim declares a group by TYPE.FIELD.
func fieldComments(t *testing.T) map[string]string {
	comments := map[string]string{}
	for _, name := range []string{"file.go", "values.go", "../sim/habits.go", "../sim/places.go", "../sim/bursts.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if group, ok := spec.Type.(*ast.StructType); ok {
				for _, field := range group.Fields.List {
					if len(field.Names) == 0 {
						continue // of another package
					}
					comments[spec.Name.Name+"."+field.Names[0].Name] = strings.Join(strings.Fields(field.Doc.Text()), " ")
				}
			}
			return true
		})
	}
	return comments
}

// reference points to the schema of a type that custom has; nil leaves the type to
// the reflector.
func reference(t reflect.Type) *jsonschema.Schema {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == reflect.TypeFor[time.Duration]() {
		t = reflect.TypeFor[duration]()
	}
	if t == reflect.TypeFor[sim.Distribution]() {
		t = reflect.TypeFor[distribution]()
	}
	switch t {
	case reflect.TypeFor[sim.OpRate]():
		t = reflect.TypeFor[rate]()
	case reflect.TypeFor[sim.Endpoints]():
		t = reflect.TypeFor[group]()
	}
	switch t {
	case reflect.TypeFor[sim.OnByDefault]():
		return &jsonschema.Schema{Type: "boolean"}
	case reflect.TypeFor[sim.Skew]():
		return &jsonschema.Schema{Type: "number"}
	case reflect.TypeFor[sim.TTL]():
		return ref("duration")
	case reflect.TypeFor[sim.LearnerLimit]():
		return &jsonschema.Schema{Type: "integer"}
	}
	if _, ok := custom()[t]; ok {
		return ref(nameOf(t))
	}
	return nil
}

func ref(name string) *jsonschema.Schema { return &jsonschema.Schema{Ref: "#/$defs/" + name} }

// custom are the schemas of the values that a file writes in a way of their own.
func custom() map[reflect.Type]*jsonschema.Schema {
	two := uint64(2)
	const unit = `([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+`
	return map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[duration](): textLike("^("+unit+"|0)$", "a time", "5s", "300us"),
		reflect.TypeFor[distribution](): oneOf(
			textLike(`^(`+unit+`|0)(\.\.`+unit+`)?$|^p[0-9.]+ `+unit+`( p[0-9.]+ `+unit+`)+( max `+unit+`)?$`,
				"a time, a uniform range, or quantiles", "5ms", "2ms..5ms", "p50 2ms p99 8ms", "p50 2ms p95 8ms p99.9 1s"),
			&jsonschema.Schema{Type: "object", MinProperties: &two, AdditionalProperties: jsonschema.FalseSchema,
				PatternProperties: map[string]*jsonschema.Schema{`^(p[0-9]+(\.[0-9]+)?|max)$`: ref("duration")},
				Description:       "quantiles like p50, p99 and p99.9, and max"}),
		reflect.TypeFor[members](): oneOf(
			&jsonschema.Schema{Type: "integer", Minimum: "1", Maximum: json.Number(fmt.Sprint(sim.MaxMembers))},
			&jsonschema.Schema{Type: "array", Items: ref("member")}),
		reflect.TypeFor[rate]():      textLike(`^[0-9]+/s$`, "operations a second", "200/s"),
		reflect.TypeFor[role]():      words("voter", "learner"),
		reflect.TypeFor[group]():     textLike(`\S`, "members: "+sim.SelectorHelp, "n1 n2", "zone a"),
		reflect.TypeFor[sim.Share](): textLike(`^[0-9.]+%$`, "a share", "5%"),
		reflect.TypeFor[sim.Size]():  textLike(`^[0-9.]+([kKMG]?B|[KMG]iB)$`, "a size", "256B", "2GiB"),
		reflect.TypeFor[sim.Sizes](): textLike(`^[0-9.]+([kKMG]?B|[KMG]iB)(\.\.[0-9.]+([kKMG]?B|[KMG]iB))?$|`+
			`^p[0-9.]+ \S+( (p[0-9.]+|max) \S+)+$`, "a size, a uniform range, or quantiles", "256B", "64B..4KiB",
			"p50 256B p99 64KiB max 1MiB"),
		reflect.TypeFor[sim.AutoCompaction](): oneOf(
			textLike("^(off|"+unit+")$", "off, or a period", "off", "5s"),
			&jsonschema.Schema{Type: "integer", Minimum: "1"}),
		reflect.TypeFor[sim.ReadMode](): words(string(sim.ReadLinearizable), string(sim.ReadLease),
			string(sim.ReadSerializable)),
		reflect.TypeFor[statement](): statements(),
		reflect.TypeFor[reading](): textLike(`^\s*[a-z0-9.-]+`, "MEASURE[FROM..TO], or a comparison of one: "+
			"MEASURE[FROM..TO] OP VALUE", "failover", "writes.ok[6s..14s]", "elections.failed >= 1"),
		reflect.TypeFor[expectation](): textLike(`^\s*(not\s+)?[a-z0-9-]+\s*$|(==|!=|<=|>=|<|>)\s*[0-9]|`+
			`^\s*(refused|failed|unfinished|undone|not-done)\s+\S`,
			"CHECK, not CHECK (the scenario breaks it on purpose), MEASURE[FROM..TO] OP VALUE, or what becomes of a "+
				"statement that is not carried out: refused STATEMENT, failed STATEMENT, unfinished STATEMENT, "+
				"undone STATEMENT, not-done STATEMENT; any is every statement",
			"linearizable", "leaderless.longest[20s..30s] <= 3s", "refused compact 1000000"),
	}
}

func statements() *jsonschema.Schema {
	var names, usages []string
	for _, v := range script.Verbs() {
		names = append(names, v.Name)
		usages = append(usages, v.Usage()+": "+v.About)
	}
	return textLike(`^\s*(`+strings.Join(names, "|")+`)(\s|$)`, "MEMBERS are "+sim.SelectorHelp+".\n\n"+
		strings.Join(usages, "\n\n"))
}

func textLike(pattern, description string, examples ...any) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: pattern, Description: description, Examples: examples}
}

func words(ws ...any) *jsonschema.Schema { return &jsonschema.Schema{Type: "string", Enum: ws} }

func oneOf(schemas ...*jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{OneOf: schemas}
}
