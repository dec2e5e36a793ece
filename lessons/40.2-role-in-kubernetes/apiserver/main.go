// Command quorumlab-kubernetes runs the experiments of lesson 40.2: it is the storage side of a
// kube-apiserver, the real code of k8s.io/apiserver, on given etcd members.
//
//	echo '{"endpoints":["http://127.0.0.1:2379"]}' | quorumlab-kubernetes keys
//
// The request is one JSON value on standard input; see wire.go for its fields. The answer is lines of
// JSON on standard output, the last of which is the result. The program exits at the end of its input.
//
// It is a separate module, because the Kubernetes libraries would nearly double the size of
// quorumlab, and nothing in it needs quorumlab: the lesson's package starts the members, and knows
// only this program's output. One file is one experiment; they all build on server.go and cache.go.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"k8s.io/klog/v2"
)

// experiments by name. Each gives what it found, which becomes the result.
var experiments = map[string]func(ctx context.Context, t *talk) (any, error){
	"keys":       keys,
	"conflicts":  conflicts,
	"watch":      watches,
	"events":     events,
	"heartbeats": heartbeats,
	"secrets":    secrets,
	"cache":      cacheUse,
	"outage":     outage,
	"loop":       loop,
	"encryption": encryption,
	"settings":   settings,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program. It returns its exit code: 0 with a result, 1 without, 2 for bad usage.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) != 1 || experiments[args[0]] == nil {
		fmt.Fprintf(stderr, "usage: quorumlab-kubernetes EXPERIMENT < request.json\nexperiments are %s\n",
			strings.Join(slices.Sorted(maps.Keys(experiments)), ", "))
		return 2
	}
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t := &talk{out: json.NewEncoder(stdout)}
	if err := t.open(stdin, cancel); err != nil {
		fmt.Fprintf(stderr, "quorumlab-kubernetes: the request on standard input: %v\n", err)
		return 2
	}
	result, err := experiments[args[0]](ctx, t)
	if err == nil {
		err = t.write(line{Result: result})
	}
	if err != nil && ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		err = fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	if err != nil {
		fmt.Fprintf(stderr, "quorumlab-kubernetes %s: %v\n", args[0], err)
		return 1
	}
	return 0
}
