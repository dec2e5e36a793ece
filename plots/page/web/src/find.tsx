// Finding: members, keys, statements, sentences of the story and checks by a part of their text.

import { useEffect, useRef, useState } from "preact/hooks";
import { Kind } from "./names.ts";
import { placeOf } from "./moments.ts";
import { str, type Run } from "./record.ts";
import type { Picked, Viewer } from "./store.ts";
import { clock, operationText } from "./words.ts";

export interface Found {
  what: string;
  text: string;
  at: number; // -1: it is at no moment
  picked: Picked | null;
}

// mostFound bounds the list; mostOfKey is how many operations on one key are listed.
const mostFound = 40;
const mostOfKey = 8;

// find lists what has a text, in the order of time but for members, which come first.
export function find(run: Run, text: string): Found[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [];
  const fits = (s: string) => s.toLowerCase().includes(wanted);
  const out: Found[] = [];
  run.head.members.forEach((name, i) => {
    if (fits(name)) out.push({ what: "member", text: name, at: -1, picked: { what: "member", member: i + 1 } });
  });
  const rest: Found[] = [];
  for (const s of run.head.story) if (fits(s.text)) rest.push({ what: "story", text: s.text, at: s.at, picked: null });
  for (const v of run.head.verdicts) {
    const place = v.seqs.map((s) => placeOf(run, s)).find((p) => p >= 0) ?? -1;
    if (fits(v.check) || fits(v.why)) {
      rest.push({ what: "check", text: `${v.check}: ${v.why}`, at: place >= 0 ? run.ev.at[place]! : -1,
        picked: place >= 0 ? { what: "event", place } : null });
    }
  }
  const keys = new Set(run.head.strings.map((s, i) => (i > 0 && fits(s) ? i : -1)).filter((i) => i > 0));
  const seen = new Map<number, number>();
  const { kind, key, note, at } = run.ev;
  for (let i = 0; keys.size > 0 && i < run.n && rest.length < 4 * mostFound; i++) {
    if (kind[i] === Kind.Call && keys.has(key[i]!)) {
      const n = (seen.get(key[i]!) ?? 0) + 1;
      seen.set(key[i]!, n);
      if (n <= mostOfKey) rest.push({ what: "operation", text: operationText(run, i), at: at[i]!, picked: { what: "event", place: i } });
    } else if ((kind[i] === Kind.FaultBegun || kind[i] === Kind.FaultFailed || kind[i] === Kind.Note) && keys.has(note[i]!)) {
      rest.push({ what: "statement", text: str(run, note[i]!), at: at[i]!, picked: { what: "event", place: i } });
    }
  }
  return [...out, ...rest.sort((a, b) => a.at - b.at)].slice(0, mostFound);
}

// Find is the field and what was found. Its place is at the end of the page's controls, and / goes there.
export function Find(p: { viewer: Viewer }) {
  const v = p.viewer;
  const open = v.finding.value;
  const [text, setText] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (open) field.current?.focus();
  }, [open]);
  if (!open) return null;
  const found = find(v.run.value!, text);
  const go = (f: Found) => {
    if (f.at >= 0) {
      v.playing.value = false;
      if (f.picked?.what === "event") v.goTo(f.picked.place);
      else v.seek(f.at);
    }
    if (f.picked) v.picked.value = f.picked;
  };
  const key = (e: KeyboardEvent) => {
    if (e.key !== "Escape") return;
    e.stopPropagation();
    v.finding.value = false;
  };
  return (
    <search class="find" onKeyDown={key}>
      <form onSubmit={(e) => {
        e.preventDefault();
        const next = found.find((f) => f.at > v.t.value) ?? found[0];
        if (next) go(next);
      }}>
        <label>Find{" "}
          <input ref={field} value={text} onInput={(e) => setText(e.currentTarget.value)} placeholder="a member, a key, a word of the story"
            autocomplete="off" spellcheck={false} />
        </label>
        <button type="submit">Next</button>
        <button type="button" onClick={() => (v.finding.value = false)}>Close</button>
        <span class="hint" role="status">{text.trim() === "" ? "" : found.length === 0 ? "nothing has this text" : `${found.length}${found.length === mostFound ? " or more" : ""} found`}</span>
      </form>
      <ul aria-label="what was found">
        {found.map((f, i) => (
          <li key={i}>
            <button type="button" class="evidence" onClick={() => go(f)}>{f.at >= 0 ? clock(f.at) : "select"}</button>{" "}
            <small>{f.what}</small> {f.text}
          </li>
        ))}
      </ul>
    </search>
  );
}
