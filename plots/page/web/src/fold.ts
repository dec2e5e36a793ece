// The state of a run at a moment: a pure fold over its events. Nothing here knows of pictures, and nothing of
// earlier or later moments is kept but what the events said.

import { Kind, Msg, Role } from "./names.ts";
import type { Run } from "./record.ts";

// The states of a member's process. Absent: not started yet, or removed from the cluster.
export const Life = { absent: 0, running: 1, paused: 2, down: 3 } as const;

// Stretch is entries of one term in a row, from and to included. Term 0: the member kept them from before the run,
// and the trace does not say of which term they are.
export interface Stretch {
  from: number;
  to: number;
  term: number;
}

// Member is what the trace says of a member.
export class Member {
  life: number = Life.absent;
  role: number = Role.Follower;
  term = 0;
  leader = 0; // whom it takes for the leader; 0: it knows none
  vote = 0; // whom it voted for in its term, as far as messages told; 0: nobody
  votes: number[] = []; // of a candidate: who is known to have voted for it, itself included
  heard = 0; // when its election timer was last set back
  first = 1; // the first entry that its log still holds
  log: Stretch[] = []; // in order, without gaps
  commit = 0;
  applied = 0;
  synced = 0; // its log is on disk up to here
  writing = 0; // writes to the disk that are under way
  revision = 0; // of its store
  removed = false;
  match: number[] = []; // of a leader: what each member is known to have, by member
  next: number[] = []; // of a leader: what it will send next

  copy(): Member {
    const m = Object.assign(new Member(), this);
    m.log = this.log.map((s) => ({ ...s }));
    m.votes = this.votes.slice();
    m.match = this.match.slice();
    m.next = this.next.slice();
    return m;
  }

  get last(): number {
    return this.log.length > 0 ? this.log[this.log.length - 1]!.to : this.first - 1;
  }

  // append puts an entry behind the log, or in place of one that is there.
  append(index: number, term: number): void {
    if (index <= this.last) this.truncate(index);
    const end = this.log[this.log.length - 1];
    if (end && end.term === term && end.to === index - 1) {
      end.to = index;
      return;
    }
    if (!end) this.first = index;
    else if (end.to < index - 1) this.log.push({ from: end.to + 1, to: index - 1, term: 0 });
    this.log.push({ from: index, to: index, term });
  }

  // truncate removes the entries from index on.
  truncate(index: number): void {
    while (this.log.length > 0 && this.log[this.log.length - 1]!.from >= index) this.log.pop();
    const end = this.log[this.log.length - 1];
    if (end && end.to >= index) end.to = index - 1;
    this.synced = Math.min(this.synced, index - 1);
  }

  // compact forgets the entries up to index: a snapshot holds them.
  compact(index: number): void {
    while (this.log.length > 0 && this.log[0]!.to <= index) this.log.shift();
    if (this.log.length > 0) this.log[0]!.from = Math.max(this.log[0]!.from, index + 1);
    this.first = Math.max(this.first, index + 1);
  }

  // keep makes the log end at index, as a disk had it when the member started.
  keep(index: number, term: number): void {
    if (index < this.last) this.truncate(index + 1);
    else if (index > this.last) {
      if (this.last >= this.first) this.log.push({ from: this.last + 1, to: index, term: 0 });
      else this.log = [{ from: this.first, to: index, term: 0 }];
      this.append(index, term);
    }
    this.synced = index;
  }

  termOf(index: number): number {
    for (let i = this.log.length - 1; i >= 0; i--) {
      const s = this.log[i]!;
      if (s.from <= index) return index <= s.to ? s.term : 0;
    }
    return 0;
  }
}

// State is the whole run at a moment. Places are those of events in the run's columns.
export class State {
  done = 0; // how many events have happened
  members: Member[]; // by number; 0 is nobody
  flying = new Map<number, number>(); // messages under way: the place of the sending by the message's number
  cut = new Set<number>(); // links that are cut: from * 65536 + to
  faults = new Map<number, number>(); // statements that last: the place of their beginning by number
  waiting = new Map<number, number>(); // operations without an answer: the place of the call by number
  answered = new Map<number, number>(); // the place of each client's last answer
  asked = new Map<number, number>(); // the place of each client's last call

