package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"go.etcd.io/etcd/etcdutl/v3/snapshot"
	"go.uber.org/zap"

	"quorumlab/internal/helper"
)

// SnapshotTool runs etcd's own tool for snapshot files, etcdutl. It runs in a process of its own: it
// trusts what it reads, and a truncated file crashes the process that reads it. The program must call
// Main.
type SnapshotTool struct {
	// SkipHashCheck makes a restore accept a file without a checksum, or with a wrong one.
	SkipHashCheck bool
}

// ToolAnswer is what the tool said.
type ToolAnswer struct {
	// Refusal is its error; empty: it found nothing wrong.
	Refusal string `json:"refusal,omitempty"`
	// Died is the last message of a tool that crashed on the file; empty: it did not.
	Died string `json:"-"`

	// What a status counts.
	Revision int64  `json:"revision,omitempty"` // of the newest change
	Keys     int    `json:"keys,omitempty"`
	Hash     uint32 `json:"hash,omitempty"` // over all there is
}

// OK reports whether the tool found nothing wrong.
func (a ToolAnswer) OK() bool { return a.Refusal == "" && a.Died == "" }

// Status examines a file, as etcdutl snapshot status does. The error is that of running the tool, and
// ctx's; what it says of the file is in the answer.
func (t SnapshotTool) Status(ctx context.Context, file string) (ToolAnswer, error) {
	return runTool(ctx, toolRequest{File: file})
}

// Restore makes the data of a member that is a cluster of its own, as etcdutl snapshot restore does.
// dir must not exist yet. Errors are as for Status; a refused restore may leave a part of dir.
func (t SnapshotTool) Restore(ctx context.Context, file, dir string) (ToolAnswer, error) {
	return runTool(ctx, toolRequest{File: file, Dir: dir, SkipHashCheck: t.SkipHashCheck})
}

// toolRequest is what the tool's process is asked for: a restore if there is a folder, or else the
// status.
type toolRequest struct {
	File, Dir     string
	SkipHashCheck bool
}

// snapshotToolRole is the name of the tool among the helpers.
const snapshotToolRole = "snapshot-tool"

func runTool(ctx context.Context, q toolRequest) (a ToolAnswer, err error) {
	question, err := json.Marshal(q)
	if err != nil {
		return a, err
	}
	cmd, err := helper.Command(snapshotToolRole, "quorumlab: snapshot tool")
	if err != nil {
		return a, err
	}
	helper.DieWithParent(cmd)
	var out, words bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(question), &out, &words
	if err := startAndWait(ctx, cmd); err != nil {
		var ended *exec.ExitError
		if ctx.Err() != nil || !errors.As(err, &ended) {
			return a, fmt.Errorf("snapshot tool: %w", errors.Join(ctx.Err(), err))
		}
		a.Died = goPanic(words.String(), ended.ProcessState)
		return a, nil
	}
	return a, json.Unmarshal(out.Bytes(), &a)
}

// startAndWait runs a process until it ends or is killed because ctx does.
func startAndWait(ctx context.Context, cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() }) // it may be gone
	defer stop()
	return cmd.Wait()
}

// goPanic is the last word of a Go program, or only the way in which it ended.
func goPanic(stderr string, state *os.ProcessState) string {
	for text := range strings.Lines(stderr) {
		if strings.HasPrefix(text, "panic: ") || strings.HasPrefix(text, "fatal error: ") {
			return strings.TrimSpace(text)
		}
	}
	return fmt.Sprint("the process ended: ", state)
}

// snapshotToolMain is the tool's process.
func snapshotToolMain() int {
	var q toolRequest
	if err := json.NewDecoder(os.Stdin).Decode(&q); err != nil {
		return 2
	}
	a, err := q.do()
	if err != nil {
		a.Refusal = err.Error()
	}
	if err := json.NewEncoder(os.Stdout).Encode(a); err != nil {
		return 2
	}
	return 0
}

func (q toolRequest) do() (ToolAnswer, error) {
	tool := snapshot.NewV3(zap.NewNop())
	if q.Dir == "" {
		s, err := tool.Status(q.File)
		return ToolAnswer{Revision: s.Revision, Keys: s.TotalKey, Hash: s.Hash}, err
	}
	const peer = "http://127.0.0.1:2380" // is written down, and nobody listens
	return ToolAnswer{}, tool.Restore(snapshot.RestoreConfig{
		SnapshotPath: q.File, Name: "restored", OutputDataDir: q.Dir, PeerURLs: []string{peer},
		InitialCluster: "restored=" + peer, InitialClusterToken: "restored", SkipHashCheck: q.SkipHashCheck,
	})
}
