// The controls of time: slider, play, steps, jumps, speed.

import { Find } from "./find.tsx";
import { Lanes } from "./lanes.tsx";
import { speeds, type Jump, type Viewer } from "./store.ts";
import { clock } from "./words.ts";
import { happened } from "./stage.tsx";

const jumps: { kind: Jump; key: string; word: string }[] = [
  { kind: "election", key: "e", word: "Election" }, { kind: "fault", key: "f", word: "Fault" },
  { kind: "loss", key: "l", word: "Lost message" }, { kind: "violation", key: "v", word: "Violation" },
];

// onKey does what a key means; false: it means nothing.
export function onKey(v: Viewer, e: KeyboardEvent): boolean {
  const at = e.target as HTMLElement | null;
  if (e.ctrlKey || e.metaKey || e.altKey || (at && /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName) &&
    (at as HTMLInputElement).type !== "range")) return false;
  const jump = jumps.find((j) => j.key === e.key.toLowerCase());
  if (jump) v.jump(jump.kind, e.shiftKey);
  else if (e.key === " ") v.playing.value = !v.playing.value;
  else if (e.key === "ArrowRight") v.step(1, e.shiftKey);
  else if (e.key === "ArrowLeft") v.step(-1, e.shiftKey);
  else if (e.key === "+" || e.key === "=") v.faster(1);
  else if (e.key === "-") v.faster(-1);
  else if (e.key === "Home") v.seek(v.run.value!.head.begin ?? 0);
  else if (e.key === "End") v.seek(v.run.value!.head.end);
  else if (e.key === "/") v.finding.value = true;
  else if (e.key === "?") v.helping.value = !v.helping.value;
  else if (e.key === "Escape") v.helping.value ? (v.helping.value = false) : (v.picked.value = null);
  else return false;
  return true;
}

export function Controls(p: { viewer: Viewer; w: number }) {
  const v = p.viewer;
  const run = v.run.value!;
  const j = v.moments.value!.jumps;
  const seek = (e: Event) => {
    v.playing.value = false;
    v.seek(Number((e.target as HTMLInputElement).value));
  };
  return (
    <div class="controls">
      <Lanes viewer={v} w={p.w} />
      <input type="range" class="slider" min={run.head.begin ?? 0} max={run.head.end} step="any" value={v.t.value} onInput={seek}
        aria-label="moment of the run" aria-valuetext={clock(v.t.value)} />
      <div class="buttons">
        <button type="button" onClick={() => v.step(-1, false)} aria-label="one event back" title="one event back (←)">◀</button>
        <button type="button" class="play" onClick={() => (v.playing.value = !v.playing.value)}
          title="play or stop (space)">{v.playing.value ? "❚❚ Stop" : "▶ Play"}</button>
        <button type="button" onClick={() => v.step(1, false)} aria-label="one event on" title="one event on (→)">▶</button>
        <label>Speed{" "}
          <select value={String(v.speed.value)} onChange={(e) => (v.speed.value = Number(e.currentTarget.value))}>
            {speeds.map((s) => <option key={s} value={String(s)}>{s}x</option>)}
          </select>
        </label>
        <output class="time">{clock(v.t.value, v.speed.value < 0.1 ? 6 : 3)}</output>
        <span class="jumps">Next:{" "}
          {jumps.filter((x) => j[x.kind].length > 0).map((x) => (
            <button key={x.kind} type="button" data-jump={x.kind} onClick={(e) => v.jump(x.kind, e.shiftKey)}
              title={`next (${x.key}), or the one before (shift ${x.key})`}>{x.word}</button>
          ))}
        </span>
        <button type="button" data-act="find" aria-expanded={v.finding.value} title="find a member, a key or a word (/)"
          onClick={() => (v.finding.value = !v.finding.value)}>Find</button>
        <button type="button" data-act="keys" aria-expanded={v.helping.value} title="what the keys do (?)"
          onClick={() => (v.helping.value = !v.helping.value)}>Keys</button>
        <span class="last" title="the last event">{happened(run, v.place.value)}</span>
      </div>
      <Find viewer={v} />
    </div>
  );
}
