package roleinkubernetes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"quorumlab/internal/helper"
	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// experiment is a run of the program on members that are started for it.
type experiment struct {
	name    string
	members int // 0: one
	quota   sim.Size
	request request
	// act does to the members what the program asks for; nil: it asks for nothing.
	act func(ctx context.Context, c *cluster.Real, what string) error
}

// run starts the members and the program, and reads its result into a pointer.
func (x experiment) run(ctx context.Context, env *lessons.Env, result any) error {
	env.Say("looking for %s", programName)
	program, err := findProgram(ctx)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(env.Dir, x.name+"-")
	if err != nil {
		return err
	}
	env.Say("starting etcd")
	return lessons.OnCluster(ctx, x.options(dir), func(c *cluster.Real) error {
		for _, m := range c.Members() {
			x.request.Endpoints = append(x.request.Endpoints, m.ClientURL())
		}
		x.request.Data = filepath.Join(dir, "member1", "data")
		return x.converse(ctx, env, program, dir, c, result)
	})
}

// options are those of members in processes of their own: so they die as processes do, and have
// metrics to themselves.
func (x experiment) options(dir string) cluster.Options {
	o := cluster.Options{
		Dir: dir, Processes: sim.ProcessOwn, Store: sim.StoreSpec{Quota: x.quota},
		Heartbeat: 50 * time.Millisecond, Election: 500 * time.Millisecond,
	}
	for i := range max(x.members, 1) {
		o.Names = append(o.Names, fmt.Sprintf("n%d", i+1))
	}
	return o
}

// converse runs the program: it gets the request, says what it does, asks for things to be done to the
// members, and tells its result.
func (x experiment) converse(ctx context.Context, env *lessons.Env, program, dir string, c *cluster.Real,
	result any) error {
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(running, program, x.name)
	cmd.Env = append(os.Environ(), "TMPDIR="+dir) // so that nothing is left even of one that is killed
	cmd.WaitDelay = 5 * time.Second
	helper.OwnGroup(cmd)
	var said tail
	cmd.Stderr = &said
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	told := x.listen(ctx, env, c, in, out, result)
	if told != nil {
		cancel()
	}
	in.Close()
	ended := cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case told == nil && ended == nil:
		return nil
	case said.String() != "":
		return errors.New(said.String())
	}
	return fmt.Errorf("%s %s returned no result: %w", programName, x.name, errors.Join(told, ended))
}

// listen reads lines until the result.
func (x experiment) listen(ctx context.Context, env *lessons.Env, c *cluster.Real, in io.Writer, out io.Reader,
	result any) error {
	if err := json.NewEncoder(in).Encode(x.request); err != nil {
		return err
	}
	lines := json.NewDecoder(out)
	for {
		var l struct {
			Say, Ask string
			Result   json.RawMessage
		}
		if err := lines.Decode(&l); err != nil {
			return err
		}
		switch {
		case l.Say != "":
			env.Say("%s", l.Say)
		case l.Ask != "":
			env.Say("%s", l.Ask)
			if err := x.act(ctx, c, l.Ask); err != nil {
				return err
			}
			if _, err := io.WriteString(in, "true\n"); err != nil {
				return err
			}
		case l.Result != nil:
			d := json.NewDecoder(bytes.NewReader(l.Result))
			d.DisallowUnknownFields()
			return d.Decode(result)
		}
	}
}

// tail keeps the last of what is written to it.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if over := len(t.b) - 2000; over > 0 {
		t.b = t.b[over:]
	}
	return len(p), nil
}

func (t *tail) String() string { return strings.TrimSpace(string(t.b)) }
