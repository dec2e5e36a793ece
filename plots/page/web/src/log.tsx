// The log as a grid: a row for each member, a column for each entry of the window, coloured by term.

import { Life, type State } from "./fold.ts";
import { standing, termColour } from "./looks.ts";
import { Role } from "./names.ts";
import { nameOf } from "./record.ts";
import type { Viewer } from "./store.ts";

const cell = 30;
const row = 30;
const names = 52;
const top = 24;

// windowOf are the entries that the grid shows: those around the selected one, or those at the end of the leader's log,
// or else of the longest.
export function windowOf(s: State, columns: number, entry: number, leader: number): [number, number] {
  let last = 0;
  for (const m of leader > 0 ? [s.members[leader]!] : s.members) {
    if (m.life !== Life.absent) last = Math.max(last, m.last, m.commit);
  }
  const to = entry > 0 ? Math.min(entry + (columns >> 1), Math.max(last, entry)) : last;
  const from = Math.max(1, to - columns + 1);
  return [from, from + columns - 1];
}

// mostRows is how many logs there is room for.
const mostRows = 12;

// rowsOf are the members whose logs are shown: of many the leader, the selected one, and the first ones.
export function rowsOf(s: State, leader: number, selected: number): number[] {
  const all = s.members.map((_, i) => i).slice(1);
  if (all.length <= mostRows) return all;
  const first = [leader, selected].filter((m) => m > 0);
  return [...new Set([...first, ...all])].slice(0, mostRows).sort((a, b) => a - b);
}

export function Log(p: { viewer: Viewer; w: number }) {
  const v = p.viewer;
  const s = (v.place.value, v.state());
  const picked = v.picked.value;
  const columns = Math.max(4, Math.floor((p.w - names - 8) / cell));
  const leader = s.members.reduce((best, m, i) =>
    m.life === Life.running && m.role === Role.Leader && (best === 0 || m.term > s.members[best]!.term) ? i : best, 0);
  const [from, to] = windowOf(s, columns, picked?.what === "entry" ? picked.index : 0, leader);
  const rows = rowsOf(s, leader, picked?.what === "member" ? picked.member : 0);
  const n = rows.length;
  const x = (index: number) => names + (index - from) * cell;
  const h = top + n * row + 4;
  const pick = (e: MouseEvent) => {
    const box = (e.currentTarget as Element).getBoundingClientRect();
    const index = from + Math.floor((e.clientX - box.left - names) / cell);
    if (index >= from && index <= to) v.picked.value = { what: "entry", index };
  };
  return (
    <svg class="log" width={p.w} height={h} viewBox={`0 0 ${p.w} ${h}`} onClick={pick} role="img" aria-label={logText(v, s, rows)}>
      {Array.from({ length: columns }, (_, c) => from + c).map((index) => (
        <text key={index} class={`index ${picked?.what === "entry" && picked.index === index ? "lit" : ""}`} text-anchor="middle"
          x={x(index) + cell / 2} y="16">{index % 2 === 0 || index < 100 ? index : ""}</text>
      ))}
      {rows.map((member, i) => (
        <Row key={member} viewer={v} s={s} member={member} y={top + i * row} from={from} to={to} x={x} leader={leader} />
      ))}
      {picked?.what === "entry" && picked.index >= from && picked.index <= to && (
        <rect class="frame" x={x(picked.index)} y={2} width={cell} height={h - 4} />
      )}
    </svg>
  );
}

function Row(p: {
  viewer: Viewer; s: State; member: number; y: number; from: number; to: number; x: (i: number) => number; leader: number;
}) {
  const { s, member, y, from, to, x } = p;
  const run = p.viewer.run.value!;
  const m = s.members[member]!;
  const lit = p.viewer.picked.value?.what === "member" && p.viewer.picked.value.member === member;
  const off = m.life === Life.down || m.life === Life.absent;
  const edge = (i: number) => x(Math.max(from, Math.min(i + 1, to + 1)));
  const lead = p.leader > 0 && p.leader !== member ? s.members[p.leader]! : null;
  const out = [];
  for (const st of m.log) {
    if (st.to < from || st.from > to) continue;
    for (let i = Math.max(st.from, from); i <= Math.min(st.to, to); i++) {
      out.push(
        <g key={i} class={i <= m.commit ? "entry" : "entry open"}>
          <rect x={x(i) + 1} y={y + 2} width={cell - 2} height={row - 8} fill={termColour(st.term)} stroke={termColour(st.term)} />
          <text x={x(i) + cell / 2} y={y + 18} text-anchor="middle">{st.term || "?"}</text>
        </g>,
      );
    }
  }
  return (
    <g class={off ? "row off" : "row"}>
      <text class={lit ? "name lit" : "name"} x="2" y={y + 19}>{nameOf(run, member)}</text>
      {m.first > from && m.last >= 0 && m.first > 1 && (
        <text class="index" x={x(from) + 2} y={y + 19}>{m.first - 1 >= from ? `snapshot to ${m.first - 1}` : ""}</text>
      )}
      {out}
      {m.commit >= from && <path class="committed" d={`M${x(from)},${y + row - 4} H${edge(m.commit)} v-6`} />}
      {m.applied >= from && <path class="applied" d={`M${x(from)},${y + row - 1} H${edge(m.applied)}`} />}
      {lead && lead.match[member]! >= from && lead.match[member]! <= to && (
        <path class="match" d={`M${edge(lead.match[member]!)},${y + 1} l-5,-6 h10 z`}>
          <title>{`the leader knows that ${nameOf(run, member)} has entries up to ${lead.match[member]}`}</title>
        </path>
      )}
      {lead && lead.next[member]! > from && lead.next[member]! <= to + 1 && (
        <path class="next" d={`M${edge(lead.next[member]! - 1)},${y + 1} l-5,-6 h10 z`}>
          <title>{`the leader sends ${nameOf(run, member)} entry ${lead.next[member]} next`}</title>
        </path>
      )}
    </g>
  );
}

function logText(v: Viewer, s: State, rows: number[]): string {
  const run = v.run.value!;
  return "Logs. " + rows.map((member) => {
    const m = s.members[member]!;
    const name = nameOf(run, member);
    return m.life === Life.absent ? `${name}: no member` :
      `${name} (${standing(m)}): entries ${m.first} to ${m.last}, committed to ${m.commit}, applied to ${m.applied}`;
  }).join("; ");
}
