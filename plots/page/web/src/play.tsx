// The page to play on: gestures and typed statements become steps of a scenario, which is run again from its start.

import { computed, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Challenge, Engine, Played, Verb } from "./engine.ts";
import { Life, type State } from "./fold.ts";
import { standing } from "./looks.ts";
import { fromLink, toLink } from "./link.ts";
import { Player } from "./player.tsx";
import { nameOf } from "./record.ts";
import { Ring, Stage } from "./stage.tsx";
import { Viewer } from "./store.ts";
import { clock } from "./words.ts";

// Future is one course of events: a scenario and its run. Each change is kept, so that it can be undone.
interface Future {
  name: string;
  past: Played[]; // the last one is the present
}

// Game is what is being played.
export class Game {
  readonly viewer = new Viewer();
  readonly other = new Viewer(); // the future that is compared
  readonly futures = signal<Future[]>([]);
  readonly current = signal(0);
  readonly compared = signal(-1);
  readonly busy = signal(false);
  readonly progress = signal(0); // of the run that is under way, from 0 to 1
  readonly error = signal("");
  readonly menu = signal<{ member: number; x: number; y: number } | null>(null);
  readonly now = computed<Played | null>(() => this.futures.value[this.current.value]?.past.at(-1) ?? null);
  private names = 0;

  readonly challenge = signal<Challenge | null>(null);
  readonly solved = signal<ReadonlySet<string>>(new Set());

  constructor(
    private engine: Engine,
    readonly challenges: Challenge[] = [],
  ) {}

  // begin runs a scenario, or the one that visitors start with, or that of a challenge.
  async begin(scenario: string, challenge: Challenge | null = null): Promise<void> {
    const before = this.challenge.value;
    this.challenge.value = challenge;
    const p = await this.ask({ scenario, at: 0, do: "" });
    if (!p) {
      this.challenge.value = before;
      return;
    }
    this.names = 0;
    this.compared.value = -1;
    this.futures.value = [{ name: this.newName(), past: [p] }];
    this.show(0);
    if (challenge) this.viewer.seek(0);
  }

  private newName(): string {
    return "Future " + String.fromCharCode(65 + (this.names++ % 26));
  }

  private async ask(asked: { scenario: string; at: number; do: string }): Promise<Played | null> {
    if (this.busy.value) return null;
    this.busy.value = true;
    this.progress.value = 0;
    this.error.value = "";
    try {
      const challenge = this.challenge.value?.name ?? "";
      const p = await this.engine.play({ ...asked, challenge }, (share) => (this.progress.value = share));
      if (p.error) this.error.value = p.error;
      if (p.solved) this.solved.value = new Set([...this.solved.value, challenge]);
      return p.error ? null : p;
    } catch (e) {
      this.error.value = e instanceof Error ? e.message : String(e);
      return null;
    } finally {
      this.busy.value = false;
    }
  }

  // stop ends the run that is under way.
  stop(): void {
    this.engine.stop();
  }

  // trace is the trace of what is on the stage, or null and an error.
  async trace(): Promise<Uint8Array<ArrayBuffer> | null> {
    const now = this.now.value;
    if (!now || this.busy.value) return null;
    this.busy.value = true;
    this.progress.value = 0;
    this.error.value = "";
    try {
      return await this.engine.trace({ scenario: now.scenario, at: 0, do: "", challenge: this.challenge.value?.name ?? "" });
    } catch (e) {
      this.error.value = e instanceof Error ? e.message : String(e);
      return null;
    } finally {
      this.busy.value = false;
    }
  }

  // say adds a statement at the moment that is shown. Said in the past, it begins another future.
  async say(line: string, fork = false): Promise<boolean> {
    const now = this.now.value;
    if (!now) return false;
    const t = this.viewer.t.value;
    const wasPlaying = this.viewer.playing.value;
    this.menu.value = null;
    this.viewer.playing.value = false;
    const p = await this.ask({ scenario: now.scenario, at: Math.floor(t), do: line });
    if (!p) return false;
    const futures = this.futures.value.slice();
    if (fork || p.dropped > 0) {
      futures.push({ name: this.newName(), past: [p] });
      this.futures.value = futures;
      this.compared.value = this.current.value;
      this.show(futures.length - 1);
    } else {
      const f = futures[this.current.value]!;
      futures[this.current.value] = { ...f, past: [...f.past, p] };
      this.futures.value = futures;
      this.show(this.current.value);
    }
    this.viewer.seek(t);
    this.viewer.playing.value = wasPlaying;
    return true;
  }

