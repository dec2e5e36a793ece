// Command webengine builds what the page to play on needs to run the simulator in the browser: plots/page/engine as
// WebAssembly, compressed, and beside it the script by which Go's own programs start there, of the same Go. They are
// embedded in the program that is built after it.
//
// The same tree and version of Go give the same bytes on every machine.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "webengine:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("webengine", flag.ContinueOnError)
	tree := fs.String("tree", ".", "folder with the sources")
	out := fs.String("out", "", "folder for what is built (default: the one that is embedded, plots/page/wasm)")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() > 0 {
		return fmt.Errorf("webengine takes no arguments, but got %q", fs.Arg(0))
	}
	if *out == "" {
		*out = filepath.Join(*tree, "plots", "page", "wasm")
	}
	return build(ctx, *tree, *out)
}

// build builds both files.
func build(ctx context.Context, tree, out string) (err error) {
	work, err := os.MkdirTemp("", "quorumlab-webengine-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	raw := filepath.Join(work, "sim.wasm")
	if _, err := goCommand(ctx, tree, "build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags=-s -w -buildid=",
		"-o", raw, "./plots/page/engine"); err != nil {
		return err
	}
	root, err := goCommand(ctx, tree, "env", "GOROOT")
	if err != nil {
		return err
	}
	starter, err := os.ReadFile(filepath.Join(strings.TrimSpace(root), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return fmt.Errorf("this Go lacks what its programs need in browsers: %w", err)
	}
	program, err := os.ReadFile(raw)
	if err != nil {
		return err
	}
	packed, err := compressed(program)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	if err := write(filepath.Join(out, "wasm_exec.js"), starter); err != nil {
		return err
	}
	return write(filepath.Join(out, "sim.wasm.gz"), packed)
}

// write replaces a file, unless it is as it should be: then what was built of it is still good.
func write(path string, b []byte) error {
	if is, err := os.ReadFile(path); err == nil && bytes.Equal(is, b) {
		return nil
	}
	return os.WriteFile(path, b, 0o666)
}

func compressed(b []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(b); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// goCommand runs go for browsers, with nothing that a machine may have set otherwise. Its error has what go said.
func goCommand(ctx context.Context, tree string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = tree
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=js", "GOARCH=wasm", "GOWASM=", "GOFLAGS=", "GOEXPERIMENT=",
		"GOWORK=off")
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, strings.TrimSpace(said.String()))
	}
	return out.String(), nil
}
