package lessons

import (
	"fmt"
	"reflect"

	"quorumlab/scenarios"
)

// Predictions lists the predictions of all steps, in order.
func (l *Lesson) Predictions() (all []*Prediction) {
	for i := range l.Steps {
		for k := range l.Steps[i].Predictions {
			all = append(all, &l.Steps[i].Predictions[k])
		}
	}
	return all
}

// ReadAnswers reads a file of answers to the lesson's predictions, in YAML: one line
// "PREDICTION: ANSWER" each. Unanswered predictions are left out. An error gives the
// place in the file, and what would be right.
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

// AnswerForm is an answer file that lists each prediction as a comment, with its
// possible answers.
func (l *Lesson) AnswerForm() []byte {
	text := fmt.Sprintf("# Predictions for lesson %s, %s.\n# Remove the # in front of a line and write your answer "+
		"after the colon;\n# then: quorumlab lesson run %s --answers FILE\n", l.ID, l.Title, l.ID)
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