  // fork begins another future that is the same until something is said in it.
  fork(): void {
    const now = this.now.value;
    if (!now) return;
    const from = this.current.value;
    this.futures.value = [...this.futures.value, { name: this.newName(), past: [now] }];
    this.compared.value = from;
    this.show(this.futures.value.length - 1);
  }

  // undo takes the last statement of this future back.
  undo(): void {
    const futures = this.futures.value.slice();
    const f = futures[this.current.value];
    if (!f || f.past.length < 2) return;
    futures[this.current.value] = { ...f, past: f.past.slice(0, -1) };
    this.futures.value = futures;
    this.show(this.current.value);
  }

  // show makes a future the one on the stage.
  show(i: number): void {
    const p = this.futures.value[i]?.past.at(-1);
    if (!p?.run) return;
    if (i === this.compared.value) this.compared.value = this.current.value === i ? -1 : this.current.value;
    this.current.value = i;
    this.viewer.open(p.run);
    this.compare(this.compared.value);
  }

  // compare lays a future beside the one on the stage; -1: none.
  compare(i: number): void {
    const p = this.futures.value[i]?.past.at(-1);
    this.compared.value = p?.run && i !== this.current.value ? i : -1;
    if (p?.run && this.compared.value >= 0) this.other.open(p.run);
  }
}

// sidesOf are the members on the two sides of a line across the stage.
export function sidesOf(ring: Ring, a: { x: number; y: number }, b: { x: number; y: number }): [number[], number[]] {
  const sides: [number[], number[]] = [[], []];
  for (let m = 1; m <= ring.n; m++) {
    const p = ring.at(m);
    sides[(b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x) > 0 ? 0 : 1].push(m);
  }
  return sides;
}

// choices are what can be done to a member by a click.
export function choices(s: State, member: number, name: string): { word: string; line: string }[] {
  const m = s.members[member]!;
  if (m.life === Life.down) return [{ word: "Restart", line: `restart ${name}` }];
  if (m.life === Life.absent) return [];
  return [
    { word: "Crash", line: `crash ${name}` },
    m.life === Life.paused ? { word: "Resume", line: `resume ${name}` } : { word: "Pause", line: `pause ${name}` },
    { word: "Cut off", line: `isolate ${name}` }, { word: "Mend its links", line: `heal ${name}` },
    { word: "Slow disk", line: `slow-disk ${name} 200ms` }, { word: "Mend its disk", line: `heal-disk ${name}` },
    ...(standing(m) === "leader" ? [] : [{ word: "Let it campaign", line: `campaign ${name}` },
      { word: "Make it leader", line: `move-leader ${name}` }]),
  ];
}

export function Play(p: { game: Game }) {
  const g = p.game;
  if (!g.now.value) return <p>{g.error.value || "The cluster is being started …"}</p>;
  return (
    <Player viewer={g.viewer} alone={true} overlay={(w, h) => <Overlay game={g} w={w} h={h} />}
      gestures={{ member: (member, x, y) => (g.menu.value = { member, x, y }) }}>
      <Prompt game={g} />
      <Challenges game={g} />
      <Futures game={g} />
    </Player>
  );
}

// Told is a cluster that does what it is told: one that is played with, or one that runs.
export type Told = Pick<Game, "viewer" | "menu" | "busy"> & {
  say: (line: string) => Promise<boolean>;
  can?: (line: string) => boolean; // whether it knows such a statement
};

