// The page of a running cluster starts here: the player on a run that grows, a prompt, and what the members say.

import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import "./live.css";
import { Cluster, type Exchange, type Status } from "./cluster.ts";
import { readLooks } from "./held.ts";
import { Overlay } from "./play.tsx";
import { Player } from "./player.tsx";
import { clock } from "./words.ts";

// tokenOf takes the token out of the address, where others may read it over a shoulder, and keeps it for a reload.
function tokenOf(): string {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  const key = "quorumlab token " + location.host;
  if (given === null) return sessionStorage.getItem(key) ?? "";
  sessionStorage.setItem(key, given);
  history.replaceState(history.state, "", location.pathname);
  return given;
}

async function start(root: HTMLElement): Promise<void> {
  readLooks();
  const cluster = new Cluster(tokenOf());
  const hash = location.hash;
  await cluster.begin();
  if (hash.startsWith("#t=") && cluster.viewer.follow(hash)) cluster.viewer.playing.value = false;
  root.replaceChildren();
  render(<Live cluster={cluster} />, root);
  await cluster.follow();
}

function Live(p: { cluster: Cluster }) {
  const c = p.cluster;
  const v = c.viewer;
  return (
    <>
      <Standing cluster={c} />
      <Player viewer={v} alone={true} grows={c.state.value === "running"} overlay={(w, h) => <Overlay game={c} w={w} h={h} />}
        gestures={{ member: (member, x, y) => (c.menu.value = { member, x, y }) }}>
        <Prompt cluster={c} />
        <Members cluster={c} />
      </Player>
    </>
  );
}

// Standing says whether what is seen happens now, and leads back to it.
function Standing(p: { cluster: Cluster }) {
  const c = p.cluster;
  const v = c.viewer;
  const state = c.state.value;
  const now = v.tail.value && state === "running";
  const behind = v.run.value!.head.end - v.t.value;
  return (
    <div class="standing" data-live={now ? "yes" : "no"} data-state={state}>
      {now && <><b class="on-air">● Live</b> <span>what is seen happens now. Stop, drag the slider or step back to look at it again.</span></>}
      {!now && state === "running" && (
        <>
          <b>❚❚ Replay</b> <span>{`${clock(behind, 1)} behind. The cluster goes on meanwhile.`}</span>
          {c.full.value && <span>The page keeps no more events until it is live again.</span>}
        </>
      )}
      {state === "running" && <button type="button" data-act="live" disabled={now} onClick={() => c.live()}>Back to live</button>}
      {state === "ended" && <><b>■ Ended</b> <span>The cluster has ended. What was seen of it can be looked at here until the page is closed.</span></>}
      {state === "lost" && (
        <>
          <b>■ No answer</b> <span>The sandbox has ended, or can't be reached. What was seen of it stays here.</span>
          <button type="button" data-act="again" onClick={() => void c.follow()}>Try again</button>
        </>
      )}
      <p class="unseen" role="status">{now ? "live" : state === "running" ? "replay" : "the cluster has ended"}</p>
    </div>
  );
}

