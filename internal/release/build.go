package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// program is one that is released.
type program struct {
	name   string
	module string // its folder in the tree
	pkg    string // in the module
}

// programs are those in cmd, and the one of lesson 40.2, which is a module of its own.
func programs(tree string) (list []program, err error) {
	dirs, err := os.ReadDir(filepath.Join(tree, "cmd"))
	if err != nil {
		return nil, err
	}
	for _, d := range dirs {
		if d.IsDir() {
			list = append(list, program{d.Name(), ".", "./cmd/" + d.Name()})
		}
	}
	const kubernetes = "lessons/40.2-role-in-kubernetes/apiserver"
	if _, err := os.Stat(filepath.Join(tree, kubernetes)); err == nil {
		list = append(list, program{"quorumlab-kubernetes", kubernetes, "."})
	}
	return list, nil
}

// target is a system with its processor, in Go's names.
type target struct{ os, arch string }

var systems = map[string][]string{
	"linux": {"amd64", "arm64"}, "darwin": {"amd64", "arm64"}, "windows": {"amd64", "arm64"},
}

func parseTarget(name string) (target, error) {
	system, arch, _ := strings.Cut(name, "/")
	if !slices.Contains(systems[system], arch) {
		return target{}, fmt.Errorf(
			"target %q: use linux, darwin or windows with amd64 or arm64, like linux/amd64",
			name,
		)
	}
	return target{system, arch}, nil
}

func here() target { return target{runtime.GOOS, runtime.GOARCH} }

func (t target) String() string { return t.os + "_" + t.arch }

// file is the name of a program's file.
func (t target) file(name string) string {
	if t.os == "windows" {
		return name + ".exe"
	}
	return name
}

// env is what the go command builds for the target with: no C, and nothing that a machine may have set otherwise.
func (t target) env() []string {
	return []string{"CGO_ENABLED=0", "GOOS=" + t.os, "GOARCH=" + t.arch, "GOFLAGS=", "GOEXPERIMENT=", "GOAMD64=v1",
		"GOARM64=v8.0", "GOWORK=off"}
}

// build builds a program. Names of functions and lines stay for stack traces; tables for debuggers go.
func build(ctx context.Context, tree string, p program, t target, to string, env ...string) error {
	dir := filepath.Join(tree, p.module)
	_, err := output(ctx, dir, append(t.env(), env...), "go", "build", "-trimpath", "-buildvcs=false", "-mod=readonly",
		"-ldflags=-s -w -buildid=", "-o", to, p.pkg)
	return err
}

// output runs a command in a folder, with variables on top of the environment. Its error has what the command said.
func output(ctx context.Context, dir string, env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err,
			strings.TrimSpace(said.String()))
	}
	return out.Bytes(), nil
}

// copyTree copies the files of a tree that its repository has.
func copyTree(ctx context.Context, tree, to string) error {
	out, err := output(ctx, tree, nil, "git", "ls-files", "-z")
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		b, err := os.ReadFile(filepath.Join(tree, name))
		if errors.Is(err, os.ErrNotExist) {
			continue // it was removed, and that is not committed yet
		}
		if err != nil {
			return err
		}
		path := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			return err
		}
	}
	return nil
}
