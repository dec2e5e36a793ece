// What is worked out once of a run: which sending belongs to which arrival, who led when, what is worth a jump.

import { Kind, Msg, Outcome, Role } from "./names.ts";
import { lowerBound, str, type Run } from "./record.ts";

export interface Span {
  from: number;
  to: number;
}

// Band is a statement of the script: a mark if it was over at once (to equals from).
export interface Band extends Span {
  text: string;
  failed: boolean;
  place: number;
}

// Reign is the time during which a member led, in its own view.
export interface Reign extends Span {
  member: number;
  term: number;
}

// Campaign is the time during which a member stood for election.
export interface Campaign extends Span {
  member: number;
  place: number;
}

// Wait is an operation that took remarkably long, or never got an answer.
export interface Wait extends Span {
  place: number;
  result: number;
}

export interface Moments {
  other: Int32Array; // the place of a message's other end, or of an operation's other half; -1: there is none
  bands: Band[];
  reigns: Reign[];
  campaigns: Campaign[];
  waits: Wait[];
  deadline: (member: number, heard: number) => number; // see Deadlines
  longest: number; // how long the longest message was under way
  jumps: { election: number[]; fault: number[]; loss: number[]; violation: number[] }; // places of events
}

export const momentsOf = (run: Run): Moments => new Scout().see(run);

// Scout works moments out of a run that may grow: what it was shown, it need not see again.
export class Scout {
  private m: Moments = {
    deadline: () => -1, other: new Int32Array(0), bands: [], reigns: [], campaigns: [], waits: [], longest: 0,
    jumps: { election: [], fault: [], loss: [], violation: [] },
  };
  private seen = 0;
  private sent = new Map<number, number>();
  private called = new Map<number, number>();
  private reign = new Map<number, Reign>();
  private campaign = new Map<number, Campaign>();
  private open = new Map<number, Band>();
  private waits = new Waits();

  // see takes what was added to the run since, and returns all there is. What has no end yet ends with the run.
  see(run: Run): Moments {
    const m = this.m;
    if (m.other.length < run.n) {
      const before = m.other;
      m.other = new Int32Array(Math.max(run.n, this.seen > 0 ? 2 * before.length : 0)).fill(-1);
      m.other.set(before);
    }
    const from = this.seen;
    this.seen = run.n;
    pair(run, m, from, this.sent, this.called);
    for (const spans of [this.reign, this.campaign, this.open]) for (const x of spans.values()) x.to = run.head.end;
    roles(run, m, from, this.reign, this.campaign);
    const deadlines = new Deadlines(run, m.campaigns);
    m.deadline = (member, heard) => deadlines.of(member, heard);
    script(run, m, from, this.open);
    m.waits = this.waits.see(run, m, from, this.called);
    m.jumps.violation = run.head.verdicts.filter((v) => v.state === "bad")
      .flatMap((v) => v.seqs.map((s) => placeOf(run, s)).filter((p) => p >= 0)).sort((a, b) => a - b);
    return { ...m };
  }
}

// placeOf is the place of an event by its number in the run; -1: the record lacks it.
export function placeOf(run: Run, seq: number): number {
  const i = lowerBound(run.ev.seq, seq);
  return i < run.n && run.ev.seq[i] === seq ? i : -1;
}

// pair finds the two ends of each message, and the two halves of each operation.
function pair(run: Run, m: Moments, from: number, sent: Map<number, number>, called: Map<number, number>): void {
  const { kind, id, at } = run.ev;
  for (let i = from; i < run.n; i++) {
    const k = kind[i]!;
    if (k === Kind.Sent) sent.set(id[i]!, i);
    else if (k === Kind.Call) called.set(id[i]!, i);
    else if (k === Kind.Delivered || k === Kind.Dropped) {
      if (k === Kind.Dropped) m.jumps.loss.push(i);
      const s = sent.get(id[i]!);
      if (s === undefined) continue;
      m.other[i] = s;
      if (m.other[s] === -1) m.other[s] = i; // a doubled message arrives twice: the first time counts
      m.longest = Math.max(m.longest, at[i]! - at[s]!);
    } else if (k === Kind.Return) {
      const c = called.get(id[i]!);
      if (c === undefined) continue;
      called.delete(id[i]!);
      m.other[i] = c;
      m.other[c] = i;
    }
  }
}

function roles(run: Run, m: Moments, from: number, reign: Map<number, Reign>, campaign: Map<number, Campaign>): void {
  const { kind, member, role, term, at } = run.ev;
  const close = (of: Map<number, Span>, who: number, t: number) => {
    const span = of.get(who);
    if (span) span.to = t;
    of.delete(who);
  };
  for (let i = from; i < run.n; i++) {
    const who = member[i]!;
    const t = at[i]!;
    switch (kind[i]) {
      case Kind.Crashed:
      case Kind.Panicked:
      case Kind.Started:
        close(reign, who, t);
        close(campaign, who, t);
        break;
      case Kind.State: {
        const r = role[i]!;
        const open = reign.get(who);
        if (open && (r !== Role.Leader || open.term !== term[i])) close(reign, who, t);
        const stands = r === Role.Candidate || r === Role.PreCandidate;
        if (!stands) close(campaign, who, t);
        if (stands && !campaign.has(who)) {
          const c = { member: who, from: t, to: run.head.end, place: i };
          campaign.set(who, c);
          m.campaigns.push(c);
          m.jumps.election.push(i);
        }
        if (r === Role.Leader && !reign.has(who)) {
          const x = { member: who, term: term[i]!, from: t, to: run.head.end };
          reign.set(who, x);
          m.reigns.push(x);
          m.jumps.election.push(i);
        }
      }
    }
  }
}

