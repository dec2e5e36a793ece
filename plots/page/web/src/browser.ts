// The simulator in a worker of the page. A worker that says nothing for too long is ended, and another one started.

import { stopped, type Answer, type Asked, type Engine, type Played, type Request } from "./engine.ts";

// Helper is as much of a worker as is needed.
export interface Helper {
  onmessage: ((e: MessageEvent<Answer>) => void) | null;
  onerror: ((e: ErrorEvent) => void) | null;
  postMessage(asked: Asked): void;
  terminate(): void;
}

// Unloadable is the error of a simulator that this browser can't load.
export class Unloadable extends Error {}

// patience is for how long a run may give no sign of progress, in milliseconds: it has given up by itself long before
// if it has too many events.
const patience = 60_000;

export class Browser implements Engine {
  private helper: Helper | null = null;
  private module: WebAssembly.Module | null = null; // compiled once, for all workers
  private waiting: { done: (a: Answer) => void; failed: (e: Error) => void; progress: (share: number) => void } | null = null;
  private clock: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private make: () => Helper,
    private version: string,
    private most = patience,
  ) {
    this.start();
  }

  private start(): void {
    const helper = this.make();
    this.helper = helper;
    helper.onmessage = (e) => this.helper === helper && this.hear(e.data);
    helper.onerror = (e) => this.hear({ what: "failed", why: e.message || "the worker can't be started", over: true });
    helper.postMessage({ what: "start", module: this.module });
  }

  private hear(a: Answer): void {
    if (a.what === "ready") this.module = a.module;
    else if (a.what === "progress") this.waiting?.progress(a.share);
    else if (a.what === "failed") this.fail(this.module ? new Error(a.why) : new Unloadable(a.why), a.over);
    else {
      const w = this.waiting;
      this.waiting = null;
      w?.done(a);
    }
    this.watch();
  }

  // watch starts counting anew: the worker has given a sign. While the simulator is being loaded nothing counts.
  private watch(): void {
    clearTimeout(this.clock);
    if (!this.waiting || !this.module) return;
    this.clock = setTimeout(() => this.fail(new Error(`The run gave no sign for ${Math.round(this.most / 1000)} seconds ` +
      "and was ended. quorumlab run takes all the time that it needs."), true), this.most);
  }

  // fail breaks what is under way; over: with its worker.
  private fail(e: Error, over: boolean): void {
    clearTimeout(this.clock);
    if (over) {
      this.helper?.terminate();
      this.helper = null;
    }
    const w = this.waiting;
    this.waiting = null;
    w?.failed(e);
  }

  private ask(request: Request, progress: (share: number) => void): Promise<Answer> {
    if (this.waiting) return Promise.reject(new Error("Another run is under way."));
    if (!this.helper) this.start();
    return new Promise((done, failed) => {
      this.waiting = { done, failed, progress };
      this.helper!.postMessage({ what: "play", request, version: this.version });
      this.watch();
    });
  }

  async play(q: Request, progress: (share: number) => void): Promise<Played> {
    const a = await this.ask(q, progress);
    if (a.what !== "played") throw new Error("the simulator gave something else than a run");
    return a.played;
  }

  async trace(q: Request): Promise<Uint8Array<ArrayBuffer>> {
    const a = await this.ask({ ...q, trace: true }, () => undefined);
    if (a.what === "played") throw new Error(a.played.error);
    if (a.what !== "trace") throw new Error("the simulator gave something else than a trace");
    return a.bytes;
  }

  stop(): void {
    if (this.waiting) this.fail(new Error(stopped), true);
    if (!this.helper) this.start(); // while the visitor looks on
  }
}

// Either runs in the browser, and if that can't load the simulator, on the program that serves the page.
export class Either implements Engine {
  constructor(
    private engine: Engine,
    private other: Engine,
  ) {}

  private async first<T>(ask: (e: Engine) => Promise<T>): Promise<T> {
    try {
      return await ask(this.engine);
    } catch (e) {
      if (!(e instanceof Unloadable)) throw e;
      this.engine = this.other;
      return ask(this.engine);
    }
  }

  play(q: Request, progress: (share: number) => void): Promise<Played> {
    return this.first((e) => e.play(q, progress));
  }

  trace(q: Request): Promise<Uint8Array<ArrayBuffer>> {
    return this.first((e) => e.trace(q));
  }

  stop(): void {
    this.engine.stop();
  }
}
