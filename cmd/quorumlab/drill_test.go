package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/internal/drill"
	"quorumlab/internal/postgres"
	"quorumlab/internal/postgres/postgrestest"
	"quorumlab/lessons"
	"quorumlab/sim/etcdsim/cluster"
)

// A drill's exit code, output and files say what came of it.
func TestDrill(t *testing.T) {
	if testing.Short() {
		t.Skip("package drill has race tests of its own")
	}
	h := postgrestest.Open(t)
	s := postgrestest.Start(t, h, "live")
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(s.Exec(t.Context(), "", "create table t as select generate_series(1, 10)"))
	backup := filepath.Join(h.Dir(), "monday")
	o, err := s.Run(t.Context(), postgres.Program("pg_basebackup", "-D", backup, "-c", "fast", "-X", "stream"))
	check(errors.Join(err, o.Failed()))
	t.Chdir(t.TempDir())
	for file, content := range map[string]string{
		"good.conf":  "backup = " + backup + "\nrto = 1h\nquery = postgres: select count(*) from t => 10\n",
		"wrong.conf": "backup = " + backup + "\nquery = postgres: select count(*) from t => 11\n",
		"none.conf":  "backup = good.conf\n",
	} {
		check(os.WriteFile(file, []byte(content), 0o600))
	}
	for _, c := range []struct {
		args string
		code int
		says []string
	}{
		{"drill good.conf --history h.jsonl --metrics m.prom --plot p.svg", exitGood, []string{"ok      right: ",
			"ok      postgres: select count(*) from t: 10\n", "ok      pg_verifybackup: ", "RTO ", "ok      rto: "}},
		{"drill wrong.conf --history h.jsonl --metrics m.prom --plot p.png", exitFailed, []string{"FAILED  wrong: ",
			"FAILED  postgres: select count(*) from t: 10, want 11\n"}},
		{"drill none.conf --history h.jsonl --plot p.svg", exitNotRestored, []string{"FAILED  not restored: ",
			"it is a file, and a base backup is a folder"}},
	} {
		var out, said bytes.Buffer
		code := execute(t.Context(), strings.Fields(c.args), streams{out: &out, err: &said})
		if code != c.code {
			t.Errorf("%s: exit code %d, want %d: %s%s", c.args, code, c.code, out.String(), said.String())
		}
		for _, want := range c.says {
			if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), strings.Join(strings.Fields(want), " ")) {
				t.Errorf("%s: %s lacks %s", c.args, out.String(), want)
			}
		}
	}
	history, err := os.ReadFile("h.jsonl")
	check(err)
	rs, err := drill.ReadHistory("h.jsonl", history)
	check(err)
	if len(rs) != 3 || rs[0].Outcome != drill.Right || rs[1].Outcome != drill.Wrong || rs[2].Outcome != drill.NotRestored {
		t.Errorf("the history is %s", history)
	}
	for file, begins := range map[string]string{"p.svg": "<?xml", "p.png": "\x89PNG", "m.prom": "# HELP " +
		"quorumlab_drill_"} {
		b, err := os.ReadFile(file)
		check(err)
		if !bytes.HasPrefix(b, []byte(begins)) {
			t.Errorf("%s begins with %.20q", file, b)
		}
	}
	var out bytes.Buffer
	if code := execute(t.Context(), []string{"drill", "none.conf", "--json"}, streams{out: &out,
		err: &bytes.Buffer{}}); code !=
		exitNotRestored {
		t.Errorf("exit code %d", code)
	}
	var r drill.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil || r.Outcome != drill.NotRestored || r.Why == "" {
		t.Errorf("%s: %v", out.String(), err)
	}
}

// The same for snapshots of etcd.
func TestDrillOfEtcd(t *testing.T) {
	if testing.Short() {
		t.Skip("real members have race tests of their own")
	}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(t.TempDir())
	t.Setenv("TMPDIR", t.TempDir())
	const keys = 50
	check(lessons.WithClient(t.Context(), lessons.Brisk(1), func(ctx context.Context, c *cluster.Real,
		cl *clientv3.Client) error {
		for i := range keys {
			if _, err := cl.Put(ctx, fmt.Sprint("/orders/", i), "value"); err != nil {
				return err
			}
		}
		_, err := c.Snapshot(ctx, 1, "whole.db")
		return err
	}))
	whole, err := os.ReadFile("whole.db")
	check(err)
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	encrypted := make([]byte, len(whole)) // as good as that
	for i := range encrypted {
		encrypted[i] = whole[i] ^ byte(i*i+3*i+1)
	}
	for file, content := range map[string][]byte{
		"cut.db": whole[:len(whole)/2], "flipped.db": flipped, "empty.db": nil, "foreign.db": []byte("PGDMP\x01\x0e\x00"),
		"encrypted.db": encrypted,
		"good.conf":    []byte("etcd = whole.db\nrevision = 50\nkey = /orders/7 => value\nkeys = /orders/ => 50\nrpo = 1h\n"),
		"wrong.conf": []byte("etcd = whole.db\nrevision = 5000\nkey = /orders/7 => other\nkey = /none => x\nkeys = " +
			"/orders/ " +
			"=> 51\nrto = 1us\n"),
	} {
		check(os.WriteFile(file, content, 0o600))
	}
	for _, c := range []struct {
		args string
		code int
		says []string
	}{
		{"drill good.conf", exitGood, []string{"ok      right: ", "all members agree", "ok      revision: 51",
			"ok      /orders/7: value", "ok      keys /orders/: 50"}},
		{"drill --etcd whole.db", exitGood, []string{"ok      right: whole.db"}},
		{"drill wrong.conf", exitFailed, []string{"FAILED  wrong: ", "FAILED  revision: 51, the snapshot is of 51, and at " +
			"least 5000 is wanted", "FAILED  /orders/7: value, want other", "FAILED  /none: there is no such key",
			"FAILED  keys /orders/: 50, want 51", "FAILED  rto: "}},
		{"drill --etcd cut.db", exitNotRestored, []string{"not a complete snapshot", "truncated"}},
		{"drill --etcd flipped.db", exitNotRestored, []string{"not a complete snapshot", "damaged"}},
		{"drill --etcd empty.db", exitNotRestored, []string{"not a complete snapshot"}},
		{"drill --etcd foreign.db", exitNotRestored, []string{"not a complete snapshot", "no database of etcd"}},
		{"drill --etcd encrypted.db", exitNotRestored, []string{"not a complete snapshot", "encrypted or compressed"}},
		{"drill --etcd nowhere.db", exitNotRestored, []string{"no such file"}},
		{"drill --etcd whole.db good.conf", exitUsage, nil},
		{"drill --etcd whole.db --keep kept", exitUsage, nil},
	} {
		var out, said bytes.Buffer
		code := execute(t.Context(), strings.Fields(c.args), streams{out: &out, err: &said})
		if code != c.code {
			t.Errorf("%s: exit code %d, want %d: %s%s", c.args, code, c.code, out.String(), said.String())
		}
		for _, want := range c.says {
			if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), strings.Join(strings.Fields(want), " ")) {
				t.Errorf("%s: %s lacks %s", c.args, out.String(), want)
			}
		}
	}
	if now, err := os.ReadFile("whole.db"); err != nil || !bytes.Equal(now, whole) {
		t.Errorf("the snapshot was changed, %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(os.TempDir(), "quorumlab-*")); err != nil || len(left) > 0 {
		t.Errorf("it leaves %q, %v", left, err)
	}
}
