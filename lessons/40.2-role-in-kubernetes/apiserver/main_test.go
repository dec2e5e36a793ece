package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"k8s.io/apiserver/pkg/storage/value"
)

// TestRefusals are requests that no experiment can be made of: exit code 2, and what would be right.
func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		in   string
		want string
	}{
		"no experiment": {nil, "", "usage: quorumlab-kubernetes EXPERIMENT < request.json\nexperiments are cache, " +
			"conflicts, "},
		"unknown experiment": {[]string{"leases"}, "", "experiments are "},
		"no request":         {[]string{"keys"}, "", "the request on standard input: EOF"},
		"no endpoints":       {[]string{"keys"}, "{}", `it has no "endpoints"`},
		"unknown field":      {[]string{"keys"}, `{"endpoint":"x"}`, `unknown field "endpoint"`},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			if code := run(t.Context(), c.args, strings.NewReader(c.in), &out, &errs); code != 2 {
				t.Errorf("exit code %d", code)
			}
			if !strings.Contains(errs.String(), c.want) || out.Len() > 0 {
				t.Errorf("got %q and %q, want %q", errs.String(), out.String(), c.want)
			}
		})
	}
}

// TestAsking holds that a question waits for its answer, and that the end of the input ends everything.
func TestAsking(t *testing.T) {
	in, replies := io.Pipe()
	var out bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	k := &talk{out: json.NewEncoder(&out)}
	go func() { _, _ = io.WriteString(replies, `{"endpoints":["http://127.0.0.1:1"]} true `) }()
	if err := k.open(in, cancel); err != nil {
		t.Fatal(err)
	}
	if err := k.ask(ctx, "all dead"); err != nil {
		t.Error(err)
	}
	if got := out.String(); got != `{"ask":"all dead"}`+"\n" {
		t.Errorf("wrote %q", got)
	}
	replies.Close()
	if err := k.ask(ctx, "all back"); err != context.Canceled {
		t.Errorf("after the end of the input: %v", err)
	}
}

// TestConfiguration holds that kube-apiserver's own code takes what is written here, and that the first
// provider writes.
func TestConfiguration(t *testing.T) {
	for first, c := range map[string]string{
		"k8s:enc:aesgcm:v1:key2:": configuration(provider{"key2"}, provider{"key1"}, provider{}),
		"plain":                   configuration(provider{}, provider{"key1"}),
	} {
		e, err := encrypter(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		out, err := e.TransformToStorage(t.Context(), []byte("plain"), value.DefaultContext("/x"))
		if err != nil || !strings.HasPrefix(string(out), first) {
			t.Errorf("written as %q, %v; want %s", out, err, first)
		}
	}
}

// TestRefusedConfiguration holds that the error is kube-apiserver's, without the name of a temporary file.
func TestRefusedConfiguration(t *testing.T) {
	short := strings.Replace(configuration(provider{"key1"}), aesKey("key1"), "c2hvcnQ=", 1)
	_, err := encrypter(t.Context(), short)
	if err == nil || !strings.Contains(err.Error(), "resources[0].providers[0].aesgcm.keys[0].secret") {
		t.Errorf("got %v", err)
	}
	_, err = encrypter(t.Context(), "kind: Nothing")
	if err == nil || strings.Contains(err.Error(), "/") && !strings.Contains(err.Error(), `"encryption.yaml"`) {
		t.Errorf("got %v", err)
	}
}

func TestBeginning(t *testing.T) {
	for want, v := range map[string]string{
		`k8s\x00`:                 "k8s\x00\n\x0c",
		"k8s:enc:aesgcm:v1:key1:": "k8s:enc:aesgcm:v1:key1:\x00:\x01",
		"":                        `{"kind":"Widget"}`,
	} {
		if got := beginning([]byte(v)); got != want {
			t.Errorf("%q begins with %q, want %q", v, got, want)
		}
	}
}

func TestKeys(t *testing.T) {
	for want, got := range map[string]string{
		"/pods/default/web-0":              pods.key("default", "web-0"),
		"/minions/node-1":                  nodes.key("", "node-1"),
		"/example.org/widgets/default/w-1": widgets.key("default", "w-1"),
		"/leases/kube-node-lease/node-1":   leases.key("kube-node-lease", "node-1"),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