// Overlay takes the gestures on the stage: a line that parts members, and the menu of a member.
export function Overlay(p: { game: Told; w: number; h: number }) {
  const g = p.game;
  const run = g.viewer.run.value!;
  const ring = new Ring(p.w, p.h, run.head.members.length);
  const [line, setLine] = useState<{ a: Pt; b: Pt } | null>(null);
  const at = (e: PointerEvent): Pt => {
    const box = (e.currentTarget as Element).getBoundingClientRect();
    return { x: e.clientX - box.left, y: e.clientY - box.top };
  };
  const down = (e: PointerEvent) => {
    g.menu.value = null;
    (e.currentTarget as Element).setPointerCapture(e.pointerId);
    setLine({ a: at(e), b: at(e) });
  };
  const move = (e: PointerEvent) => line && setLine({ a: line.a, b: at(e) });
  const up = () => {
    setLine(null);
    if (!line || Math.hypot(line.b.x - line.a.x, line.b.y - line.a.y) < 40) return;
    const there = (m: number) => g.viewer.state().members[m]!.life !== Life.absent;
    const [x, y] = sidesOf(ring, line.a, line.b).map((s) => s.filter(there).map((m) => nameOf(run, m)));
    if (x!.length > 0 && y!.length > 0) void g.say(`partition ${x!.join(" ")} | ${y!.join(" ")}`);
  };
  return (
    <>
      <svg class="drag" width={p.w} height={p.h} aria-hidden="true" onPointerDown={down} onPointerMove={move} onPointerUp={up}>
        {line && <line x1={line.a.x} y1={line.a.y} x2={line.b.x} y2={line.b.y} />}
      </svg>
      {g.menu.value && <Menu game={g} w={p.w} h={p.h} />}
    </>
  );
}

interface Pt {
  x: number;
  y: number;
}

function Menu(p: { game: Told; w: number; h: number }) {
  const g = p.game;
  const m = g.menu.value!;
  const run = g.viewer.run.value!;
  const name = nameOf(run, m.member);
  const list = choices((g.viewer.place.value, g.viewer.state()), m.member, name).filter((c) => g.can?.(c.line) ?? true);
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => ref.current?.querySelector("button")?.focus(), [m.member]);
  const close = (e: KeyboardEvent) => {
    if (e.key !== "Escape") return;
    e.stopPropagation();
    g.menu.value = null;
    document.querySelector<SVGElement>(`[data-member="${CSS.escape(name)}"]`)?.focus();
  };
  return (
    <div class="menu" ref={ref} role="group" aria-label={"what to do to " + name} onKeyDown={close}
      style={{ left: `${Math.max(0, Math.min(m.x + 30, p.w - 170))}px`, top: `${Math.max(0, Math.min(m.y - 20, p.h - 34 * list.length - 40))}px` }}>
      <b>{name}</b>
      {list.map((c) => (
        <button key={c.word} type="button" data-say={c.line} disabled={g.busy.value} onClick={() => void g.say(c.line)}>{c.word}</button>
      ))}
    </div>
  );
}

function Prompt(p: { game: Game }) {
  const g = p.game;
  const [line, setLine] = useState("");
  const t = g.viewer.t.value;
  const say = async (e: Event) => {
    e.preventDefault();
    if (line.trim() !== "" && (await g.say(line.trim()))) setLine("");
  };
  return (
    <form class="prompt" onSubmit={(e) => void say(e)}>
      <label>
        <span>Statement</span>
        <input list="statements" value={line} onInput={(e) => setLine(e.currentTarget.value)} placeholder="crash leader for 5s"
          autocomplete="off" spellcheck={false} />
      </label>
      <button type="submit" disabled={g.busy.value}>{`Do it at ${clock(t)}`}</button>
      <button type="button" onClick={() => void g.say("heal")} disabled={g.busy.value}>Mend all links</button>
      <datalist id="statements">
        {complete(line, g.now.value!.verbs, g.viewer.run.value!.head.members).map((x) => <option key={x} value={x} />)}
      </datalist>
      <Usage line={line} verbs={g.now.value!.verbs} />
      {g.error.value && <p class="wrong" role="alert">{g.error.value}</p>}
    </form>
  );
}

