// The space-time diagram of the moment: a line for each member, time to the right, an arrow for each message.

import { familyOf, isAnswer, looks, rankOf } from "./looks.ts";
import { judge, judgedWords } from "./judged.ts";
import { Kind, Outcome, outcomeNames } from "./names.ts";
import { lowerBound, type Run } from "./record.ts";
import type { Viewer } from "./store.ts";
import { describe, length, operationText } from "./words.ts";

// mostArrows bounds what a reader can follow; elections come first.
const mostArrows = 160;

const left = 60;
const below = 22;

// arrowsIn are the places of the messages that were under way in a window of time.
export function arrowsIn(run: Run, other: Int32Array, longest: number, from: number, to: number): number[] {
  const { at, kind, msg } = run.ev;
  const out: number[] = [];
  const first = lowerBound(at, from - Math.min(longest, 4 * (to - from)));
  for (let i = first; i < run.n && at[i]! <= to && out.length < 20_000; i++) {
    if (kind[i] !== Kind.Sent) continue;
    const end = other[i]!;
    if (at[i]! >= from || (end >= 0 && at[end]! >= from)) out.push(i);
  }
  if (out.length <= mostArrows) return out;
  const ranked = out.map((i) => [rankOf(msg[i]!), i] as const).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const rank = ranked[mostArrows]![0];
  const kept = ranked.filter(([r]) => r < rank).map(([, i]) => i);
  const rest = ranked.filter(([r]) => r === rank).map(([, i]) => i);
  const room = mostArrows - kept.length;
  for (let k = 0; k < room; k++) kept.push(rest[Math.floor((k * rest.length) / room)]!);
  return kept;
}

export function SpaceTime(p: { viewer: Viewer; w: number }) {
  const v = p.viewer;
  const run = v.run.value!;
  const n = run.head.members.length;
  const from = v.t.value - v.lens.value * 0.7;
  const to = from + v.lens.value;
  const gap = Math.max(16, Math.min(44, 260 / Math.max(n, 1)));
  const clients = clientsIn(v, from, to);
  const h = n * gap + clients.length * row + below + 6;
  const x = (t: number) => left + ((p.w - left - 8) * (t - from)) / (to - from);
  const y = (member: number) => (member - 0.5) * gap + 4;
  const { at, member, peer, msg, kind } = run.ev;
  const other = v.moments.value!.other;
  const picked = v.picked.value;
  const arrows = n <= 30 ? arrowsIn(run, other, v.moments.value!.longest, from, to) : [];
  return (
    <svg class="spacetime" width={p.w} height={h} viewBox={`0 0 ${p.w} ${h}`} role="img"
      aria-label={`Space-time diagram of ${length(v.lens.value)} around the moment, ${arrows.length} messages`}>
      {run.head.members.map((name, i) => (
        <g key={i}>
          <text class="name" x="2" y={y(i + 1) + 5}>{n <= 30 ? name : ""}</text>
          <line class="life" x1={left} x2={p.w - 8} y1={y(i + 1)} y2={y(i + 1)} />
        </g>
      ))}
      {v.moments.value!.bands.filter((b) => b.from >= from && b.from <= to).slice(0, 20).map((b, i) => (
        <g key={"b" + i}>
          <line x1={x(b.from)} x2={x(b.from)} y1="0" y2={h - below} stroke={looks.fault} stroke-dasharray="5 4" />
          <text class="band-text" x={x(b.from) + 4} y="12">{b.text}</text>
        </g>
      ))}
      {arrows.map((i) => {
        const end = other[i]!;
        const lost = end >= 0 && kind[end] === Kind.Dropped;
        const until = end >= 0 ? at[end]! : to;
        const [x0, y0] = [x(at[i]!), y(member[i]!)];
        const [x1, y1] = [x(until), y(peer[i]!)];
        const lit = picked?.what === "event" && (picked.place === i || picked.place === end);
        return (
          <g key={i} class={`arrow ${lit ? "lit" : ""} ${at[i]! > v.t.value ? "later" : ""}`}
            onClick={() => (v.picked.value = { what: "event", place: i })}>
            <title>{describe(run, i)}</title>
            <path d={lost ? `M${x0},${y0} L${x0 + (x1 - x0) * 0.35},${y0 + (y1 - y0) * 0.35}` : `M${x0},${y0} L${x1},${y1}`}
              stroke={familyOf(msg[i]!).colour} stroke-dasharray={isAnswer(msg[i]!) ? "7 4" : ""} />
            {lost ? <path class="cross" d={`M${x0 + (x1 - x0) * 0.35 - 4},${y0 + (y1 - y0) * 0.35 - 4} l8,8 m0,-8 l-8,8`} /> :
              end >= 0 && <circle cx={x1} cy={y1} r="2.5" fill={familyOf(msg[i]!).colour} />}
          </g>
        );
      })}
      {clients.map((c, k) => (
        <g key={"o" + c.client}>
          <text class="name" x="2" y={n * gap + k * row + 16}>{"c" + c.client}</text>
          {c.calls.map((i) => <Operation key={i} viewer={v} call={i} x={x} y={n * gap + k * row + 4} right={p.w - 8} />)}
        </g>
      ))}
      <line class="cursor" x1={x(v.t.value)} x2={x(v.t.value)} y1="0" y2={h - below} />
      <text class="axis" x={left} y={h - 4}>{`${length(v.lens.value)} in this view`}</text>
      <Legend w={p.w} y={h - 4} run={run} arrows={arrows} />
    </svg>
  );
}

