package lessons

import (
	"fmt"
	"reflect"

	"quorumlab/scenarios"
)

// Predictions lists the predictions of all steps, in their order.
func (l *Lesson) Predictions() (all []*Prediction) {
	for i := range l.Steps {
		for k := range l.Steps[i].Predictions {
			all = append(all, &l.Steps[i].Predictions[k])
		}
	}
	return all
}

// ReadAnswers reads a file of answers to the lesson's predictions, in YAML: a line
// "PREDICTION: ANSWER" each. Those that are not answered are left out. An error has the
// file's lines, and what would be right.
func (l *Lesson) ReadAnswers(name string, text []byte) (map[string]string, error) {
	all := l.Predictions()
	var fields []reflect.StructField
	for i, p := range all {
		fields = append(fields, reflect.StructField{
			Name: fmt.Sprintf("P%d", i), Type: reflect.TypeFor[string](),
			Tag: reflect.StructTag(fmt.Sprintf("yaml:%q", p.ID+",omitempty")),
		})
	}
	into := reflect.New(reflect.StructOf(fields))
	doc, err := scenarios.ReadDocument(name, "the answers", text, nil, into.Interface())
	if err != nil {
		return nil, err
	}
	answers := map[string]string{}
	for i, p := range all {
		answer := into.Elem().Field(i).String()
		if answer == "" {
			continue
		}
		if err := p.Accept(answer); err != nil {
			doc.Refuse(p.ID, err)
		}
		answers[p.ID] = answer
	}
	return answers, doc.Err()
}

// AnswerForm is a file of answers in which each prediction stands as a comment with the
// answers that it takes.
func (l *Lesson) AnswerForm() []byte {
	text := fmt.Sprintf("# Predictions for lesson %s, %s.\n# Take the # away before a line and write your answer behind the colon;\n# then: quorumlab lesson run %s --answers FILE\n", l.ID, l.Title, l.ID)
	for i := range l.Steps {
		text += "\n# " + l.Steps[i].Title + "\n"
		for _, p := range l.Steps[i].Predictions {
			text += "\n# " + p.Question + "\n"
			for _, c := range p.Choices {
				text += fmt.Sprintf("#   %s: %s\n", c.Value, c.Text)
			}
			text += fmt.Sprintf("#%s: \n", p.ID)
		}
	}
	return []byte(text)
}