// complete lists what a statement that was begun may become.
export function complete(line: string, verbs: Verb[], members: string[]): string[] {
  const words = line.split(" ");
  if (words.length <= 1) return verbs.map((v) => v.example);
  const verb = verbs.find((v) => v.usage.split(" ")[0] === words[0]);
  if (!verb || !verb.usage.includes("MEMBER")) return [];
  const before = words.slice(0, -1).join(" ");
  return ["leader", "followers", "a-follower", "all", "rest", "crashed", ...members].filter((m) => !words.slice(1, -1).includes(m))
    .map((m) => `${before} ${m}`);
}

function Usage(p: { line: string; verbs: Verb[] }) {
  const verb = p.verbs.find((v) => v.usage.split(" ")[0] === p.line.trim().split(" ")[0]);
  return verb ? <p class="hint"><code>{verb.usage}</code>: {verb.about}</p> : null;
}

// Challenges offers the tasks, and shows how far one is.
function Challenges(p: { game: Game }) {
  const g = p.game;
  const c = g.challenge.value;
  const [hints, setHints] = useState(0);
  useEffect(() => setHints(0), [c?.name]);
  if (g.challenges.length === 0) return null;
  const choose = (name: string) => void g.begin("", g.challenges.find((x) => x.name === name) ?? null);
  const now = g.now.value!;
  return (
    <section class={`challenge ${c && now.solved ? "solved" : ""}`} aria-label="challenges">
      <label>Challenge{" "}
        <select data-act="challenge" value={c?.name ?? ""} disabled={g.busy.value} onChange={(e) => choose(e.currentTarget.value)}>
          <option value="">none: play freely</option>
          {g.challenges.map((x) => <option key={x.name} value={x.name}>{(g.solved.value.has(x.name) ? "✓ " : "") + x.title}</option>)}
        </select>
      </label>
      {c && (
        <>
          <p>
            {c.text}
            {c.verbs && ` Allowed: ${c.verbs.join(", ")}`}{c.most > 0 && `, at most ${c.most} statements`}{(c.verbs || c.most > 0) && "."}
          </p>
          <ul aria-label="goals">
            {now.goals.map((x) => <li key={x.text} data-goal={x.ok ? "reached" : "open"}>{x.ok ? "✓" : "○"} {x.text}</li>)}
          </ul>
          <p role="status">{now.solved ? <b>Solved.</b> : ""}</p>
          {c.hints.slice(0, hints).map((h, i) => <p key={i} class="hint">{h}</p>)}
          {hints < c.hints.length && !now.solved && (
            <button type="button" onClick={() => setHints(hints + 1)}>{`Hint ${hints + 1} of ${c.hints.length}`}</button>
          )}
        </>
      )}
    </section>
  );
}

function Futures(p: { game: Game }) {
  const g = p.game;
  const now = g.now.value!;
  const [shared, setShared] = useState("");
  const v = g.viewer;
  const save = (what: string | Uint8Array<ArrayBuffer> | null, ending: string, type: string) => {
    if (what === null) return;
    const url = URL.createObjectURL(new Blob([what], { type }));
    const a = Object.assign(document.createElement("a"), { href: url, download: v.run.value!.head.name + ending });
    a.click();
    URL.revokeObjectURL(url);
  };
  const share = async () => {
    const link = `${location.href.split("#")[0]}#play=${await toLink(now.scenario)}&${v.hash().slice(1)}`;
    history.replaceState(history.state, "", link);
    setShared(link);
    await navigator.clipboard?.writeText(link).catch(() => undefined); // it stands in the page, too
  };
  return (
    <div class="futures">
      <div class="tabs" role="group" aria-label="futures">
        {g.futures.value.map((f, i) => (
          <button key={i} type="button" aria-pressed={i === g.current.value} onClick={() => g.show(i)}>{f.name}</button>
        ))}
        <button type="button" data-act="fork" onClick={() => g.fork()}>Fork here</button>
        <button type="button" data-act="undo" disabled={(g.futures.value[g.current.value]?.past.length ?? 0) < 2} onClick={() => g.undo()}>
          Undo
        </button>
        {g.futures.value.length > 1 && (
          <label>Beside it{" "}
            <select value={String(g.compared.value)} onChange={(e) => g.compare(Number(e.currentTarget.value))} data-act="compare">
              <option value="-1">nothing</option>
              {g.futures.value.map((f, i) => i !== g.current.value && <option key={i} value={String(i)}>{f.name}</option>)}
            </select>
          </label>
        )}
        <button type="button" data-act="save" onClick={() => save(now.scenario, ".yaml", "text/yaml")}>Save as a scenario</button>
        <button type="button" data-act="trace" disabled={g.busy.value}
          onClick={() => void g.trace().then((x) => save(x, ".jsonl", "application/jsonl"))}>Save the trace</button>
        <button type="button" data-act="share" onClick={() => void share()}>Link</button>
        {g.busy.value && <Busy game={g} />}
      </div>
      {shared && <p class="hint">The link: <input readOnly value={shared} aria-label="link to this game" onFocus={(e) => e.currentTarget.select()} /></p>}
      {g.compared.value >= 0 && g.other.run.value && <Beside game={g} />}
      <ul class="steps" aria-label="what was said">
        {now.steps.map((s, i) => (
          <li key={i}><button type="button" class="evidence" onClick={() => v.seek(s.at)}>{clock(s.at)}</button> <code>{s.line}</code></li>
        ))}
      </ul>
      <details><summary>The scenario</summary><Edit game={g} /></details>
    </div>
  );
}

