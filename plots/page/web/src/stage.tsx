// The stage: members on a ring, messages on their way, links that are cut or slow.

import { link, Life, type Member, type State } from "./fold.ts";
import { familyOf, isAnswer, lookOf, looks, rankOf, standing } from "./looks.ts";
import { Kind, Role } from "./names.ts";
import { nameOf, str, type Run } from "./record.ts";
import type { Viewer } from "./store.ts";
import { describe, length, shortMessage } from "./words.ts";

interface Point {
  x: number;
  y: number;
}

// Flight is a message as it is drawn. Far is how far it has come, from 0 to 1.
interface Flight {
  place: number; // of its sending
  far: number;
  end: "" | "arrived" | "lost";
}

// mostFlights bounds what an eye can follow; elections come first.
const mostFlights = 120;

// mostLabels is how many messages may carry words.
const mostLabels = 10;

// flights are the messages under way at t, and those that ended in the trail behind it.
export function flights(run: Run, other: Int32Array, s: State, t: number, trail: number): Flight[] {
  const { at, kind } = run.ev;
  const out: Flight[] = [];
  for (const place of s.flying.values()) {
    const end = other[place]!;
    const total = end >= 0 ? at[end]! - at[place]! : 0;
    out.push({ place, far: total > 0 ? (t - at[place]!) / total : 0, end: "" });
    if (out.length > 4 * mostFlights) break;
  }
  for (let i = s.done - 1; i >= 0 && at[i]! >= t - trail && out.length <= 4 * mostFlights; i--) {
    const k = kind[i];
    if ((k !== Kind.Delivered && k !== Kind.Dropped) || other[i]! < 0) continue;
    out.push({ place: other[i]!, far: 1, end: k === Kind.Dropped ? "lost" : "arrived" });
  }
  if (out.length > mostFlights) {
    const { msg } = run.ev;
    out.sort((a, b) => rankOf(msg[a.place]!) - rankOf(msg[b.place]!) || a.place - b.place);
    out.length = mostFlights;
  }
  return out;
}

// Ring places the members.
export class Ring {
  readonly r: number; // of a member's circle
  private spots: Point[];

  constructor(
    readonly w: number,
    readonly h: number,
    readonly n: number,
  ) {
    const room = Math.min(w, h);
    this.r = Math.max(6, Math.min(46, room / 7.5, (Math.PI * room * 0.8) / Math.max(n, 1) / 2.6));
    this.r = n > 30 ? Math.max(4, this.r - 2) : this.r;
    const margin = this.r + (n <= 9 ? 26 : 12);
    const angle = (i: number) => -Math.PI / 2 + (2 * Math.PI * i) / Math.max(n, 1);
    const unit = Array.from({ length: n }, (_, i) => ({ x: Math.cos(angle(i)), y: Math.sin(angle(i)) }));
    const span = (of: number[]) => [Math.min(...of), Math.max(...of)] as const;
    const [x0, x1] = span(unit.map((u) => u.x));
    const [y0, y1] = span(unit.map((u) => u.y));
    // The ring fills the stage, and is at most half again as wide as high.
    const high = (h - 2 * margin) / Math.max(y1 - y0, 0.1);
    const wide = Math.min((w - 2 * margin) / Math.max(x1 - x0, 0.1), 1.5 * high);
    const tall = Math.min(high, 1.5 * wide);
    this.spots = unit.map((u) => ({
      x: w / 2 + (n < 2 ? 0 : (u.x - (x0 + x1) / 2) * wide),
      y: h / 2 + (n < 2 ? 0 : (u.y - (y0 + y1) / 2) * tall),
    }));
  }

  at(member: number): Point {
    return this.spots[member - 1] ?? { x: this.w / 2, y: this.h / 2 };
  }

  // way is the line from one member to another: beside the middle, so that both directions can be told apart.
  way(from: number, to: number): [Point, Point] {
    const a = this.at(from);
    const b = this.at(to);
    const d = Math.hypot(b.x - a.x, b.y - a.y) || 1;
    const u = { x: (b.x - a.x) / d, y: (b.y - a.y) / d };
    const side = Math.min(7, this.r / 3);
    const gap = this.r + 5;
    return [
      { x: a.x + u.x * gap - u.y * side, y: a.y + u.y * gap + u.x * side },
      { x: b.x - u.x * gap - u.y * side, y: b.y - u.y * gap + u.x * side },
    ];
  }
}

