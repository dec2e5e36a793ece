// What stands beside the stage: the clients, what is wrong and who leads now, the story, the verdicts.

import { Life, type State } from "./fold.ts";
import { Outcome, outcomeNames, Role } from "./names.ts";
import { judge, judgedWords } from "./judged.ts";
import { placeOf } from "./moments.ts";
import { nameOf, str } from "./record.ts";
import type { Viewer } from "./store.ts";
import { clock, length, operationText } from "./words.ts";

// mostClients bounds the clients that have a row of their own.
const mostClients = 12;

export function Clients(p: { viewer: Viewer }) {
  const v = p.viewer;
  const run = v.run.value!;
  const s = (v.place.value, v.state());
  const clients = [...s.asked.keys()].sort((a, b) => a - b);
  const mark: Record<number, string> = {
    [Outcome.Ok]: "✓", [Outcome.Failed]: "✗", [Outcome.Unknown]: "?", [Outcome.Mismatch]: "≠",
  };
  const { at, result, member } = run.ev;
  const judged = judge(run);
  return (
    <div class="clients" aria-label="clients">
      {clients.length === 0 && <p class="hint">No client has asked for anything yet.</p>}
      {clients.slice(0, mostClients).map((c) => {
        const call = s.asked.get(c)!;
        const back = s.answered.get(c) ?? -1;
        const waits = back < call;
        const slow = waits && v.t.value - at[call]! > 1e8;
        const verdict = waits ? "" : judged(v.moments.value!.other[back]!, back);
        return (
          <button key={c} class={`client ${waits ? "waits" : ""} ${slow ? "slow" : ""} ${verdict}`} type="button"
            title={judgedWords[verdict]}
            onClick={() => (v.picked.value = { what: "event", place: waits ? call : back })}>
            <b>{"c" + c}</b> {operationText(run, call)}{" "}
            <i>{waits ? `waits ${length(v.t.value - at[call]!)}` :
              `${mark[result[back]!] ?? ""} ${outcomeNames[result[back]!]}${member[back] ? " by " + nameOf(run, member[back]!) : ""}`}</i>
            {verdict === "bad" && <b> ✗ not linearizable</b>}
          </button>
        );
      })}
      {clients.length > mostClients && <p class="hint">{`and ${clients.length - mostClients} more clients`}</p>}
    </div>
  );
}

// nowText says who leads and what is wrong at the moment.
export function nowText(v: Viewer, s: State): string[] {
  const run = v.run.value!;
  const out: string[] = [];
  const leaders = s.members.map((m, i) => ({ m, i })).filter(({ m }) => m.life === Life.running && m.role === Role.Leader);
  if (leaders.length === 0) out.push("Nobody leads.");
  for (const { m, i } of leaders) {
    const since = v.moments.value!.reigns.find((r) => r.member === i && r.term === m.term && r.from <= v.t.value);
    const old = leaders.some((o) => o.m.term > m.term) ? " It has been replaced and does not know it." : "";
    out.push(`${nameOf(run, i)} leads in term ${m.term}${since ? `, since ${clock(since.from)}` : ""}.${old}`);
  }
  for (const [life, word] of [[Life.down, "down"], [Life.paused, "paused"]] as const) {
    const who = run.head.members.filter((_, i) => s.members[i + 1]!.life === life);
    if (who.length > 0) out.push(`${who.join(", ")} ${who.length > 1 ? "are" : "is"} ${word}.`);
  }
  const wrong = [...s.faults.values()].map((place) => str(run, run.ev.note[place]!)).filter((x) => !/^(crash|pause) /.test(x));
  if (wrong.length > 0) out.push(`In effect: ${wrong.slice(0, 4).join("; ")}${wrong.length > 4 ? `; ${wrong.length - 4} more` : ""}.`);
  let waiting = 0;
  for (const place of s.waiting.values()) if (v.t.value - run.ev.at[place]! > 1e8) waiting++;
  if (waiting > 0) out.push(`${waiting} operation${waiting > 1 ? "s" : ""} waited for more than 100 ms.`);
  return out;
}

export function Story(p: { viewer: Viewer }) {
  const v = p.viewer;
  const run = v.run.value!;
  const s = (v.place.value, v.state());
  const at = (seqs: number[], t: number) => {
    v.playing.value = false;
    const place = seqs.map((x) => placeOf(run, x)).find((x) => x >= 0);
    if (place !== undefined) v.goTo(place);
    else v.seek(t);
  };
  const current = run.head.story.reduce((best, x, i) => (x.at <= v.t.value ? i : best), -1);
  return (
    <div class="story">
      <p class="now">{nowText(v, s).join(" ")}</p>
      {run.head.about && <details><summary>What to watch for</summary><p class="about">{run.head.about}</p></details>}
      <ul aria-label="the story">
        {run.head.story.map((x, i) => (
          <li key={i} class={i === current ? "current" : ""}>
            <a href={`#t=${x.at / 1e9}s`} onClick={(e) => (e.preventDefault(), at([], x.at))}>{clock(x.at)}</a> {x.text}
          </li>
        ))}
      </ul>
      {run.head.verdicts.length > 0 && (
        <details open={run.head.verdicts.some((x) => x.state !== "good")}>
          <summary>{verdictLine(v)}</summary>
          <ul aria-label="verdicts">
            {run.head.verdicts.map((x, i) => (
              <li key={i} class={"verdict " + x.state}>
                <b>{{ good: "✓ holds", bad: "✗ failed", open: "? open" }[x.state]}</b> <code>{x.check}</code>: {x.why}{" "}
                {x.seqs.map((q) => placeOf(run, q)).filter((q) => q >= 0).slice(0, 6).map((place) => (
                  <button key={place} type="button" class="evidence" onClick={() => {
                    v.playing.value = false;
                    v.goTo(place);
                    v.picked.value = { what: "event", place };
                  }}>{clock(run.ev.at[place]!)}</button>
                ))}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function verdictLine(v: Viewer): string {
  const vs = v.run.value!.head.verdicts;
  const bad = vs.filter((x) => x.state === "bad").length;
  const open = vs.filter((x) => x.state === "open").length;
  if (bad > 0) return `✗ ${bad} of ${vs.length} checks and expectations failed`;
  if (open > 0) return `? ${open} of ${vs.length} could not be decided`;
  return `✓ all ${vs.length} checks and expectations hold`;
}
