// What can be done to a message on its way, and the settings of the cluster that is played with.

import { useEffect, useState } from "preact/hooks";
import type { Setting } from "./engine.ts";
import { Kind, msgNames } from "./names.ts";
import type { Game } from "./play.tsx";
import { nameOf, type Run } from "./record.ts";
import { Ring } from "./stage.tsx";

// momentOf is the moment at which a message that is on its way at t can be told something: statements have times to
// the microsecond, and the message must have been sent by then. Below 0: it is not on its way.
export function momentOf(run: Run, other: Int32Array, place: number, t: number): number {
  if (run.ev.kind[place] !== Kind.Sent || run.ev.at[place]! > t) return -1;
  const at = Math.max(Math.floor(t / 1e3), Math.floor(run.ev.at[place]! / 1e3) + 1) * 1e3;
  const end = other[place]! >= 0 ? run.ev.at[other[place]!]! : run.head.end;
  return at < end && t < end ? at : -1;
}

// messageChoices are what can be done to a message.
export function messageChoices(run: Run, place: number): { word: string; line: string }[] {
  const id = run.ev.id[place]!;
  const once = ["MsgProp", "MsgSnap"].includes(msgNames[run.ev.msg[place]!] ?? "");
  return [
    { word: "Lose it", line: `drop-message ${id}` },
    { word: "Hold it back for 50 ms", line: `delay-message ${id} 50ms` },
    { word: "Hold it back for 1 s", line: `delay-message ${id} 1s` },
    ...(once ? [] : [{ word: "Deliver it twice", line: `duplicate-message ${id}` }]),
    { word: "Deliver it now", line: `deliver-message ${id}` },
  ];
}

// MessageMenu stands beside the message that is selected, while it is on its way.
export function MessageMenu(p: { game: Game; w: number; h: number }) {
  const g = p.game;
  const run = g.viewer.run.value!;
  const picked = g.viewer.picked.value;
  const t = g.viewer.t.value;
  if (picked?.what !== "event" || g.viewer.playing.value) return null;
  const { other } = g.viewer.moments.value!;
  const place = picked.place;
  const at = momentOf(run, other, place, t);
  if (at < 0) return null;
  const end = other[place]! >= 0 ? run.ev.at[other[place]!]! : at + 1;
  const far = (t - run.ev.at[place]!) / (end - run.ev.at[place]!);
  const [a, b] = new Ring(p.w, p.h, run.head.members.length).way(run.ev.member[place]!, run.ev.peer[place]!);
  const [x, y] = [a.x + (b.x - a.x) * far, a.y + (b.y - a.y) * far];
  const list = messageChoices(run, place);
  const name = `${msgNames[run.ev.msg[place]!] ?? "message"} to ${nameOf(run, run.ev.peer[place]!)}`;
  return (
    <div class="menu" role="group" aria-label={"what to do to the message " + name}
      style={{ left: `${Math.max(0, Math.min(x + 16, p.w - 200))}px`, top: `${Math.max(0, Math.min(y - 20, p.h - 34 * list.length - 40))}px` }}>
      <b>{name}</b>
      {list.map((c) => (
        <button key={c.word} type="button" data-say={c.line.split(" ")[0]} disabled={g.busy.value}
          onClick={() => void g.say(c.line, false, at)}>{c.word}</button>
      ))}
    </div>
  );
}

// Settings has a field for what is set most often; the scenario's text has the rest.
export function Settings(p: { game: Game }) {
  const g = p.game;
  const now = g.now.value!;
  const [edited, setEdited] = useState<Record<string, string>>({});
  useEffect(() => setEdited({}), [now]);
  const fixed = g.challenge.value !== null;
  const run = async (e: Event) => {
    e.preventDefault();
    await g.set(edited);
  };
  const change = (x: Setting) => (e: { currentTarget: { value: string } }) => setEdited({ ...edited, [x.path]: e.currentTarget.value });
  return (
    <form class="settings" onSubmit={(e) => void run(e)}>
      {now.settings.map((x) => (
        <label key={x.path}>
          <span>{x.label}</span>
          {x.choices ? (
            <select data-set={x.path} disabled={fixed} value={edited[x.path] ?? x.value} onChange={change(x)}>
              {(x.choices.includes(x.value) ? x.choices : [x.value, ...x.choices]).map((c) => (
                <option key={c} value={c}>{{ true: "on", false: "off" }[c] ?? c}</option>
              ))}
            </select>
          ) : (
            <input data-set={x.path} disabled={fixed} value={edited[x.path] ?? x.value} autocomplete="off" spellcheck={false}
              onInput={change(x)} />
          )}
        </label>
      ))}
      <button type="submit" data-act="set" disabled={fixed || g.busy.value || Object.keys(edited).length === 0}>Run it with these</button>
      <p class="hint">{fixed ? "In a challenge the settings stay as they are." :
        "The run begins anew with the same statements. Times are like 500ms, 1s..2s for a range."}</p>
    </form>
  );
}