const between = (a: Point, b: Point, far: number): Point => ({ x: a.x + (b.x - a.x) * far, y: a.y + (b.y - a.y) * far });

export interface Gestures {
  member?: (member: number, x: number, y: number) => void;
}

export function Stage(p: { viewer: Viewer; w: number; h: number; gestures?: Gestures | undefined }) {
  const v = p.viewer;
  const run = v.run.value!;
  const t = v.t.value;
  const s = (v.place.value, v.state());
  const n = run.head.members.length;
  const ring = new Ring(p.w, p.h, n);
  const picked = v.picked.value;
  const fs = flights(run, v.moments.value!.other, s, t, v.lens.value / 40);
  const shown = s.members.map((m, i) => i > 0 && m.life !== Life.absent);
  return (
    <svg class="stage" width={p.w} height={p.h} viewBox={`0 0 ${p.w} ${p.h}`} role="group" aria-label={stageText(run, s)}>
      <Patterns />
      <Links run={run} ring={ring} s={s} shown={shown} />
      {fs.map((f, i) => (
        <Message key={i} run={run} ring={ring} flight={f} viewer={v} lit={picked?.what === "event" && picked.place === f.place} />
      ))}
      {run.head.members.map((_, i) => (
        <MemberMark key={i} viewer={v} ring={ring} member={i + 1} m={s.members[i + 1]!} t={t} gestures={p.gestures}
          lit={picked?.what === "member" && picked.member === i + 1} />
      ))}
      {fs.length <= mostLabels && n <= 9 && fs.map((f, i) => <MessageWords key={i} run={run} ring={ring} flight={f} />)}
    </svg>
  );
}

// stageText is the stage for those who do not see it.
function stageText(run: Run, s: State): string {
  return run.head.members.map((name, i) => `${name}: ${memberText(s.members[i + 1]!)}`).join("; ");
}

function memberText(m: Member): string {
  return m.life === Life.absent ? "not a member" : `${standing(m)}, term ${m.term}, commit ${m.commit}`;
}

function Patterns() {
  const lines: Record<string, string> = {
    rising: "M-2,10 L10,-2 M-2,2 L2,-2 M6,10 L10,6", falling: "M-2,-2 L10,10 M6,-2 L10,2 M-2,6 L2,10",
    crossed: "M-2,10 L10,-2 M-2,-2 L10,10", upright: "M4,-1 L4,9", level: "M-1,4 L9,4",
  };
  return (
    <defs>
      {Object.entries(looks.roles).filter(([, l]) => l.hatch !== "").map(([role, l]) => (
        <pattern key={role} id={"hatch-" + role} width="8" height="8" patternUnits="userSpaceOnUse">
          <path d={lines[l.hatch]} stroke={l.over} stroke-width="1" />
        </pattern>
      ))}
    </defs>
  );
}

