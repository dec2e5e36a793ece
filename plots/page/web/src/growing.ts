// A run that grows at its end, piece by piece.

import type { Columns, Head, Run, Sentence } from "./record.ts";

// Growing joins pieces of a run. Its columns have room to spare, so that a piece costs what it brings.
export class Growing {
  private n = 0;
  private room = 0;
  private ev: Columns | null = null;
  private head: Head | null = null;
  private numbers = new Map<string, number>();

  // seq is the number of the last event.
  get seq(): number {
    return this.n > 0 ? this.ev!.seq[this.n - 1]! : 0;
  }

  get size(): number {
    return this.n;
  }

  // begin is from when on the events are complete.
  constructor(private begin: number) {}

  // add puts a piece at the end. Now is the time of the run; story are sentences to add to it.
  add(piece: Run, now: number, story: Sentence[]): void {
    const h = piece.head;
    if (!this.head) this.head = { ...h, begin: this.begin, strings: [""], story: [], lasting: [] };
    const head = this.head;
    if (!this.numbers.has("")) this.numbers.set("", 0);
    const strings = h.strings.map((s) => this.numbered(s));
    this.reserve(piece);
    const ev = this.ev!;
    for (const c of Object.keys(ev) as (keyof Columns)[]) ev[c].set(piece.ev[c], this.n);
    for (let i = this.n; i < this.n + piece.n; i++) {
      ev.key[i] = strings[ev.key[i]!] ?? 0;
      ev.note[i] = strings[ev.note[i]!] ?? 0;
    }
    this.n += piece.n;
    head.members = h.members;
    head.zones = h.zones;
    head.lasting.push(...h.lasting);
    head.story.push(...story);
    head.end = Math.max(head.end, now, this.n > 0 ? ev.at[this.n - 1]! : 0);
    head.events = this.n;
  }

  private numbered(s: string): number {
    let n = this.numbers.get(s);
    if (n === undefined) {
      n = this.head!.strings.length;
      this.numbers.set(s, n);
      this.head!.strings.push(s);
    }
    return n;
  }

  private reserve(piece: Run): void {
    if (this.n + piece.n <= this.room) return;
    this.room = Math.max(2 * this.room, this.n + piece.n, 4096);
    const bigger = {} as Record<string, unknown>;
    for (const c of Object.keys(piece.ev) as (keyof Columns)[]) {
      const made = new (piece.ev[c].constructor as { new (n: number): Columns[typeof c] })(this.room);
      if (this.ev) made.set(this.ev[c].subarray(0, this.n));
      bigger[c] = made;
    }
    this.ev = bigger as unknown as Columns;
  }

  // run is the run so far. It does not change when more is added.
  run(): Run {
    const ev = {} as Record<string, unknown>;
    for (const c of Object.keys(this.ev!) as (keyof Columns)[]) ev[c] = this.ev![c].subarray(0, this.n);
    return { head: { ...this.head! }, ev: ev as unknown as Columns, n: this.n };
  }
}
