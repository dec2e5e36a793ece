// The player: the stage and what belongs to it, for a run that is open.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Controls, onKey } from "./controls.tsx";
import { Log } from "./log.tsx";
import { Clients, Story } from "./panes.tsx";
import { SpaceTime } from "./spacetime.tsx";
import { Details, Stage, type Gestures } from "./stage.tsx";
import type { Viewer } from "./store.ts";

// useSize is the size of an element in pixels.
function useSize(): [{ current: HTMLDivElement | null }, number, number] {
  const ref = useRef<HTMLDivElement>(null);
  const [size, set] = useState<[number, number]>([0, 0]);
  useEffect(() => {
    const see = () => ref.current && set([ref.current.clientWidth, ref.current.clientHeight]);
    const watch = new ResizeObserver(see);
    if (ref.current) watch.observe(ref.current);
    see();
    return () => watch.disconnect();
  }, []);
  return [ref, size[0], size[1]];
}

// usePlaying moves the time while the run plays. Where motion is unwanted it moves four times a second.
function usePlaying(v: Viewer, grows: boolean): void {
  const playing = v.playing.value;
  useEffect(() => {
    if (!playing) {
      v.tail.value = false;
      return;
    }
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let before = performance.now();
    let id = 0;
    const frame = (now: number) => {
      id = requestAnimationFrame(frame);
      const took = now - before;
      if (calm && took < 250) return;
      before = now;
      v.pass(Math.min(took, 250) * 1e6, grows);
    };
    id = requestAnimationFrame(frame);
    return () => cancelAnimationFrame(id);
  }, [playing, grows]);
}

// useLink keeps the address in step with the moment, and follows links to moments.
function useLink(v: Viewer): void {
  const playing = v.playing.value;
  const hash = playing ? "" : v.hash();
  useEffect(() => {
    const follow = () => v.follow(location.hash);
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return undefined;
    }
    if (hash === "") return undefined;
    const later = setTimeout(() => { // browsers refuse to be told too often
      if (location.hash !== "" && !location.hash.startsWith("#t=") && v.t.value === 0) return;
      history.replaceState(history.state, "", hash);
    }, 150);
    return () => clearTimeout(later);
  }, [hash]);
}

// Player shows the run of a viewer. Alone says that it has the page for itself: then keys work wherever the focus is.
export function Player(p: {
  viewer: Viewer; alone: boolean; grows?: boolean; gestures?: Gestures;
  overlay?: (w: number, h: number) => ComponentChildren; children?: ComponentChildren;
}) {
  const v = p.viewer;
  const run = v.run.value!;
  const [stage, w, h] = useSize();
  const [side, sideWidth] = useSize();
  const [foot, footWidth] = useSize();
  const root = useRef<HTMLDivElement>(null);
  usePlaying(v, p.grows ?? false);
  useLink(v);
  useEffect(() => {
    const on: EventTarget = p.alone ? document : root.current!;
    const press = (e: Event) => {
      if (onKey(v, e as KeyboardEvent)) e.preventDefault();
    };
    on.addEventListener("keydown", press);
    return () => on.removeEventListener("keydown", press);
  }, []);
  return (
    <div class="player" ref={root} data-ready={w > 0 ? "yes" : "no"} data-t={v.t.value} data-place={v.place.value}>
      <div class="upper">
        <div class="stage-box" ref={stage}>
          {w > 0 && p.overlay?.(w, h)}
          {w > 0 && <Stage viewer={v} w={w} h={h} gestures={p.gestures} />}
        </div>
        <div class="side">
          <div class="story-box"><Story viewer={v} /></div>
          <section class="log-box" ref={side} aria-label="logs">
            {sideWidth > 0 && <Log viewer={v} w={sideWidth} />}
            {run.head.members.length > 12 && <p class="hint">Twelve of {run.head.members.length} logs; select a member to see its own.</p>}
            <LogKey />
          </section>
        </div>
      </div>
      <div ref={foot} class="lower">
        {footWidth > 0 && <Controls viewer={v} w={footWidth} />}
        {p.children}
        <div class="selection"><Details viewer={v} /></div>
        <Clients viewer={v} />
        {footWidth > 0 && run.head.members.length <= 30 && <SpaceTime viewer={v} w={footWidth} />}
        <Note viewer={v} />
        <Keys viewer={v} />
      </div>
      <p class="unseen" aria-live="polite">{v.playing.value ? "" : `${run.head.title}, ${(v.t.value / 1e9).toFixed(3)} seconds`}</p>
    </div>
  );
}

function LogKey() {
  return (
    <p class="key">
      <span class="k-committed">committed</span> <span class="k-applied">applied</span>{" "}
      <span>▾ the leader knows that it has</span> <span>▿ it will send next</span>
    </p>
  );
}

function Note(p: { viewer: Viewer }) {
  const h = p.viewer.run.value!.head;
  const lacks = [h.leftOut && `To keep this page small it is shown without ${h.leftOut}; quorumlab page shows all of it.`,
    h.without.length > 0 && `The trace was kept without events of these kinds: ${h.without.join(", ")}.`].filter(Boolean);
  return lacks.length === 0 ? null : <p class="hint">{lacks.join(" ")}</p>;
}

function Keys(p: { viewer: Viewer }) {
  const v = p.viewer;
  const ref = useRef<HTMLDetailsElement>(null);
  const open = v.helping.value;
  useEffect(() => {
    if (!open) return;
    ref.current?.scrollIntoView({ block: "nearest" });
    ref.current?.querySelector("summary")?.focus();
  }, [open]);
  const keys: [string, string][] = [
    ["space", "play or stop"], ["← →", "one event back or on"], ["shift ← →", "messages, or events of the selection"],
    ["e f l v", "next election, fault, lost message, violation; with shift the one before"], ["+ −", "faster, slower"],
    ["home end", "beginning, end"], ["/", "find a member, a key, a word of the story"], ["?", "show or hide the keys"],
    ["esc", "drop the selection"],
  ];
  return (
    <details class="keys" ref={ref} open={open} onToggle={(e) => (v.helping.value = e.currentTarget.open)}>
      <summary>Keys</summary>
      <dl>{keys.map(([k, what]) => <div key={k}><dt>{k}</dt><dd>{what}</dd></div>)}</dl>
    </details>
  );
}