// Links draws the links that are not as they should be.
function Links(p: { run: Run; ring: Ring; s: State; shown: boolean[] }) {
  const { run, ring, s } = p;
  const out = [];
  if (ring.n <= 15) {
    for (let a = 1; a <= ring.n; a++) {
      for (let b = a + 1; b <= ring.n; b++) {
        if (!p.shown[a] || !p.shown[b]) continue;
        const [x, y] = [ring.at(a), ring.at(b)];
        out.push(<line key={`l${a}-${b}`} class="link" x1={x.x} y1={x.y} x2={y.x} y2={y.y} />);
      }
    }
  }
  const worse = new Map<number, string>();
  for (const l of run.head.lasting) {
    const place = s.faults.get(l.id);
    if (place === undefined) continue;
    for (const [from, to] of l.links) worse.set(link(from, to), str(run, run.ev.note[place]!));
  }
  for (const [key, text] of worse) {
    if (s.cut.has(key)) continue;
    const [a, b] = ring.way(key >> 16, key & 65535);
    out.push(
      <line key={"w" + key} class="worse" x1={a.x} y1={a.y} x2={b.x} y2={b.y} stroke={looks.fault}>
        <title>{text}</title>
      </line>,
    );
  }
  for (const key of s.cut) {
    const [from, to] = [key >> 16, key & 65535];
    if (!p.shown[from] || !p.shown[to]) continue;
    const [a, b] = ring.way(from, to);
    const m = between(a, b, 0.5);
    const angle = (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI;
    out.push(
      <g key={"c" + key} class="cut" stroke={looks.fault}>
        <title>{`${nameOf(run, from)} does not reach ${nameOf(run, to)}`}</title>
        <line x1={a.x} y1={a.y} x2={m.x} y2={m.y} />
        <path d="M0,-8 L0,8 M4,-8 L4,8" transform={`translate(${m.x} ${m.y}) rotate(${angle})`} />
      </g>,
    );
  }
  return <g>{out}</g>;
}

function Message(p: { run: Run; ring: Ring; flight: Flight; lit: boolean; viewer: Viewer }) {
  const { run, ring, flight: f } = p;
  const { member, peer, msg } = run.ev;
  const [a, b] = ring.way(member[f.place]!, peer[f.place]!);
  const colour = familyOf(msg[f.place]!).colour;
  const far = f.end === "lost" ? 0.35 : Math.max(0, Math.min(f.far, 1));
  const at = between(a, b, far);
  const r = Math.max(4, Math.min(7, ring.r / 4));
  const pick = () => (p.viewer.picked.value = { what: "event", place: f.place });
  return (
    <g class={`message ${f.end} ${p.lit ? "lit" : ""}`} onClick={pick}>
      <title>{describe(run, f.place) + (f.end === "lost" ? " (lost)" : "")}</title>
      <line x1={a.x} y1={a.y} x2={at.x} y2={at.y} stroke={colour} stroke-dasharray={isAnswer(msg[f.place]!) ? "6 4" : ""} />
      {f.end === "lost" ? (
        <path d={`M${at.x - r},${at.y - r} l${2 * r},${2 * r} m0,${-2 * r} l${-2 * r},${2 * r}`} class="cross" />
      ) : (
        <circle cx={at.x} cy={at.y} r={r} fill={isAnswer(msg[f.place]!) ? "var(--paper)" : colour} stroke={colour} />
      )}
    </g>
  );
}

// MessageWords says what a message is, beside its way: a message at its end is named in the middle of it.
function MessageWords(p: { run: Run; ring: Ring; flight: Flight }) {
  const { run, ring, flight: f } = p;
  const { member, peer } = run.ev;
  const [a, b] = ring.way(member[f.place]!, peer[f.place]!);
  const at = between(a, b, f.end === "lost" ? 0.35 : Math.max(0.3, Math.min(f.end === "arrived" ? 0.62 : f.far, 0.7)));
  return <text class="message-words" x={at.x} y={at.y - 10} text-anchor="middle">{shortMessage(run, f.place)}</text>;
}

function MemberMark(p: {
  viewer: Viewer; ring: Ring; member: number; m: Member; t: number; lit: boolean; gestures?: Gestures | undefined;
}) {
  const { ring, m, member } = p;
  const run = p.viewer.run.value!;
  const { x, y } = ring.at(member);
  const name = nameOf(run, member);
  const look = lookOf(m);
  const absent = m.life === Life.absent;
  const wide = ring.r >= 30;
  const act = (e: Event) => {
    p.viewer.picked.value = { what: "member", member };
    if (!p.gestures?.member) return;
    e.preventDefault();
    p.gestures.member(member, x, y);
  };
  const key = (e: KeyboardEvent) => {
    if (e.key !== "Enter" && e.key !== " ") return;
    e.preventDefault();
    e.stopPropagation();
    act(e);
  };
  return (
    <g class={`member ${p.lit ? "lit" : ""} ${absent ? "absent" : ""}`} transform={`translate(${x} ${y})`} tabindex={0}
      role="button" aria-pressed={p.lit} data-member={name}
      data-standing={standing(m)} onClick={act} onKeyDown={key}>
      <title>{`${name}: ${memberText(m)}`}</title>
      <circle class="halo" r={ring.r + 9} />
      <circle r={ring.r} fill="var(--paper)" />
      <circle r={ring.r} fill={look.fill} fill-opacity={look.opacity} stroke={look.over || "var(--muted)"} />
      {look.hatch && <circle r={ring.r} fill={`url(#hatch-${standing(m)})`} />}
      {!absent && <Timer viewer={p.viewer} member={member} m={m} t={p.t} r={ring.r + (wide ? 5 : 2)} thin={!wide} />}
      {wide && <Votes s={p.viewer.state()} m={m} r={ring.r} />}
      {m.writing > 0 && ring.r >= 13 && <path class="disk" d={`M${-ring.r * 0.5},${ring.r + 12} h${ring.r}`} />}
      {wide ? <MemberWords name={name} m={m} look={look} r={ring.r} /> : (
        <text class="name" text-anchor="middle" y={ring.r >= 13 ? 5 : ring.r + 12} style={{ fill: ring.r >= 13 ? look.text : "var(--ink)" }}
          font-size={ring.r >= 13 ? Math.min(14, ring.r * 0.9) : 10}>
          {ring.n <= 60 || m.role === Role.Leader || p.lit ? name : ""}
        </text>
      )}
    </g>
  );
}

function MemberWords(p: { name: string; m: Member; look: { text: string; hatch: string }; r: number }) {
  const { m } = p;
  const ink = { fill: p.look.hatch ? "var(--ink)" : p.look.text };
  const lines = m.life === Life.absent ? ["no member"] : [standing(m), `term ${m.term}`];
  return (
    <g text-anchor="middle">
      {p.look.hatch && <rect x={-p.r * 0.78} y="-26" width={p.r * 1.56} height="52" rx="6" class="behind" />}
      <text class="name" y="-9" style={ink}>{p.name}</text>
      {lines.map((l, i) => (
        <text key={i} y={8 + 15 * i} style={ink} class={l.length > 9 ? "long" : ""}>{l}</text>
      ))}
    </g>
  );
}

// Timer is a ring that empties while a member hears from no leader. Where the run says when the member stood for
// election, the ring is empty then. Where it does not, the plain part of the ring is the shortest election timeout, and
// in the dotted one, up to the longest, the member may stand at any moment.
function Timer(p: { viewer: Viewer; member: number; m: Member; t: number; r: number; thin: boolean }) {
  const { m, r } = p;
  const left = timerOf(p.viewer, p.member, m, p.t);
  if (!left) return null;
  const style = p.thin ? " thin" : "";
  const arc = (from: number, to: number) => { // in shares of the whole ring, from the top
    const point = (f: number) => `${r * Math.sin(2 * Math.PI * f)} ${-r * Math.cos(2 * Math.PI * f)}`;
    if (to - from > 0.999) return `M0 ${-r} A${r} ${r} 0 1 1 0 ${r} A${r} ${r} 0 1 1 0 ${-r}`;
    return `M${point(from)} A${r} ${r} 0 ${to - from > 0.5 ? 1 : 0} 1 ${point(to)}`;
  };
  const whole = left.whole;
  const safe = Math.max(0, left.least) / whole;
  const most = Math.max(0, left.most) / whole;
  return (
    <g>
      {safe > 0 && <path class={"timer" + style} d={arc(0, safe)} />}
      {most > safe + 0.005 && <path class={"timer maybe" + style} d={arc(safe, most)} />}
      {most <= 0 && <circle class={"timer over" + style} r={r} />}
    </g>
  );
}

// timerOf is how long a member's election timer still runs: at least, at most, and of how much; null: it has none.
export function timerOf(v: Viewer, member: number, m: Member, t: number): { least: number; most: number; whole: number } | null {
  if (m.life !== Life.running || m.role === Role.Leader || m.role === Role.Learner) return null;
  const { election, longest } = v.run.value!.head;
  const ends = v.moments.value!.deadline(member, m.heard);
  if (ends > m.heard) return { least: ends - t, most: ends - t, whole: ends - m.heard };
  return { least: election - (t - m.heard), most: longest - (t - m.heard), whole: longest };
}

function timerText(v: Viewer, member: number, m: Member): string {
  const left = timerOf(v, member, m, v.t.value);
  if (!left) return "none";
  if (left.most <= 0) return "has run out";
  if (left.least === left.most) return `runs out in ${length(left.least)}`;
  if (left.least <= 0) return `may run out any moment, at the latest in ${length(left.most)}`;
  return `runs out in ${length(left.least)} to ${length(left.most)}`;
}

// Votes are dots beside a candidate: a full one for each vote that it has, a hollow one for each that it lacks.
function Votes(p: { s: State; m: Member; r: number }) {
  const { m } = p;
  if (m.life !== Life.running || (m.role !== Role.Candidate && m.role !== Role.PreCandidate)) return null;
  const voters = p.s.members.filter((x, i) => i > 0 && !x.removed && x.role !== Role.Learner && x.life !== Life.absent).length;
  const wanted = Math.floor(voters / 2) + 1;
  const dots = Math.min(9, Math.max(wanted, m.votes.length));
  return (
    <g class="votes">
      <title>{`${m.votes.length} of ${wanted} ${m.role === Role.Candidate ? "votes" : "pre-votes"}`}</title>
      {Array.from({ length: dots }, (_, i) => (
        <circle key={i} class={i < m.votes.length ? "has" : "lacks"} r="4.5" cx={(i - (dots - 1) / 2) * 13} cy={p.r + 15} />
      ))}
    </g>
  );
}

// Details is what there is to know of the selection, in words.
export function Details(p: { viewer: Viewer }) {
  const v = p.viewer;
  const run = v.run.value!;
  const s = (v.place.value, v.state());
  const picked = v.picked.value;
  if (!picked) return <p class="hint">Select a member, a message or an entry to see all that is known of it.</p>;
  if (picked.what === "event") {
    const other = v.moments.value!.other[picked.place]!;
    return (
      <p class="details">
        {describe(run, picked.place)}
        {other >= 0 && `; ${describe(run, other)}, ${length(Math.abs(run.ev.at[other]! - run.ev.at[picked.place]!))} ` +
          (other > picked.place ? "later" : "before")}
      </p>
    );
  }
  if (picked.what === "entry") {
    const holders = run.head.members.map((name, i) => [name, s.members[i + 1]!.termOf(picked.index)] as const)
      .filter(([, term]) => term > 0);
    return (
      <p class="details">
        {`Entry ${picked.index}: ` + (holders.length === 0 ? "in nobody's log, or in a snapshot" :
          holders.map(([name, term]) => `${name} has it of term ${term}`).join(", "))}
      </p>
    );
  }
  const m = s.members[picked.member]!;
  if (m.life === Life.absent) return <p class="details">{nameOf(run, picked.member)} is not a member now.</p>;
  const facts: [string, string][] = [
    ["role", standing(m)], ["term", String(m.term)], ["leader", m.leader ? nameOf(run, m.leader) : "unknown"],
    ["vote", m.vote ? nameOf(run, m.vote) : "none seen"], ["log", m.last < m.first ? "empty" : `${m.first} to ${m.last}`],
    ["on disk to", String(m.synced)], ["commit", String(m.commit)], ["applied", String(m.applied)],
    ["heard", `${length(Math.max(0, v.t.value - m.heard))} ago`], ["election timer", timerText(v, picked.member, m)],
    ...(m.votes.length > 0 ? [["votes from", m.votes.map((x) => nameOf(run, x)).join(", ")] as [string, string]] : []),
  ];
  return (
    <dl class="details" aria-label={"what is known of " + nameOf(run, picked.member)}>
      <div><dt>member</dt><dd>{nameOf(run, picked.member)}{zone(run, picked.member)}</dd></div>
      {facts.map(([k, x]) => <div key={k}><dt>{k}</dt><dd>{x}</dd></div>)}
      {m.match.length > 0 && run.head.members.map((name, i) => i + 1 !== picked.member && s.members[i + 1]!.life !== Life.absent && (
        <div key={"p" + name}><dt>{name}</dt><dd>{`match ${m.match[i + 1] ?? 0}, next ${m.next[i + 1] ?? 0}`}</dd></div>
      ))}
    </dl>
  );
}

function zone(run: Run, member: number): string {
  const z = run.head.zones[member - 1];
  return z ? ` (zone ${z})` : "";
}

// happened is the last event before the moment, in words.
export function happened(run: Run, place: number): string {
  return place > 0 ? describe(run, place - 1) : "nothing has happened yet";
}
