// A running cluster: what the program that serves the page tells of it, and what it is told to do.

import { batch, signal } from "@preact/signals";
import { Growing } from "./growing.ts";
import { unpack, type Sentence } from "./record.ts";
import { Viewer } from "./store.ts";

// Status is what quorumlab do --json status prints.
export interface Status {
  name: string;
  leader: string;
  members: {
    name: string; client_url: string; state: string; term: number; leader: string; commit: number; answers: boolean;
    db: number; db_in_use: number; alarms: string[]; pid: number;
  }[];
  faults: { statement: string; since: number }[];
  load: { statement: string; since: number }[];
  operations: { ok: number; failed: number; unknown: number };
}

export interface Phrase {
  usage: string;
  about: string;
  example: string;
}

export interface Language {
  name: string;
  phrases: Phrase[];
  urls: string[];
}

// Exchange is a line that was said, and its answer.
export interface Exchange {
  number: number;
  line: string;
  text: string;
  error: string;
  done: boolean;
}

interface Piece {
  anew: boolean;
  begin: number;
  now: number;
  line: number;
  lines: { at: number; text: string }[];
  ended: boolean;
}

// mostEvents bounds what the page keeps: with more it begins anew with what the program still has.
const mostEvents = 400_000;

// mostExchanges is how many answers stay on the page.
const mostExchanges = 30;

// pause is how long the page waits between two pieces, so that few carry much.
const pause = 100;

const after = (ms: number) => new Promise((done) => setTimeout(done, ms));

// Cluster is the running cluster as the page has it.
export class Cluster {
  readonly viewer = new Viewer();
  readonly menu = signal<{ member: number; x: number; y: number } | null>(null);
  readonly busy = signal(false);
  readonly state = signal<"running" | "ended" | "lost">("running");
  readonly full = signal(false); // the page keeps no more while an older moment is looked at
  readonly status = signal<Status | null>(null);
  readonly exchanges = signal<Exchange[]>([]);
  readonly language = signal<Language>({ name: "", phrases: [], urls: [] });
  private run: Growing | null = null;
  private line = 0;
  private said = 0;

  constructor(private token: string) {}

  private async ask(what: string, asked: object): Promise<Response> {
    const r = await fetch(what, { method: "POST", headers: { "X-Token": this.token }, body: JSON.stringify(asked) });
    if (!r.ok) throw new Error((await r.text()).trim());
    return r;
  }

  // begin shows what there is so far.
  async begin(): Promise<void> {
    this.language.value = (await (await this.ask("language", {})).json()) as Language;
    await this.pull();
    this.viewer.playing.value = true;
    this.viewer.tail.value = true;
  }

  // follow takes what happens until the cluster has ended.
  async follow(): Promise<void> {
    this.state.value = "running";
    void this.watchStatus();
    try {
      while (this.running()) {
        await after(pause);
        if (this.run!.size > mostEvents && !this.viewer.tail.value) {
          this.full.value = true; // what is looked at must not go away
          continue;
        }
        this.full.value = false;
        await this.pull();
      }
    } catch {
      this.state.value = "lost";
    }
    if (!this.running()) this.viewer.tail.value = false;
  }

  private running(): boolean {
    return this.state.value === "running";
  }

  // pull gets the next piece.
  private async pull(): Promise<void> {
    const over = (this.run?.size ?? 0) > mostEvents;
    const seq = over ? 0 : (this.run?.seq ?? 0);
    const answer = await this.ask("watch", { seq, line: this.line });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const size = new DataView(bytes.buffer).getUint32(0);
    const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size))) as Piece;
    const piece = await unpack(bytes.subarray(4 + size));
    const story: Sentence[] = head.lines.map((l) => ({ at: l.at, text: l.text, seqs: [] }));
    const v = this.viewer;
    const old = v.run.value;
    this.line = head.line;
    batch(() => {
      if (!this.run || over || head.anew) {
        this.run = new Growing(head.begin);
        this.run.add(piece, head.now, [...(old?.head.story ?? []).slice(-500), ...story]);
        v.open(this.run.run(), v.tail.value);
      } else {
        this.run.add(piece, head.now, story);
        v.grow(this.run.run());
      }
      if (head.ended) this.state.value = "ended";
    });
  }

  // watchStatus asks once a second what only the members themselves know.
  private async watchStatus(): Promise<void> {
    while (this.running()) {
      try {
        if (!document.hidden) this.status.value = (await (await this.ask("status", {})).json()) as Status;
      } catch {
        this.status.value = null; // it is ending, or gone: follow says so
      }
      await after(1000);
    }
  }

  // live goes back to what happens now.
  live(): void {
    batch(() => {
      if (this.viewer.speed.value < 1) this.viewer.speed.value = 1;
      this.viewer.playing.value = true;
      this.viewer.tail.value = true;
    });
  }

  readonly can = (line: string): boolean => {
    const verb = line.split(" ")[0];
    return this.language.value.phrases.some((p) => p.usage.split(" ")[0] === verb);
  };

  // say has a line carried out, as quorumlab do does.
  readonly say = async (line: string): Promise<boolean> => {
    this.menu.value = null;
    const x: Exchange = { number: ++this.said, line, text: "", error: "", done: false };
    const show = () => {
      const others = this.exchanges.value.filter((o) => o.number !== x.number);
      this.exchanges.value = [...others, { ...x }].sort((a, b) => a.number - b.number).slice(-mostExchanges);
      this.busy.value = this.exchanges.value.filter((o) => !o.done).length >= 8;
    };
    show();
    try {
      const a = (await (await this.ask("say", { say: line })).json()) as { text: string; error: string };
      x.text = a.text;
      x.error = a.error;
    } catch (e) {
      x.error = e instanceof Error ? e.message : String(e);
    }
    x.done = true;
    show();
    return x.error === "";
  };

  // words lists what may follow the words of a line, according to the program.
  async words(words: string[]): Promise<string[]> {
    return ((await (await this.ask("words", { words })).json()) as { words: string[] }).words;
  }
}