  constructor(members: number) {
    this.members = Array.from({ length: members + 1 }, () => new Member());
  }

  copy(): State {
    const s = new State(0);
    s.done = this.done;
    s.members = this.members.map((m) => m.copy());
    s.flying = new Map(this.flying);
    s.cut = new Set(this.cut);
    s.faults = new Map(this.faults);
    s.waiting = new Map(this.waiting);
    s.answered = new Map(this.answered);
    s.asked = new Map(this.asked);
    return s;
  }
}

export const link = (from: number, to: number): number => from * 65536 + to;

// lastingIds are the numbers of the statements that last.
export function lastingIds(run: Run): Set<number> {
  return new Set(run.head.lasting.map((l) => l.id));
}

// step lets the next event happen.
export function step(run: Run, lasting: ReadonlySet<number>, s: State): void {
  const i = s.done++;
  const ev = run.ev;
  const m = s.members[ev.member[i]!];
  if (!m) return; // a member that the run does not have: the trace is damaged
  switch (ev.kind[i]) {
    case Kind.Sent:
      s.flying.set(ev.id[i]!, i);
      sent(run, s, m, i);
      return;
    case Kind.Delivered:
      s.flying.delete(ev.id[i]!);
      delivered(run, s, m, i);
      return;
    case Kind.Dropped:
      s.flying.delete(ev.id[i]!);
      return;
    case Kind.State:
      became(run, s, m, i);
      return;
    case Kind.Appended:
      m.append(ev.index[i]!, ev.term[i]!);
      return;
    case Kind.Committed:
      m.commit = ev.index[i]!;
      return;
    case Kind.Applied:
      m.applied = ev.index[i]!;
      m.commit = Math.max(m.commit, m.applied);
      if (ev.revision[i]! > 0) m.revision = ev.revision[i]!;
      return;
    case Kind.Truncated:
    case Kind.Lost:
      if (ev.index[i]! > 0) m.truncate(ev.index[i]!);
      return;
    case Kind.Compacted:
      m.compact(ev.index[i]!);
      return;
    case Kind.SnapshotInstalled:
      installed(m, ev.index[i]!);
      return;
    case Kind.SyncBegun:
      m.writing++;
      return;
    case Kind.SyncDone:
      m.writing = Math.max(0, m.writing - 1);
      if (ev.index[i]! > 0) m.synced = Math.min(ev.index[i]!, m.last);
      return;
    case Kind.Call:
      s.waiting.set(ev.id[i]!, i);
      s.asked.set(ev.client[i]!, i);
      return;
    case Kind.Return:
      s.waiting.delete(ev.id[i]!);
      s.answered.set(ev.client[i]!, i);
      return;
    case Kind.FaultBegun:
      if (lasting.has(ev.id[i]!)) s.faults.set(ev.id[i]!, i);
      return;
    case Kind.FaultEnded:
    case Kind.FaultFailed:
      s.faults.delete(ev.id[i]!);
      return;
    case Kind.LinkCut:
      s.cut.add(link(ev.member[i]!, ev.peer[i]!));
      return;
    case Kind.LinkMended:
      s.cut.delete(link(ev.member[i]!, ev.peer[i]!));
      return;
    case Kind.Started:
      started(run, m, i);
      return;
    case Kind.Paused:
      m.life = Life.paused;
      return;
    case Kind.Resumed:
      m.life = Life.running;
      return;
    case Kind.Crashed:
    case Kind.Panicked:
      ended(m);
      return;
    case Kind.Membership: {
      const p = s.members[ev.peer[i]!];
      if (p) p.removed = ev.role[i] === 0;
      return;
    }
    case Kind.NewCluster:
      for (const x of s.members) Object.assign(x, new Member(), { life: x.life });
      return;
  }
}

