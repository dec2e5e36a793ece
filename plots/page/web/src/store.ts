// What is on the screen: a run, a moment, a speed, a selection. All views read these signals and nothing else.

import { batch, computed, signal } from "@preact/signals";
import { Film } from "./film.ts";
import type { State } from "./fold.ts";
import { next, previous, Scout, type Moments } from "./moments.ts";
import { lowerBound, nameOf, upperBound, type Run } from "./record.ts";

// Picked is what is selected: a member, an entry of the log, or an event by its place.
export type Picked = { what: "member"; member: number } | { what: "entry"; index: number } | { what: "event"; place: number };

// speeds are seconds of the run for a second of watching.
export const speeds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50];

// delay is how far behind the end of a run that grows the time stays, in nanoseconds.
const delay = 3e8;

// Jump is a kind of moment that one can jump to.
export type Jump = keyof Moments["jumps"];

// Viewer is a run on the screen.
export class Viewer {
  readonly run = signal<Run | null>(null);
  readonly t = signal(0);
  readonly place = signal(0); // how many events have happened at t: events at one time are told apart by it
  readonly playing = signal(false);
  readonly speed = signal(1);
  readonly picked = signal<Picked | null>(null);
  readonly moments = signal<Moments | null>(null);
  // tail says that the time follows the end of a run that grows. Whoever goes elsewhere leaves it.
  readonly tail = signal(false);
  readonly finding = signal(false); // the field for finding is open
  readonly helping = signal(false); // the keys are shown
  private film: Film | null = null;
  private scout = new Scout();

  // lens is the time that the space-time diagram shows: two seconds of watching, but no more than one can read.
  readonly lens = computed(() => Math.min(2e9 * this.speed.value, 4e8));

  // open takes another run; with tail the time stays at its end.
  open(run: Run, tail = false): void {
    batch(() => {
      this.film = new Film(run);
      this.scout = new Scout();
      this.run.value = run;
      this.moments.value = this.scout.see(run);
      if (this.picked.value?.what === "event") this.picked.value = null; // its place was one of another run
      this.seek(Math.min(this.t.value, run.head.end));
      this.tail.value = tail;
    });
  }

  // grow takes the same run with more at its end.
  grow(run: Run): void {
    batch(() => {
      this.film!.grow(run);
      this.run.value = run;
      this.moments.value = this.scout.see(run);
    });
  }

  // state is the run's state now. It is valid until t or place changes.
  state(): State {
    return this.film!.after(this.place.value);
  }

  // seek goes to a moment, after all that happened at it.
  seek(t: number): void {
    this.tail.value = false;
    this.move(t);
  }

  // pass lets time pass, in nanoseconds of watching. At the end of a run that grows it waits for more, a little behind
  // it, so that what is on its way is seen to move.
  pass(ns: number, grows: boolean): void {
    const end = this.run.value!.head.end;
    if (this.speed.value < 1) this.tail.value = false; // in slow motion it falls behind
    if (!this.tail.value) {
      this.move(this.t.value + ns * this.speed.value);
      if (this.t.value < end) return;
      if (grows) this.tail.value = true;
      else this.playing.value = false;
      return;
    }
    const behind = end - this.t.value;
    this.move(behind > 2 * delay ? end - delay : Math.min(this.t.value + ns, end));
  }

  private move(t: number): void {
    const run = this.run.value;
    if (!run) return;
    const at = Math.max(run.head.begin ?? 0, Math.min(t, run.head.end));
    batch(() => {
      this.t.value = at;
      this.place.value = upperBound(run.ev.at, at);
    });
  }

  // goTo goes to just after an event.
  goTo(place: number): void {
    const run = this.run.value;
    if (!run || place < 0 || place >= run.n) return;
    this.tail.value = false;
    batch(() => {
      this.t.value = run.ev.at[place]!;
      this.place.value = place + 1;
    });
  }

  // step goes one event on or back; with only, among those of the selection.
  step(by: 1 | -1, only: boolean): void {
    const run = this.run.value;
    if (!run) return;
    this.playing.value = false;
    const wanted = only ? this.concerns() : () => true;
    let p = this.place.value - 1 + by;
    while (p >= 0 && p < run.n && !wanted(p)) p += by;
    if (p >= 0 && p < run.n) this.goTo(p);
    else if (by < 0) batch(() => ((this.tail.value = false), (this.t.value = run.head.begin ?? 0), (this.place.value = 0)));
  }

  // concerns tells which events the selection is about; without one, which are messages.
  private concerns(): (place: number) => boolean {
    const ev = this.run.value!.ev;
    const p = this.picked.value;
    if (p?.what === "member") return (i) => ev.member[i] === p.member || ev.peer[i] === p.member;
    if (p?.what === "entry") return (i) => ev.index[i] === p.index;
    return (i) => ev.kind[i]! <= 3;
  }

  // jump goes to the next moment of a kind, or the one before, after all that happened at it.
  jump(kind: Jump, back = false): boolean {
    const run = this.run.value;
    const places = this.moments.value?.jumps[kind] ?? [];
    if (!run) return false;
    const p = back ? previous(places, lowerBound(run.ev.at, this.t.value)) : next(places, this.place.value - 1);
    if (p < 0) return false;
    this.playing.value = false;
    this.seek(run.ev.at[p]!);
    return true;
  }

  faster(by: 1 | -1): void {
    const i = speeds.findIndex((s) => s >= this.speed.value) + by;
    this.speed.value = speeds[Math.max(0, Math.min(i, speeds.length - 1))]!;
  }

  // hash is the link to what is on the screen.
  hash(): string {
    const run = this.run.value;
    const p = this.picked.value;
    let s = `#t=${Number((this.t.value / 1e9).toFixed(9))}s`;
    if (p?.what === "member" && run) s += `&on=${encodeURIComponent(nameOf(run, p.member))}`;
    if (p?.what === "entry") s += `&entry=${p.index}`;
    if (p?.what === "event" && run) s += `&event=${run.ev.seq[p.place]}`;
    if (this.speed.value !== 1) s += `&speed=${this.speed.value}`;
    return s;
  }

  // follow goes where a link leads; false: it is no link to a moment.
  follow(hash: string): boolean {
    const run = this.run.value;
    const q = new URLSearchParams(hash.replace(/^#/, ""));
    const t = /^([0-9]+(?:\.[0-9]+)?)s?$/.exec(q.get("t") ?? "");
    if (!run || !t) return false;
    batch(() => {
      this.seek(Number(t[1]) * 1e9);
      const speed = Number(q.get("speed"));
      if (speeds.includes(speed)) this.speed.value = speed;
      const member = run.head.members.indexOf(q.get("on") ?? "") + 1;
      const entry = Number(q.get("entry"));
      const place = q.has("event") ? placeOfSeq(run, Number(q.get("event"))) : -1;
      if (member > 0) this.picked.value = { what: "member", member };
      else if (entry > 0) this.picked.value = { what: "entry", index: entry };
      else if (place >= 0) this.picked.value = { what: "event", place };
    });
    return true;
  }
}

function placeOfSeq(run: Run, seq: number): number {
  const i = upperBound(run.ev.seq, seq) - 1;
  return i >= 0 && run.ev.seq[i] === seq ? i : -1;
}
