package lessons

import (
	"fmt"
	"regexp"
	"strings"
)

// Sections are the parts of a lesson's text. In the file they begin at comments, which
// Markdown does not show:
//
//	# What etcd is            the introduction, until the first comment
//	<!-- step: winners -->    before the run of step "winners"
//	<!-- after: winners -->   after it: what was seen, and why
//	<!-- task: NAME -->       what task NAME asks for
//	<!-- end -->              the summary
//
// Each step has a section before and one after its run, in the order of the steps; each
// task has one. A section may begin with a heading, for people who read the file: it is left
// out here, since steps and tasks have titles.
type Sections struct {
	Intro, End          string
	Before, After, Task map[string]string
}

var sectionMark = regexp.MustCompile(`(?m)^<!-- (?:(step|after|task): ([a-z0-9-]+)|(end)) -->\s*$`)

var leadingHeading = regexp.MustCompile(`^#+ .*\n?`)

// Sections divides the text. Errors: a section for something that the lesson does not have,
// out of order, twice, or missing.
func (l *Lesson) Sections() (*Sections, error) {
	s := &Sections{Before: map[string]string{}, After: map[string]string{}, Task: map[string]string{}}
	marks := sectionMark.FindAllStringSubmatchIndex(l.Text, -1)
	var found, want []string
	for i, m := range marks {
		end := len(l.Text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		if i == 0 {
			s.Intro = strings.TrimSpace(l.Text[:m[0]])
		}
		body := strings.TrimSpace(l.Text[m[1]:end])
		if m[6] >= 0 {
			s.End = body
			found = append(found, "end")
			continue
		}
		body = strings.TrimSpace(leadingHeading.ReplaceAllString(body, ""))
		kind, id := l.Text[m[2]:m[3]], l.Text[m[4]:m[5]]
		map[string]map[string]string{"step": s.Before, "after": s.After, "task": s.Task}[kind][id] = body
		found = append(found, kind+": "+id)
		if body == "" {
			return nil, fmt.Errorf("text: the section %q is empty", kind+": "+id)
		}
	}
	for _, st := range l.Steps {
		want = append(want, "step: "+st.ID, "after: "+st.ID)
	}
	for _, t := range l.Tasks {
		want = append(want, "task: "+t.ID)
	}
	want = append(want, "end")
	for i := range max(len(want), len(found)) {
		switch {
		case i >= len(found):
			return nil, fmt.Errorf("text: the section %q is missing", want[i])
		case i >= len(want):
			return nil, fmt.Errorf("text: unexpected section %q", found[i])
		case want[i] != found[i]:
			return nil, fmt.Errorf("text: found section %q, expected %q", found[i], want[i])
		}
	}
	return s, nil
}
