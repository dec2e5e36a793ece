//go:build js && wasm

// Command engine is the simulator in a browser: package play, compiled to WebAssembly and run in a worker of the page
// to play on. It answers as the program that serves the page does, with the same bytes.
//
// It gives the worker one function, quorumlabPlay(request, version, progress): the request is JSON (play.Request), the
// answer is a Uint8Array (play.Game.Bytes), or a text that says what went wrong. The worker calls it again and again,
// and is ended when it takes too long: nothing here waits.
//
// internal/webengine builds it.
package main

import (
	"context"
	"encoding/json"
	"runtime/debug"
	"syscall/js"

	"quorumlab/plots/page/play"
)

// The memory of a worker is its own, and garbage is collected on the one thread that simulates: rarely pays off.
const (
	gcPercent = 400
	gcLimit   = 1 << 30 // bytes, from which on it is collected as often as needed
)

func main() {
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(gcLimit)
	js.Global().Set("quorumlabPlay", js.FuncOf(func(_ js.Value, args []js.Value) any {
		b, err := answer(args[0].String(), args[1].String(), args[2])
		if err != nil {
			return err.Error()
		}
		out := js.Global().Get("Uint8Array").New(len(b))
		js.CopyBytesToJS(out, b)
		return out
	}))
	select {}
}

func answer(request, version string, progress js.Value) ([]byte, error) {
	var q play.Request
	if err := json.Unmarshal([]byte(request), &q); err != nil {
		return nil, err
	}
	told := 0.0
	q.Progress = func(share float64) {
		if share >= told+0.02 { // more often, and telling would take longer than running
			told = share
			progress.Invoke(share)
		}
	}
	g, err := play.Do(context.Background(), version, q)
	if err != nil {
		return nil, err
	}
	return g.Bytes()
}
