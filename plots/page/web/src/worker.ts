// The worker of the page to play on: it loads the simulator, package play as WebAssembly, and runs what it is asked for.
// The page ends it when it takes too long, and hands the compiled module to the next one.

import { headOf, type Answer, type Asked } from "./engine.ts";
import { decode } from "./record.ts";

interface Scope {
  onmessage: (e: MessageEvent<Asked>) => void;
  postMessage(answer: Answer, transfer?: Transferable[]): void;
  Go: new () => { importObject: WebAssembly.Imports; run(i: WebAssembly.Instance): Promise<void> };
  // quorumlabPlay is what the simulator gives: bytes, or what went wrong.
  quorumlabPlay(request: string, version: string, progress: (share: number) => void): Uint8Array<ArrayBuffer> | string;
}

declare function importScripts(...urls: string[]): void;

const scope = self as unknown as Scope;
let ready: Promise<void> | null = null;

// compiled loads the simulator. Some servers send what is compressed as such, and browsers unpack that themselves.
async function compiled(): Promise<WebAssembly.Module> {
  const answer = await fetch("sim.wasm.gz");
  if (!answer.ok) throw new Error(`sim.wasm.gz: ${answer.status} ${answer.statusText}`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return WebAssembly.compile(bytes);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compileStreaming(new Response(stream, { headers: { "Content-Type": "application/wasm" } }));
}

async function start(kept: WebAssembly.Module | null): Promise<void> {
  importScripts("wasm_exec.js");
  const module = kept ?? (await compiled());
  const go = new scope.Go();
  const ended = go.run(await WebAssembly.instantiate(module, go.importObject));
  void ended.then(() => scope.postMessage({ what: "failed", why: "the simulator has ended", over: true }));
  scope.postMessage({ what: "ready", module });
}

async function answer(q: Asked & { what: "play" }): Promise<void> {
  await ready;
  const bytes = scope.quorumlabPlay(JSON.stringify(q.request), q.version,
    (share) => scope.postMessage({ what: "progress", share }));
  if (typeof bytes === "string") throw new Error(bytes);
  const [head, rest] = headOf(bytes);
  if (head.error) return scope.postMessage({ what: "played", played: { ...head, run: null } });
  if (q.request.trace) return scope.postMessage({ what: "trace", bytes: rest.slice() });
  const run = decode(rest);
  scope.postMessage({ what: "played", played: { ...head, run } }, Object.values(run.ev).map((c) => c.buffer as ArrayBuffer));
}

scope.onmessage = (e) => {
  const q = e.data;
  const done = q.what === "start" ? (ready = start(q.module)) : answer(q);
  done.catch((x: unknown) => {
    const why = x instanceof Error ? x.message : String(x);
    scope.postMessage({ what: "failed", why, over: q.what === "start" || x instanceof WebAssembly.RuntimeError });
  });
};