// Prompt takes statements, with the completion of quorumlab's own prompt.
function Prompt(p: { cluster: Cluster }) {
  const c = p.cluster;
  const [line, setLine] = useState("");
  const [more, setMore] = useState<string[]>([]);
  const [past, setPast] = useState(-1); // of the lines said before, from the newest
  const asked = useRef(0);
  const words = line.split(/\s+/).filter(Boolean);
  const begun = line.endsWith(" ") || line === "" ? "" : (words.pop() ?? "");
  const head = words.join(" ");
  useEffect(() => {
    const turn = ++asked.current;
    c.words(words).then((list) => turn === asked.current && setMore(list), () => setMore([]));
  }, [head]);
  const fits = more.filter((w) => w.startsWith(begun) && w !== begun);
  const common = fits.reduce((a, b) => {
    let n = 0;
    while (n < a.length && a[n] === b[n]) n++;
    return a.slice(0, n);
  }, fits[0] ?? "");
  const take = (word: string, whole: boolean) => setLine((head === "" ? "" : head + " ") + word + (whole ? " " : ""));
  const key = (e: KeyboardEvent) => {
    const lines = c.exchanges.value.map((x) => x.line).reverse();
    if (e.key === "Tab" && !e.shiftKey && begun !== "" && common.length > begun.length) {
      e.preventDefault();
      take(common, fits.length === 1);
    } else if (e.key === "Tab" && !e.shiftKey && fits.length === 1 && begun !== "") {
      e.preventDefault();
      take(fits[0]!, true);
    } else if (e.key === "ArrowUp" || e.key === "ArrowDown") {
      e.preventDefault();
      const to = Math.max(-1, Math.min(past + (e.key === "ArrowUp" ? 1 : -1), lines.length - 1));
      setPast(to);
      setLine(lines[to] ?? "");
    }
  };
  const say = (e: SubmitEvent) => {
    e.preventDefault();
    const typed = (e.currentTarget as HTMLFormElement).querySelector("input")!.value.trim();
    if (typed === "") return;
    setLine("");
    setPast(-1);
    void c.say(typed);
  };
  const first = [...words, begun][0];
  const phrase = c.language.value.phrases.find((x) => x.usage.split(" ")[0] === first);
  const off = c.busy.value || c.state.value !== "running";
  return (
    <section class="console" aria-label="statements">
      <form class="prompt" onSubmit={say}>
        <label>
          <span>{c.language.value.name + ">"}</span>
          <input value={line} onInput={(e) => setLine(e.currentTarget.value)} onKeyDown={key} placeholder="crash leader for 5s"
            autocomplete="off" autocapitalize="off" spellcheck={false} aria-describedby="fits" />
        </label>
        <button type="submit" disabled={off}>Do it now</button>
        <button type="button" onClick={() => void c.say("heal")} disabled={off}>Mend all links</button>
        <div id="fits" class="fits">
          {line !== "" && fits.slice(0, 14).map((w) => (
            <button key={w} type="button" tabIndex={-1} onClick={(e) => {
              take(w, true);
              e.currentTarget.closest("form")!.querySelector("input")!.focus();
            }}>{w}</button>
          ))}
          {phrase && <span class="hint"><code>{phrase.usage}</code>: {phrase.about}</span>}
          {line === "" && <span class="hint">A statement, or help, status, history, wait. Tab completes, ↑ brings back what was said.</span>}
        </div>
      </form>
      <ol class="said" aria-label="what was said" aria-live="polite">
        {c.exchanges.value.slice().reverse().map((x) => <Said key={x.number} x={x} />)}
      </ol>
    </section>
  );
}

function Said(p: { x: Exchange }) {
  const { x } = p;
  return (
    <li data-done={x.done ? "yes" : "no"}>
      <code>{"> " + x.line}</code>
      {!x.done && <span class="hint"> …</span>}
      {x.text !== "" && <pre tabIndex={x.text.includes("\n") ? 0 : -1}>{x.text}</pre>}
      {x.error !== "" && <p class="wrong">{x.error}</p>}
    </li>
  );
}

const kib = (n: number) => (n < 10 << 20 ? `${n >> 10} KiB` : `${Math.floor(n / (1 << 20))} MiB`);

// Members is what the members say of themselves now, which no event tells.
function Members(p: { cluster: Cluster }) {
  const s = p.cluster.status.value;
  if (!s) return null;
  return (
    <details class="members" open>
      <summary>{`The members now: ${s.leader ? s.leader + " leads" : "nobody leads"}, ${counts(s)}`}</summary>
      <div class="wide" tabIndex={0} role="region" aria-label="the members now">
        <table>
          <thead><tr>{["member", "state", "term", "commit", "database", "in use", "process", "for clients"].map((h) => <th key={h} scope="col">{h}</th>)}</tr></thead>
          <tbody>
            {s.members.map((m) => (
              <tr key={m.name}>
                <th scope="row">{m.name}</th><td>{m.state}</td><td>{m.term}</td><td>{m.commit}</td>
                <td>{m.answers ? kib(m.db) : "–"}</td><td>{m.answers ? kib(m.db_in_use) : "–"}</td><td>{m.pid || "–"}</td>
                <td><code>{m.client_url.replace(/^https?:\/\//, "")}</code>{m.alarms.length > 0 && <b class="wrong"> {m.alarms.join(", ")}</b>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function counts(s: Status): string {
  const o = s.operations;
  const asked = s.load.map((l) => l.statement);
  return [`operations: ${o.ok} ok, ${o.failed} failed, ${o.unknown} unknown`, ...asked].join("; ");
}

const root = document.getElementById("live");
if (root) {
  start(root).catch((e: unknown) => {
    root.textContent = "The cluster can't be shown: " + (e instanceof Error ? e.message : String(e));
  });
}