// became takes a change of role, term or leader.
function became(run: Run, s: State, m: Member, i: number): void {
  const ev = run.ev;
  const role = ev.role[i]!;
  const term = ev.term[i]!;
  if (term !== m.term) m.vote = 0;
  if (role === Role.Candidate || (role === Role.Leader && m.vote === 0)) m.vote = ev.member[i]!;
  if (role === Role.Leader && (m.role !== Role.Leader || m.term !== term)) {
    m.match = s.members.map(() => 0);
    m.next = s.members.map(() => m.last + 1);
    m.match[ev.member[i]!] = m.last;
  }
  if (role !== Role.Leader) m.match = m.next = [];
  const stands = role === Role.Candidate || role === Role.PreCandidate;
  if (role !== m.role || term !== m.term) m.votes = stands ? [ev.member[i]!] : [];
  if (m.life === Life.absent) m.life = Life.running;
  m.role = role;
  m.term = term;
  m.leader = ev.peer[i]!;
  m.heard = ev.at[i]!;
}

// sent notes what a message tells of its sender.
function sent(run: Run, s: State, m: Member, i: number): void {
  const ev = run.ev;
  const to = ev.peer[i]!;
  switch (ev.msg[i]) {
    case Msg.MsgVoteResp:
      if (ev.reject[i] === 0 && ev.term[i] === m.term) {
        m.vote = to;
        m.heard = ev.at[i]!; // a vote sets the timer back
      }
      return;
    case Msg.MsgApp:
      if (m.next.length > to && s.members[to]) m.next[to] = ev.index[i]! + ev.count[i]! + 1;
      return;
    case Msg.MsgSnap:
      if (m.next.length > to) m.next[to] = ev.index[i]! + 1;
      return;
  }
}

// delivered notes what a message tells its receiver.
function delivered(run: Run, s: State, m: Member, i: number): void {
  const ev = run.ev;
  const from = ev.peer[i]!;
  switch (ev.msg[i]) {
    case Msg.MsgApp:
    case Msg.MsgHeartbeat:
    case Msg.MsgSnap:
      if (ev.term[i]! >= m.term && m.role !== Role.Leader) m.heard = ev.at[i]!;
      return;
    case Msg.MsgVoteResp:
    case Msg.MsgPreVoteResp: {
      const asks = ev.msg[i] === Msg.MsgVoteResp ? Role.Candidate : Role.PreCandidate;
      if (m.role === asks && ev.reject[i] === 0 && !m.votes.includes(from)) m.votes.push(from);
      return;
    }
    case Msg.MsgAppResp:
      if (m.match.length <= from || ev.term[i] !== m.term || !s.members[from]) return;
      if (ev.reject[i] === 0) {
        m.match[from] = Math.max(m.match[from]!, ev.index[i]!);
        m.next[from] = Math.max(m.next[from]!, m.match[from]! + 1);
      }
      return;
  }
}

// installed takes a snapshot in place of the log.
function installed(m: Member, index: number): void {
  m.log = [];
  m.first = index + 1;
  m.commit = Math.max(m.commit, index);
  m.applied = index;
  m.synced = index;
}

// started begins a process: of its role nothing outlives the one before.
function started(run: Run, m: Member, i: number): void {
  m.votes = [];
  const ev = run.ev;
  const index = ev.index[i]!;
  m.life = Life.running;
  if (m.role !== Role.Learner) m.role = Role.Follower;
  m.leader = 0;
  m.removed = false;
  m.heard = ev.at[i]!;
  m.writing = 0;
  m.match = m.next = [];
  if (index > 0) m.keep(index, ev.logTerm[i]!);
  if (ev.commit[i]! > 0) m.commit = ev.commit[i]!;
  m.applied = Math.min(m.applied, m.commit);
}

// ended ends a process.
function ended(m: Member): void {
  m.life = m.removed ? Life.absent : Life.down;
  m.writing = 0;
  m.match = m.next = [];
}

// fold is the state after the first n events, from nothing: slow, and plainly right.
export function fold(run: Run, n: number): State {
  const s = new State(run.head.members.length);
  const lasting = lastingIds(run);
  while (s.done < Math.min(n, run.n)) step(run, lasting, s);
  return s;
}
