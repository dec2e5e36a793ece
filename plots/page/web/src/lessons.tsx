// The page of the lessons starts here: chapters; of each the text, questions before a run, the run by the program that
// serves the page, what came out, and tasks with an editor.

import { signal } from "@preact/signals";
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import "./lessons.css";
import { Editor } from "./editor.tsx";
import type { Schema } from "./schema.ts";

interface Chapter {
  id: string; title: string; about: string; steps: number; played: number; right: number; predicted: number;
  points: number; of: number; tried: number; tasks: number;
}

interface Question {
  id: string; question: string; choices: { value: string; text: string }[]; answer: string; tries: number;
}

interface Step {
  id: string; title: string; before: string; questions: Question[]; played: boolean;
}

interface Task {
  id: string; title: string; text: string; file: string; start: string; points: number; of: number; tries: number;
}

interface Lesson {
  id: string; title: string; about: string; intro: string; end: string; lacks: string; steps: Step[]; tasks: Task[];
  further: { Title: string; Where: string }[] | null;
}

interface Outcome {
  predictions: { question: string; said: string; right: boolean; was: string; why: string }[];
  findings: { claim: string; holds: boolean; why: string }[];
  pictures: { title: string; about: string; svg: string }[];
  tables: { title: string; head: string[]; rows: string[][] }[];
  facts: [string, string, string][];
  after: string;
  misconception: string;
}

interface Marks {
  bad?: string;
  points: number; of: number;
  marks: { what: string; points: number; of: number; why: string; hint: string }[];
}

const token = (() => {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  const key = "quorumlab lessons token " + location.host;
  if (given === null) return sessionStorage.getItem(key) ?? "";
  sessionStorage.setItem(key, given);
  history.replaceState(history.state, "", location.pathname);
  return given;
})();

async function ask(what: string, asked: object, signal?: AbortSignal): Promise<Response> {
  const r = await fetch(what, { method: "POST", headers: { "X-Token": token }, body: JSON.stringify(asked), signal: signal ?? null });
  if (!r.ok) throw new Error((await r.text()).trim());
  return r;
}

const asked = async <T,>(what: string, q: object): Promise<T> => (await (await ask(what, q)).json()) as T;

// work asks for something that takes its time: tell gets what is going on, and the result comes at last.
async function work<T>(what: string, q: object, signal: AbortSignal, tell: (s: string) => void): Promise<T> {
  const r = (await ask(what, q, signal)).body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await r.read();
    rest += value ?? "";
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const said = JSON.parse(line) as { say?: string; error?: string; result?: T };
      if (said.error !== undefined) throw new Error(said.error);
      if (said.result !== undefined) return said.result;
      if (said.say !== undefined) tell(said.say);
    }
    if (done) throw new Error("the program ended before the result came");
  }
}

const message = (e: unknown) => (e instanceof Error ? e.message : String(e));

// Html shows a part of a lesson's text, which is part of the program.
function Html(p: { of: string }) {
  return <div dangerouslySetInnerHTML={{ __html: p.of }} />;
}

// Figure shows a picture. Its styles are set one by one: the page's policy takes none from markup.
function Figure(p: { picture: Outcome["pictures"][number] }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const doc = new DOMParser().parseFromString(p.picture.svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '), "image/svg+xml");
    const styles = [...doc.querySelectorAll("[style]")].map((e) => {
      const css = e.getAttribute("style")!;
      e.removeAttribute("style");
      return [e as SVGElement, css] as const;
    });
    const svg = document.importNode(doc.documentElement, false);
    svg.append(...doc.documentElement.childNodes);
    ref.current!.replaceChildren(svg);
    for (const [e, css] of styles) e.style.cssText = css;
  }, [p.picture.svg]);
  return (
    <figure>
      <div class="scroll" tabIndex={0} role="region" aria-label={p.picture.title}><div ref={ref} /></div>
      <figcaption>{p.picture.about}</figcaption>
    </figure>
  );
}

const place = signal(location.hash.slice(1));
addEventListener("hashchange", () => (place.value = location.hash.slice(1)));

function Lessons() {
  const id = place.value;
  return id === "" ? <Chapters /> : <One key={id} id={id} />;
}

function Chapters() {
  const [list, setList] = useState<{ learner: string; path: string; lessons: Chapter[] } | null>(null);
  const [wrong, setWrong] = useState("");
  useEffect(() => {
    asked<typeof list>("list", {}).then(setList, (e) => setWrong(message(e)));
  }, []);
  if (wrong) return <p class="wrong" role="alert">{wrong}</p>;
  if (!list) return <p>The lessons are being read …</p>;
  const save = async () => {
    const text = JSON.stringify(await asked("progress", {}), null, 2) + "\n";
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    Object.assign(document.createElement("a"), { href: url, download: list.learner + ".json" }).click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <p>Each chapter asks what you think before it shows what happens. Your progress is kept on this machine, as {list.learner}: <code>{list.path}</code>{" "}
        <button type="button" data-act="progress" onClick={() => void save()}>Save my progress</button></p>
      <ul class="chapters">
        {list.lessons.map((l) => (
          <li key={l.id} class={l.played === l.steps && l.of > 0 && l.points === l.of && l.tried === l.tasks ? "done" : l.played + l.tried > 0 ? "begun" : ""}>
            <a href={"#" + l.id}>{l.id} {l.title}</a> {l.about}
            <small>{standing(l)}</small>
          </li>
        ))}
      </ul>
    </>
  );
}

