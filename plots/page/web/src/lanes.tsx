// The lanes over the whole run, which are drawn once, and the slider over them.

import { memo } from "./memo.ts";
import { looks, termColour } from "./looks.ts";
import type { Moments } from "./moments.ts";
import { nameOf, type Run } from "./record.ts";
import type { Viewer } from "./store.ts";
import { clock } from "./words.ts";

const high = 20;
export const left = 76;

// lanesOf says which lanes a run has.
function lanesOf(run: Run, m: Moments): string[] {
  return ["script", "leader", "elections", ...(m.waits.length > 0 ? ["waiting"] : []),
    ...(run.head.verdicts.some((v) => v.state === "bad") ? ["failed"] : [])];
}

// mostMarks bounds the marks of a lane: more than pixels are no use.
const mostMarks = 600;

function some<T>(list: T[]): T[] {
  if (list.length <= mostMarks) return list;
  return Array.from({ length: mostMarks }, (_, i) => list[Math.floor((i * list.length) / mostMarks)]!);
}

// xOf is where a moment is on the lanes.
function xOf(run: Run, w: number, t: number): number {
  const begin = run.head.begin ?? 0;
  return left + ((w - left - 8) * (Math.max(t, begin) - begin)) / Math.max(run.head.end - begin, 1);
}

const Drawn = memo((p: { viewer: Viewer; run: Run; w: number }) => {
  const { run, viewer } = p;
  const m = viewer.moments.value!;
  const lanes = lanesOf(run, m);
  const x = (t: number) => xOf(run, p.w, t);
  const y = (lane: string) => lanes.indexOf(lane) * high;
  const wide = (from: number, to: number, least: number) => Math.max(least, x(to) - x(from));
  return (
    <g>
      {lanes.map((l) => <text key={l} class="lane" x="2" y={y(l) + 15}>{l}</text>)}
      {some(m.bands).map((b, i) => (
        <g key={"b" + i} class="band" onClick={() => viewer.goTo(b.place)}>
          <title>{(b.failed ? "not carried out: " : "") + b.text + " at " + clock(b.from)}</title>
          {b.to > b.from && <rect x={x(b.from)} y={y("script") + 3} width={wide(b.from, b.to, 2)} height={high - 6} fill={looks.fault} />}
          <path d={b.failed ? `M${x(b.from) - 5},${y("script") + 5} l10,10 m0,-10 l-10,10` :
            `M${x(b.from)},${y("script") + 3} l-5,13 h10 z`} fill={b.failed ? "none" : looks.fault} stroke={looks.fault}
            stroke-width={b.failed ? 2 : 0} />
        </g>
      ))}
      {some(m.reigns).map((r, i) => (
        <g key={"r" + i}>
          <title>{`${nameOf(run, r.member)} leads in term ${r.term} from ${clock(r.from)} to ${clock(r.to)}`}</title>
          <rect x={x(r.from)} y={y("leader") + 2} width={wide(r.from, r.to, 2)} height={high - 4} fill={termColour(r.term)} class="reign" />
          {x(r.to) - x(r.from) > 8.5 * `${nameOf(run, r.member)}, term ${r.term}`.length && (
            <text class="reign-text" x={x(r.from) + 5} y={y("leader") + 15}>{`${nameOf(run, r.member)}, term ${r.term}`}</text>
          )}
        </g>
      ))}
      {some(m.campaigns).map((c, i) => (
        <rect key={"c" + i} x={x(c.from)} y={y("elections") + 4} width={wide(c.from, c.to, 3)} height={high - 8}
          fill={looks.roles["candidate"]?.fill} stroke="var(--ink)" stroke-width="0.5">
          <title>{`${nameOf(run, c.member)} stands for election from ${clock(c.from)} to ${clock(c.to)}`}</title>
        </rect>
      ))}
      {some(m.waits).map((c, i) => (
        <rect key={"w" + i} x={x(c.from)} y={y("waiting") + 6} width={wide(c.from, c.to, 1)} height={high - 12} class="wait" />
      ))}
      {some(m.jumps.violation).map((place, i) => (
        <path key={"v" + i} class="violation" onClick={() => viewer.goTo(place)}
          d={`M${x(run.ev.at[place]!) - 5},${y("failed") + 5} l10,10 m0,-10 l-10,10`} />
      ))}
    </g>
  );
});

export function Lanes(p: { viewer: Viewer; w: number }) {
  const v = p.viewer;
  const run = v.run.value!;
  const h = lanesOf(run, v.moments.value!).length * high;
  const x = xOf(run, p.w, v.t.value);
  const begin = run.head.begin ?? 0;
  const go = (e: PointerEvent) => {
    if (e.buttons !== 1) return;
    const box = (e.currentTarget as Element).getBoundingClientRect();
    v.playing.value = false;
    v.seek(begin + ((e.clientX - box.left - left) / (p.w - left - 8)) * (run.head.end - begin));
  };
  return (
    <svg class="lanes" width={p.w} height={h} viewBox={`0 0 ${p.w} ${h}`} onPointerDown={go} onPointerMove={go} aria-hidden="true">
      <Drawn viewer={v} run={run} w={p.w} />
      <line class="cursor" x1={x} x2={x} y1="0" y2={h} />
    </svg>
  );
}
