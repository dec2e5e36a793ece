package export_test

import (
	"fmt"
	"strings"
)

// inShort lists what a workflow waits for and what it breaks, in one line.
func inShort(workflow map[string]any) string {
	var parts []string
	for _, x := range workflow["spec"].(map[string]any)["templates"].([]any) {
		x := x.(map[string]any)
		line := fmt.Sprint(x["name"], " ", x["deadline"])
		switch {
		case x["networkChaos"] != nil:
			line += network(x["networkChaos"].(map[string]any))
		case x["podChaos"] != nil:
			o := x["podChaos"].(map[string]any)
			line += fmt.Sprint(" ", o["action"], " ", podsOf(o))
		case x["ioChaos"] != nil:
			o := x["ioChaos"].(map[string]any)
			line += fmt.Sprint(" ", o["action"], " ", podsOf(o), " ", o["methods"], " ", first(o["delay"], o["errno"]))
		case x["timeChaos"] != nil:
			o := x["timeChaos"].(map[string]any)
			line += fmt.Sprint(" clock ", podsOf(o), " ", o["timeOffset"])
		case x["templateType"] != "Suspend":
			continue
		}
		parts = append(parts, line)
	}
	return strings.Join(parts, "; ")
}

func network(o map[string]any) string {
	line := fmt.Sprint(" ", o["action"], " ", o["direction"], " ", podsOf(o), " > ", podsOf(o["target"].(map[string]any)))
	if d, ok := o["delay"].(map[string]any); ok {
		line += fmt.Sprint(" delay ", d["latency"], " ", d["jitter"])
	}
	for _, kind := range []string{"loss", "rate", "duplicate"} {
		if d, ok := o[kind].(map[string]any); ok {
			line += fmt.Sprint(" ", kind, " ", d[kind])
		}
	}
	return line
}

func podsOf(o map[string]any) string {
	names := o["selector"].(map[string]any)["pods"].(map[string]any)["default"].([]any)
	line := strings.Trim(fmt.Sprint(names), "[]")
	if c, ok := o["containerNames"]; ok {
		line += fmt.Sprint(" ", c)
	}
	return line
}

func first(values ...any) any {
	for _, v := range values {
		if v != nil {
			return v
		}
	}
	return nil
}