// Busy says how far the run under way is. It can be stopped.
function Busy(p: { game: Game }) {
  const share = p.game.progress.value;
  return (
    <>
      <span class="hint">{share > 0 ? `runs, ${Math.floor(100 * share)}% …` : "runs …"}</span>
      <button type="button" data-act="stop" onClick={() => p.game.stop()}>Stop it</button>
    </>
  );
}

// Edit has the scenario as text. What is changed there is run as a new game.
function Edit(p: { game: Game }) {
  const g = p.game;
  const text = g.now.value!.scenario;
  const [edited, setEdited] = useState<string | null>(null);
  useEffect(() => setEdited(null), [text]);
  return (
    <div class="edit">
      <textarea aria-label="the scenario as text" rows={16} spellcheck={false} value={edited ?? text}
        onInput={(e) => setEdited(e.currentTarget.value)} />
      <button type="button" disabled={edited === null || g.busy.value} onClick={() => void g.begin(edited ?? text)}>Run it as edited</button>
      <p class="hint">{`Saved as ${g.viewer.run.value!.head.name}.yaml, quorumlab run ./${g.viewer.run.value!.head.name}.yaml does the same, byte for byte.`}</p>
    </div>
  );
}

// Beside shows the compared future at the same moment, and says what differs.
function Beside(p: { game: Game }) {
  const g = p.game;
  const t = g.viewer.t.value;
  useEffect(() => g.other.seek(t), [t]);
  const a = (g.viewer.place.value, g.viewer.state());
  const b = (g.other.place.value, g.other.state());
  const run = g.viewer.run.value!;
  const differ = run.head.members.filter((_, i) => {
    const [x, y] = [a.members[i + 1], b.members[i + 1]];
    return !x || !y || standing(x) !== standing(y) || x.term !== y.term || x.commit !== y.commit;
  });
  const name = g.futures.value[g.compared.value]!.name;
  return (
    <section class="beside" aria-label={name + " at the same moment"}>
      <p><b>{name}</b> at the same moment. {differ.length === 0 ? "Nothing differs." : `Different: ${differ.join(", ")}.`}</p>
      <Boxed>{(w, h) => <Stage viewer={g.other} w={w} h={h} />}</Boxed>
    </section>
  );
}

function Boxed(p: { children: (w: number, h: number) => ComponentChildren }) {
  const ref = useRef<HTMLDivElement>(null);
  const [w, set] = useState(0);
  useEffect(() => {
    const watch = new ResizeObserver(() => ref.current && set(ref.current.clientWidth));
    if (ref.current) watch.observe(ref.current);
    return () => watch.disconnect();
  }, []);
  return <div ref={ref} class="stage-box">{w > 0 && p.children(w, 320)}</div>;
}

// startOf is the scenario that a link brings, or none.
export async function startOf(hash: string): Promise<string> {
  const link = new URLSearchParams(hash.replace(/^#/, "")).get("play");
  return link ? fromLink(link) : "";
}
