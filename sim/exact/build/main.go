// Command build builds the WebAssembly module that exact runs need: make wasm. It is called in the root of a checkout,
// with the file that gets it and the folder for what is made on the way.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"quorumlab/sim/exact/overlay"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := build(ctx, os.Args[1:]); err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "wasm:", err)
		os.Exit(1)
	}
}

func build(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: build FILE SCRATCH")
	}
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	scratch, err := filepath.Abs(args[1])
	if err != nil {
		return err
	}
	wasm, err := overlay.Build(ctx, root, scratch, nil)
	if err != nil {
		return err
	}
	if is, err := os.ReadFile(args[0]); err == nil && overlay.PackedAs(is, wasm) {
		return nil // packing takes longer than all else
	}
	packed, err := overlay.Pack(wasm)
	if err != nil {
		return err
	}
	if err := os.WriteFile(args[0], packed, 0o666); err != nil {
		return err
	}
	fmt.Printf("%s: %d kB\n", args[0], len(packed)/1000)
	return nil
}