function script(run: Run, m: Moments, from: number, open: Map<number, Band>): void {
  const { kind, id, at, note } = run.ev;
  const lasting = new Set(run.head.lasting.map((l) => l.id));
  for (let i = from; i < run.n; i++) {
    const k = kind[i]!;
    const t = at[i]!;
    if (k === Kind.FaultBegun || k === Kind.FaultFailed) {
      const b = { from: t, to: t, text: str(run, note[i]!), failed: k === Kind.FaultFailed, place: i };
      m.bands.push(b);
      m.jumps.fault.push(i);
      if (k === Kind.FaultBegun && lasting.has(id[i]!)) {
        b.to = run.head.end;
        open.set(id[i]!, b);
      }
    } else if (k === Kind.FaultEnded) {
      const b = open.get(id[i]!);
      if (b) b.to = t;
      open.delete(id[i]!);
      m.jumps.fault.push(i);
    }
  }
}

// Deadlines tells when a member's election timer ran out. No event says which timeout a member drew; but if it stood for
// election, and nothing set the timer back in between, that is when.
class Deadlines {
  private known = new Map<number, { heard: number; at: number }>(); // by member: the last answer
  constructor(
    private run: Run,
    private campaigns: Campaign[],
  ) {}

  // of is when the timer that was set at heard ran out; -1: it did not, or the run does not say.
  of(member: number, heard: number): number {
    const k = this.known.get(member);
    if (k?.heard === heard) return k.at;
    const at = this.find(member, heard);
    this.known.set(member, { heard, at });
    return at;
  }

  private find(member: number, heard: number): number {
    const c = this.campaigns.find((x) => x.member === member && x.from > heard);
    if (!c || c.from - heard > 1.1 * this.run.head.longest) return -1;
    const { at, kind, msg, reject } = this.run.ev;
    for (let i = c.place - 1; i >= 0 && at[i]! > heard; i--) {
      if (this.run.ev.member[i] !== member) continue;
      const k = kind[i]!;
      const from = k === Kind.Delivered && (msg[i] === Msg.MsgApp || msg[i] === Msg.MsgHeartbeat || msg[i] === Msg.MsgSnap);
      const vote = k === Kind.Sent && msg[i] === Msg.MsgVoteResp && reject[i] === 0;
      const other = k === Kind.State || k === Kind.Started || k === Kind.Crashed || k === Kind.Panicked ||
        k === Kind.Paused || k === Kind.Resumed || (k === Kind.Delivered && msg[i] === Msg.MsgTimeoutNow);
      if (from || vote || other) return -1;
    }
    return c.from;
  }
}

// notable is how much longer than usual an operation takes before it counts as one that waited.
const notable = 10;

// Waits finds the operations that waited. What is usual is worked out again when the answers have doubled.
class Waits {
  private took: number[] = [];
  private least = 0;
  private known = 0; // how many answers the usual was worked out from
  private over: Wait[] = [];

  // see takes the events from a place on; pending are the calls without an answer.
  see(run: Run, m: Moments, from: number, pending: Map<number, number>): Wait[] {
    const { kind, at, result } = run.ev;
    const answered = (i: number) => kind[i] === Kind.Return && m.other[i]! >= 0;
    for (let i = from; i < run.n; i++) {
      if (answered(i) && result[i] === Outcome.Ok) this.took.push(at[i]! - at[m.other[i]!]!);
    }
    if (this.took.length >= 2 * this.known) {
      this.known = this.took.length;
      const sorted = Float64Array.from(this.took).sort();
      this.least = Math.max(notable * (sorted[sorted.length >> 1] ?? 0), 1e6);
      this.over = [];
      from = 0;
    }
    for (let i = from; i < run.n; i++) {
      if (!answered(i)) continue;
      const call = m.other[i]!;
      if (at[i]! - at[call]! >= this.least) this.over.push({ from: at[call]!, to: at[i]!, place: call, result: result[i]! });
    }
    const open = [...pending.values()].map((i) => ({ from: at[i]!, to: run.head.end, place: i, result: 0 }));
    return [...this.over, ...open.filter((w) => w.to - w.from >= this.least)].sort((a, b) => a.place - b.place);
  }
}

// next is the first place of a list after one, previous the last before it; -1: there is none.
export function next(places: number[], after: number): number {
  for (const p of places) if (p > after) return p;
  return -1;
}

export function previous(places: number[], before: number): number {
  for (let i = places.length - 1; i >= 0; i--) if (places[i]! < before) return places[i]!;
  return -1;
}
