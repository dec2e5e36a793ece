// What runs a scenario for the page to play on: the program that serves the page.

import { unpack, type Run } from "./record.ts";

// Request is a scenario as text and a statement to add to it; see package play.
export interface Request {
  scenario: string;
  at: number;
  do: string;
  challenge: string;
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

export type Engine = (q: Request) => Promise<Played>;

// served asks the program that serves the page.
export function served(token: string): Engine {
  return async (q) => {
    const answer = await fetch("run", { method: "POST", headers: { "X-Token": token }, body: JSON.stringify(q) });
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
    return read(new Uint8Array(await answer.arrayBuffer()));
  };
}

// read reads an answer's bytes.
export async function read(bytes: Uint8Array<ArrayBuffer>): Promise<Played> {
  const size = new DataView(bytes.buffer).getUint32(0);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size))) as Omit<Played, "run">;
  return { ...head, run: head.error ? null : await unpack(bytes.subarray(4 + size)) };
}