function standing(l: Chapter): string {
  if (l.played + l.tried + l.predicted === 0) return "not started";
  const parts = [`${l.played} of ${l.steps} steps played`];
  if (l.predicted > 0) parts.push(`${l.right} of ${l.predicted} predictions right`);
  if (l.of > 0) parts.push(`${l.points} of ${l.of} points in ${l.tried} of ${l.tasks} tasks`);
  return parts.join(", ");
}

function One(p: { id: string }) {
  const [l, setLesson] = useState<Lesson | null>(null);
  const [wrong, setWrong] = useState("");
  useEffect(() => {
    scrollTo(0, 0);
    asked<Lesson>("open", { lesson: p.id }).then(setLesson, (e) => setWrong(message(e)));
  }, []);
  if (wrong) return <p class="wrong" role="alert">{wrong} <a href="#">All lessons</a></p>;
  if (!l) return <p>The lesson is being read …</p>;
  return (
    <article>
      <p><a href="#">All lessons</a> · lesson {l.id}</p>
      {l.lacks && <p class="wrong">{l.lacks}</p>}
      <Html of={l.intro} />
      {l.steps.map((s, i) => <OneStep key={s.id} lesson={l} step={s} number={i + 1} />)}
      <h2>Tasks</h2>
      {l.tasks.map((t) => <OneTask key={t.id} lesson={l} task={t} />)}
      <section class="step"><Html of={l.end} /></section>
      {l.further && l.further.length > 0 && <><h3>Further reading</h3><ul>{l.further.map((f) => <li key={f.Where}>{f.Title}: {f.Where}</li>)}</ul></>}
    </article>
  );
}

// useWork is something that takes its time: how it goes, its result, and what starts and stops it.
function useWork<T>(what: string) {
  const [going, setGoing] = useState<string | null>(null);
  const [result, setResult] = useState<T | null>(null);
  const [wrong, setWrong] = useState("");
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const start = async (q: object) => {
    stop.current = new AbortController();
    setGoing("begins");
    setWrong("");
    try {
      setResult(await work<T>(what, q, stop.current.signal, setGoing));
    } catch (e) {
      setWrong(stop.current.signal.aborted ? "It was stopped." : message(e));
    }
    setGoing(null);
  };
  return { going, result, wrong, start, stop: () => stop.current?.abort(), fail: setWrong };
}

function OneStep(p: { lesson: Lesson; step: Step; number: number }) {
  const { lesson, step } = p;
  const [answers, setAnswers] = useState<Record<string, string>>(() =>
    Object.fromEntries(step.questions.map((q) => [q.id, q.answer])));
  const w = useWork<Outcome>("run");
  const answered = step.questions.filter((q) => (answers[q.id] ?? "").trim() !== "");
  const go = async () => {
    try { // each answer is kept before anything is run
      for (const q of answered) {
        await ask("predict", { lesson: lesson.id, step: step.id, prediction: q.id, answer: answers[q.id]!.trim() });
      }
    } catch (e) {
      w.fail(message(e));
      return;
    }
    await w.start({ lesson: lesson.id, step: step.id });
  };
  const busy = w.going !== null;
  return (
    <section class="step" data-step={step.id} data-state={busy ? "runs" : w.result ? "played" : "asked"}>
      <h2>Step {p.number} of {lesson.steps.length}: {step.title}</h2>
      <Html of={step.before} />
      <form onSubmit={(e) => (e.preventDefault(), void go())}>
        {step.questions.map((q) => (
          <fieldset key={q.id} data-question={q.id} disabled={busy || w.result !== null}>
            <legend>{q.question}</legend>
            {q.choices.map((c) => (
              <label key={c.value}>
                <input type="radio" name={step.id + q.id} value={c.value} checked={answers[q.id] === c.value}
                  onChange={() => setAnswers({ ...answers, [q.id]: c.value })} />
                {c.text}
              </label>
            ))}
            {q.choices.length === 0 && (
              <label>Your answer{" "}
                <input type="text" value={answers[q.id]} placeholder="3, 250ms or 40%" autocomplete="off"
                  onInput={(e) => setAnswers({ ...answers, [q.id]: e.currentTarget.value })} />
              </label>
            )}
          </fieldset>
        ))}
        <div class="bar">
          <button type="submit" class="main" data-act="run" disabled={busy || lesson.lacks !== "" || w.result !== null}>
            {answered.length === step.questions.length ? "Run it" : answered.length > 0 ? "Run it with these answers" : "Run it without a prediction"}
          </button>
          {busy && <><span class="going" role="status">{w.going} …</span> <button type="button" onClick={w.stop}>Stop</button></>}
          {!busy && !w.result && step.played && <span class="going">It was played before.</span>}
        </div>
        {w.wrong && <p class="wrong" role="alert">{w.wrong}</p>}
      </form>
      {w.result && <Shown outcome={w.result} />}
    </section>
  );
}

