package sandbox

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net"
	"strings"
	"sync"
	"testing"

	"quorumlab/sim/run"
)

// echo answers each line with itself.
func echo(_ context.Context, line string, _ bool) (Reply, error) {
	if line == "bad" {
		return Reply{}, run.BadInput("", "bad")
	}
	return Reply{Text: line}, nil
}

// FuzzControl sends bytes as they come: each line gets one answer, and what is not a request an error.
func FuzzControl(f *testing.F) {
	f.Add([]byte(`{"format":1,"line":"crash leader"}` + "\n"))
	f.Add([]byte(`{"format":1,"line":"bad"}` + "\n" + `{"format":2}` + "\n\n{}\n"))
	f.Add([]byte(`{"format":1,"line":` + "\n" + `[1]`))
	f.Add(bytes.Repeat([]byte("x"), maxRequest+1))
	f.Fuzz(func(t *testing.T, sent []byte) {
		ours, theirs := net.Pipe()
		c := &Control{do: echo, ctx: t.Context()}
		var work sync.WaitGroup
		work.Go(func() { c.serve(theirs); theirs.Close() })
		work.Go(func() {
			_, _ = ours.Write(append(bytes.ReplaceAll(sent, []byte{'\r'}, nil), '\n')) // it may have hung up
		})
		in := bufio.NewReader(ours)
		for line := range bytes.SplitSeq(bytes.ReplaceAll(sent, []byte{'\r'}, nil), []byte{'\n'}) {
			b, err := in.ReadBytes('\n')
			if err != nil {
				t.Fatalf("no answer to %q: %v", line, err)
			}
			var r answer
			if err := json.Unmarshal(b, &r); err != nil || r.Format != controlFormat {
				t.Fatalf("the answer %q: %v", b, err)
			}
			if len(line) >= maxRequest {
				break // and it hangs up
			}
			q, err := parseRequest(line)
			switch {
			case err != nil && (!r.Usage || r.Error == ""):
				t.Fatalf("%q was answered %q", line, b)
			case err == nil && q.Line != "bad" && r.Text != q.Line:
				t.Fatalf("%q was answered %q", line, b)
			}
		}
		ours.Close()
		work.Wait()
	})
}

// FuzzManifest reads what a data folder may hold.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"format":1,"etcd":"3.7.3","scenario":"","members":[{"name":"n1","folder":"member1"}]}`))
	f.Add([]byte(`{"format":1,"etcd":"3.7.3","members":[{"folder":"../../etc"}]}`))
	f.Add([]byte(`{"format":2}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var m manifest
		if err := m.parse(text); err != nil {
			return
		}
		for _, k := range m.Members {
			if strings.Contains(k.Folder, "..") && strings.HasPrefix(k.Folder, "..") && !strings.HasPrefix(k.Folder, "...") {
				t.Fatalf("the folder %q", k.Folder)
			}
		}
		_, _ = m.scenario(nil) // it may say what is wrong
	})
}
