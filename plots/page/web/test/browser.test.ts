import assert from "node:assert/strict";
import { test } from "node:test";
import { Browser, Either, Unloadable, type Helper } from "../src/browser.ts";
import { stopped, type Answer, type Asked, type Engine, type Played, type Request } from "../src/engine.ts";

const q: Request = { scenario: "", at: 0, do: "", challenge: "" };
const played: Played = { error: "", scenario: "x", steps: [], dropped: 0, verbs: [], goals: [], solved: false, run: null };
const module = { name: "a compiled module" } as unknown as WebAssembly.Module;

// Told is a worker that says what it is told to.
class Told implements Helper {
  onmessage: ((e: MessageEvent<Answer>) => void) | null = null;
  onerror: ((e: ErrorEvent) => void) | null = null;
  asked: Asked[] = [];
  ended = false;
  postMessage(a: Asked): void {
    this.asked.push(a);
  }
  terminate(): void {
    this.ended = true;
  }
  say(data: Answer): void {
    this.onmessage!({ data } as MessageEvent<Answer>);
  }
}

function browser(most?: number): { engine: Browser; workers: Told[] } {
  const workers: Told[] = [];
  const engine = new Browser(() => {
    workers.push(new Told());
    return workers.at(-1)!;
  }, "v", most);
  return { engine, workers };
}

test("a worker is asked, tells its progress, and answers", async () => {
  const { engine, workers } = browser();
  const shares: number[] = [];
  const run = engine.play(q, (s) => shares.push(s));
  await assert.rejects(engine.play(q, () => undefined), /under way/);
  const w = workers[0]!;
  w.say({ what: "ready", module });
  w.say({ what: "progress", share: 0.5 });
  w.say({ what: "played", played });
  assert.equal((await run).scenario, "x");
  assert.deepEqual(shares, [0.5]);
  assert.deepEqual(w.asked, [{ what: "start", module: null }, { what: "play", request: q, version: "v" }]);
  const trace = engine.trace(q);
  w.say({ what: "trace", bytes: new Uint8Array([1]) });
  assert.deepEqual(await trace, new Uint8Array([1]));
  assert.equal(w.asked.length, 3);
});

test("a run that gives no sign is ended, and the next one has a worker with the compiled module", async () => {
  const { engine, workers } = browser(1);
  workers[0]!.say({ what: "ready", module });
  await assert.rejects(engine.play(q, () => undefined), /gave no sign/);
  assert.ok(workers[0]!.ended);
  const again = engine.play(q, () => undefined);
  assert.equal(workers.length, 2);
  workers[1]!.say({ what: "played", played });
  assert.equal((await again).scenario, "x");
  assert.deepEqual(workers[1]!.asked[0], { what: "start", module });
});

test("a run that is stopped is broken at once", async () => {
  const { engine, workers } = browser();
  workers[0]!.say({ what: "ready", module });
  const run = engine.play(q, () => undefined);
  engine.stop();
  await assert.rejects(run, { message: stopped });
  assert.ok(workers[0]!.ended && workers.length === 2);
  workers[0]!.onmessage = null;
  const next = engine.play(q, () => undefined);
  workers[1]!.say({ what: "played", played });
  assert.equal((await next).scenario, "x");
});

test("a simulator that crashes is started again", async () => {
  const { engine, workers } = browser();
  workers[0]!.say({ what: "ready", module });
  const run = engine.play(q, () => undefined);
  workers[0]!.say({ what: "failed", why: "unreachable", over: true });
  await assert.rejects(run, /unreachable/);
  const next = engine.play(q, () => undefined);
  workers[1]!.say({ what: "played", played });
  await next;
});

test("where the simulator can't be loaded the server runs it", async () => {
  const { engine, workers } = browser();
  let served = 0;
  const server: Engine = {
    play: async () => (served++, played), trace: async () => new Uint8Array([2]), stop: () => undefined,
  };
  const either = new Either(engine, server);
  const run = either.play(q, () => undefined);
  workers[0]!.say({ what: "failed", why: "no WebAssembly", over: true });
  assert.equal((await run).scenario, "x");
  assert.equal(served, 1);
  assert.deepEqual(await either.trace(q), new Uint8Array([2]));
  assert.equal(workers.length, 1);
  await assert.rejects(new Either({ ...server, play: () => Promise.reject(new Unloadable("no")) }, {
    ...server, play: () => Promise.reject(new Error("no server")) }).play(q, () => undefined), /no server/);
});