function Shown(p: { outcome: Outcome }) {
  const o = p.outcome;
  return (
    <div class="shown">
      <h3>What came out</h3>
      <ul class="came">
        {o.predictions.map((x, i) => (
          <li key={i} class={x.said === "" ? "" : x.right ? "right" : "not"}>
            {x.question}<br />
            {x.said === "" ? "No prediction. " : <>{x.right ? <b class="right">✓ Right. </b> : <b class="not">✗ You said: {x.said}. </b>}</>}
            It was: <b>{x.was}</b>. {x.why}
          </li>
        ))}
      </ul>
      {o.pictures.map((x) => <Figure key={x.title} picture={x} />)}
      {o.tables.map((t) => (
        <div key={t.title}>
          <h3>{t.title}</h3>
          <div class="scroll" tabIndex={0} role="region" aria-label={t.title}>
            <table>
              <thead><tr>{t.head.map((h) => <th key={h} scope="col">{h}</th>)}</tr></thead>
              <tbody>{t.rows.map((r, i) => <tr key={i}>{r.map((c, k) => <td key={k}>{c}</td>)}</tr>)}</tbody>
            </table>
          </div>
        </div>
      ))}
      <Html of={o.after} />
      <p class="belief"><b>Common misconception:</b> {o.misconception}</p>
      {o.findings.filter((f) => !f.holds).map((f) => <p key={f.claim} class="wrong">Not as the lesson says: {f.claim}: {f.why}</p>)}
      <details>
        <summary>All results</summary>
        <div class="scroll" tabIndex={0} role="region" aria-label="all results">
          <table><tbody>{o.facts.map(([name, value, about]) => <tr key={name}><th scope="row"><code>{name}</code></th><td>{value}</td><td>{about}</td></tr>)}</tbody></table>
        </div>
      </details>
    </div>
  );
}

let schema: Promise<Schema> | null = null;

function OneTask(p: { lesson: Lesson; task: Task }) {
  const { lesson, task } = p;
  const key = `quorumlab answer ${lesson.id} ${task.id}`;
  const [text, setText] = useState(() => localStorage.getItem(key) ?? task.start);
  const [reset, setReset] = useState(0);
  const [known, setKnown] = useState<Schema | null>(null);
  const [best, setBest] = useState(task);
  const w = useWork<Marks>("grade");
  const yaml = /\.ya?ml$/.test(task.file);
  useEffect(() => {
    if (!yaml) return;
    schema ??= asked<Schema>("schema", {});
    schema.then(setKnown, () => undefined); // without it the editor completes nothing
  }, []);
  const edit = (t: string) => {
    setText(t);
    if (t === task.start) localStorage.removeItem(key);
    else localStorage.setItem(key, t);
  };
  const again = () => {
    edit(task.start);
    setReset(reset + 1);
  };
  useEffect(() => {
    if (!w.result || w.result.bad) return;
    const { points, of } = w.result;
    setBest((b) => ({ ...b, tries: b.tries + 1, points: Math.max(b.points, points), of }));
  }, [w.result]);
  const busy = w.going !== null;
  return (
    <section class="task" data-task={task.id} data-state={busy ? "runs" : w.result ? "graded" : "asked"}>
      <h3>{task.title}</h3>
      <Html of={task.text} />
      {best.tries > 0 && <p class="going">{`${best.points} of ${best.of} points, tries: ${best.tries}`}</p>}
      <Editor key={reset} text={text} onEdit={edit} name={task.file} schema={known} yaml={yaml} wrong={w.result?.bad ?? w.wrong} />
      <div class="bar">
        <button type="button" class="main" data-act="grade" disabled={busy || lesson.lacks !== ""}
          onClick={() => void w.start({ lesson: lesson.id, task: task.id, answer: text })}>Grade it</button>
        <button type="button" disabled={busy} onClick={again}>Start over</button>
        {busy && <><span class="going" role="status">{w.going} …</span> <button type="button" onClick={w.stop}>Stop</button></>}
      </div>
      {w.wrong && <p class="wrong" role="alert">{w.wrong}</p>}
      {w.result?.bad && <p class="wrong" role="alert">{w.result.bad}</p>}
      {w.result && !w.result.bad && (
        <div class="marks" role="status">
          <p><b>{`${w.result.points} of ${w.result.of} points`}</b></p>
          <ul class="came">
            {w.result.marks.map((m) => (
              <li key={m.what} class={m.points === m.of ? "right" : "not"}>
                <b class={m.points === m.of ? "right" : "not"}>{`${m.points === m.of ? "✓" : "✗"} ${m.points} of ${m.of}`}</b> {m.what}: {m.why}
                {m.hint && <><br />Hint: {m.hint}</>}
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

const root = document.getElementById("lessons");
if (root) {
  root.replaceChildren();
  render(<Lessons />, root);
}
