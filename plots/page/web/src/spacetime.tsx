// The space-time diagram of the moment: a line for each member, time to the right, an arrow for each message.

import { familyOf, isAnswer, looks, rankOf } from "./looks.ts";
import { Kind } from "./names.ts";
import { lowerBound, type Run } from "./record.ts";
import type { Viewer } from "./store.ts";
import { describe, length } from "./words.ts";

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
  const gap = Math.max(16, Math.min(44, 260 / Math.max(n, 1)));
  const h = n * gap + below + 6;
  const from = v.t.value - v.lens.value * 0.7;
  const to = from + v.lens.value;
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
      <line class="cursor" x1={x(v.t.value)} x2={x(v.t.value)} y1="0" y2={h - below} />
      <text class="axis" x={left} y={h - 4}>{`${length(v.lens.value)} in this view`}</text>
      <Legend w={p.w} y={h - 4} run={run} arrows={arrows} />
    </svg>
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
