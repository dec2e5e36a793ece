// What runs a scenario for the page to play on: the simulator in a worker of the page (browser.ts), or the program that
// serves the page.

import { unpack, type Run } from "./record.ts";

// Request is a scenario as text and a statement to add to it; see package play.
export interface Request {
  scenario: string;
  at: number;
  do: string;
  challenge: string;
  trace?: boolean; // the trace is wanted, and not the run
}

// Challenge is a task: to bring a cluster into a state.
export interface Challenge {
  name: string;
  title: string;
  text: string;
  hints: string[];
  verbs: string[] | null;
  most: number;
}

export interface Verb {
  usage: string;
  about: string;
  example: string;
}

export interface Played {
  error: string;
  scenario: string;
  steps: { at: number; line: string }[];
  dropped: number;
  verbs: Verb[];
  goals: { text: string; ok: boolean }[];
  solved: boolean;
  run: Run | null; // null: there was an error
}

// Engine carries out requests, one at a time.
export interface Engine {
  play(q: Request, progress: (share: number) => void): Promise<Played>;
  // trace is the trace of a scenario's run, as quorumlab run writes it.
  trace(q: Request): Promise<Uint8Array<ArrayBuffer>>;
  // stop ends what is under way, whose promise is then broken.
  stop(): void;
}

// Asked is what the page says to its worker, and Answer what that says.
export type Asked = { what: "start"; module: WebAssembly.Module | null } | { what: "play"; request: Request; version: string };
export type Answer =
  | { what: "ready"; module: WebAssembly.Module }
  | { what: "progress"; share: number }
  | { what: "played"; played: Played }
  | { what: "trace"; bytes: Uint8Array<ArrayBuffer> }
  | { what: "failed"; why: string; over: boolean }; // over: the worker is of no use any more

export const stopped = "The run was stopped.";

// Served asks the program that serves the page.
export class Served implements Engine {
  private gone = new AbortController();

  constructor(private token: string) {}

  private async ask(q: Request): Promise<Uint8Array<ArrayBuffer>> {
    this.gone = new AbortController();
    const answer = await fetch("run", { method: "POST", headers: { "X-Token": this.token }, body: JSON.stringify(q),
      signal: this.gone.signal });
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
    return new Uint8Array(await answer.arrayBuffer());
  }

  async play(q: Request): Promise<Played> {
    const [head, rest] = headOf(await this.ask(q));
    return { ...head, run: head.error ? null : await unpack(rest) };
  }

  async trace(q: Request): Promise<Uint8Array<ArrayBuffer>> {
    const [head, rest] = headOf(await this.ask({ ...q, trace: true }));
    if (head.error) throw new Error(head.error);
    return rest;
  }

  stop(): void {
    this.gone.abort(new Error(stopped));
  }
}

// headOf takes an answer's bytes apart: what is said of the run, and the run or its trace.
export function headOf(bytes: Uint8Array<ArrayBuffer>): [Omit<Played, "run">, Uint8Array<ArrayBuffer>] {
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size))) as Omit<Played, "run">;
  return [head, bytes.subarray(4 + size)];
}
