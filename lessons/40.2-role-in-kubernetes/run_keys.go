package roleinkubernetes

import (
	"context"
	"fmt"
	"strconv"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
)

// runKeys looks at what an API server keeps in etcd.
func runKeys(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	var r keysResult
	if err := (experiment{name: "keys"}).run(ctx, env, &r); err != nil {
		return nil, err
	}
	o := &lessons.Observations{}
	for _, x := range r.Objects {
		o.Tell(x.Resource+".key", x.Key, "the key in etcd")
		o.Tell(x.Resource+".encoding", x.Encoding, "the encoding of the value")
	}
	pod, last := r.Objects[0], r.Last
	o.Tell("value.prefix", unquoted(pod.Prefix), "the first bytes of a value")
	o.Tell("inside", orNone(pod.Inside), "the resourceVersion inside the stored value")
	o.Tell("version.is", sameVersions(append(r.Objects, last)), "what the client's resourceVersion is in etcd")
	o.Count("version.grew", versionNumber(r.Steps[2].Version)-versionNumber(r.Steps[0].Version),
		"increase from one change of the Pod to the next, with a ConfigMap change in between")
	o.Count("etcd.version", float64(last.Version), "how often the Pod's key was written, according to etcd")
	o.Tables = append(o.Tables, keysTable(r))
	return o, o.Draw(keysChart(r))
}

// sameVersions tells whether each client was told the revision of the object's last change.
func sameVersions(os []storedObject) string {
	for _, x := range os {
		if x.ResourceVersion != strconv.FormatInt(x.ModRevision, 10) {
			return "another number"
		}
	}
	return "mod_revision"
}

func versionNumber(s string) float64 {
	n, _ := strconv.ParseFloat(s, 64) // of what etcd counts in
	return n
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func unquoted(s string) string {
	if len(s) > 1 && s[0] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

func keysTable(r keysResult) lessons.Table {
	t := lessons.Table{
		Name: "keys", Title: "What an API server keeps in etcd",
		Head: []string{"key", "value", "bytes", "resourceVersion", "mod_revision"}, Exact: true,
	}
	for _, x := range r.Objects {
		t.Rows = append(t.Rows, []string{x.Key, x.Encoding, strconv.Itoa(x.Bytes), x.ResourceVersion,
			strconv.FormatInt(x.ModRevision, 10)})
	}
	return t
}

// keysChart shows each object as its client and as etcd sees it.
func keysChart(r keysResult) chart.Chart {
	m := chart.Matrix{
		Corner: "object", Remarks: "key in etcd",
		Columns: []string{"value begins with", "bytes", "client sees", "mod_revision in etcd", "inside the value"},
	}
	for _, x := range r.Objects {
		begins := unquoted(x.Prefix)
		if begins == "" {
			begins = "{ (" + x.Encoding + ")"
		}
		m.Rows = append(m.Rows, chart.MatrixRow{Name: x.Kind, Remark: x.Key, Cells: []chart.Cell{
			{Text: begins, Mood: chart.Neutral},
			{Text: strconv.Itoa(x.Bytes), Mood: chart.Neutral},
			{Text: "resourceVersion " + x.ResourceVersion, Mood: chart.Good},
			{Text: fmt.Sprint(x.ModRevision), Mood: chart.Good},
			{Text: orNone(x.Inside), Mood: chart.Partly},
		}})
	}
	return chart.Chart{
		Name: "keys", Title: "What an API server keeps in etcd", Subtitle: "written by the storage layer of " +
			"k8s.io/apiserver, read with an etcd client",
		About: "One row per object: how its value in etcd begins and how long it is, the resourceVersion that its client " +
			"saw, the key's mod_revision in etcd, and the resourceVersion inside the value.",
		Panels: []chart.Panel{m},
	}
}
