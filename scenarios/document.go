package scenarios

import "reflect"

// Document is a YAML file that is not a scenario, read in the same way: a
// place for every problem, nothing guessed, nothing ignored.
type Document struct {
	src      *source
	root     *node
	problems []PlacedProblem
}

// FlagSetting is a value from the command line that overrides the file's.
type FlagSetting struct{ Flag, Path, Value string }

// ReadDocument fills into, a pointer to a struct with yaml tags as file.go has them, from
// a text after applying the settings. what names the kind of file in messages, in
// two words: "a plan". An error is an [*Error].
func ReadDocument(name, what string, text []byte, settings []FlagSetting, into any) (*Document, error) {
	text = withoutMark(text)
	d := &Document{src: newSource(name, string(text))}
	d.root, d.problems = readTree(d.src, string(text))
	if len(d.problems) == 0 {
		for _, s := range settings {
			d.problems = append(d.problems, d.root.setAs(s.Flag, s.Path+"="+s.Value, what)...)
		}
	}
	if len(d.problems) > 0 {
		return nil, d.Err()
	}
	dec := decoder{root: reflect.TypeOf(into).Elem(), whole: what}
	dec.into(into, d.root, what)
	d.problems = dec.problems
	return d, d.Err()
}

// Names lists the fields at the top that the text or a setting has.
func (d *Document) Names() (names []string) {
	for _, f := range d.root.fields {
		names = append(names, f.name)
	}
	return names
}

// Refuse records that the value at the path is wrong, or is missing there.
func (d *Document) Refuse(path string, err error) {
	d.problems = append(d.problems, d.root.find(path, 0).problem("%w", err))
}

// Err returns everything that is wrong, or nil.
func (d *Document) Err() error {
	if len(d.problems) == 0 {
		return nil
	}
	return report(d.src, d.problems)
}