// mostClients is how many clients have a row, mostCalls how many operations are drawn in one.
const mostClients = 8;
const mostCalls = 60;
const row = 20;

// clientsIn are the operations that were under way in a window of time, by client.
function clientsIn(v: Viewer, from: number, to: number): { client: number; calls: number[] }[] {
  const run = v.run.value!;
  const { at, kind, client } = run.ev;
  const other = v.moments.value!.other;
  const rows = new Map<number, number[]>();
  const add = (i: number) => {
    const calls = rows.get(client[i]!);
    if (!calls) rows.set(client[i]!, [i]);
    else if (calls.length < mostCalls) calls.push(i);
  };
  for (const w of v.moments.value!.waits) { // those that began long before
    if (w.from < from && w.to >= from) add(w.place);
  }
  for (let i = lowerBound(at, from); i < run.n && at[i]! <= to; i++) {
    if (kind[i] === Kind.Call) add(i);
    else if (kind[i] === Kind.Return && other[i]! >= 0 && at[other[i]!]! < from && !rows.get(client[i]!)?.includes(other[i]!)) add(other[i]!);
  }
  return [...rows].map(([c, calls]) => ({ client: c, calls })).sort((a, b) => a.client - b.client).slice(0, mostClients);
}

// Operation is a client's operation from its call to its answer, in the colour of its verdict.
function Operation(p: { viewer: Viewer; call: number; x: (t: number) => number; y: number; right: number }) {
  const v = p.viewer;
  const run = v.run.value!;
  const { at, result } = run.ev;
  const answer = v.moments.value!.other[p.call]!;
  const x0 = Math.max(left, p.x(at[p.call]!));
  const x1 = answer >= 0 ? Math.min(p.right, p.x(at[answer]!)) : p.right;
  const verdict = judge(run)(p.call, answer);
  const text = operationText(run, p.call);
  const lit = v.picked.value?.what === "event" && (v.picked.value.place === p.call || v.picked.value.place === answer);
  const out = answer < 0 ? "no answer" : outcomeNames[result[answer]!];
  return (
    <g class={`operation ${verdict} ${answer >= 0 && result[answer] === Outcome.Ok ? "" : "not"} ${lit ? "lit" : ""}`}
      onClick={() => (v.picked.value = { what: "event", place: p.call })}>
      <title>{`${text}: ${out}${verdict ? "; " + judgedWords[verdict] : ""}`}</title>
      <rect x={x0} y={p.y} width={Math.max(3, x1 - x0)} height={row - 5} rx="3" />
      {x1 - x0 > 8.2 * text.length && <text x={x0 + 4} y={p.y + 12}>{text}</text>}
      {verdict === "bad" && <path class="cross" d={`M${x0 - 1},${p.y + 2} l10,10 m0,-10 l-10,10`} />}
    </g>
  );
}

function Legend(p: { w: number; y: number; run: Run; arrows: number[] }) {
  const used = new Set(p.arrows.map((i) => familyOf(p.run.ev.msg[i]!)));
  let x = 230;
  return (
    <g class="axis">
      {looks.families.filter((f) => used.has(f)).map((f) => {
        const at = x;
        x += 44 + f.name.length * 8;
        return at + 30 + f.name.length * 8 > p.w ? null : (
          <g key={f.name}>
            <line x1={at} x2={at + 20} y1={p.y - 5} y2={p.y - 5} stroke={f.colour} stroke-width="3" />
            <text x={at + 26} y={p.y}>{f.name}</text>
          </g>
        );
      })}
    </g>
  );
}
