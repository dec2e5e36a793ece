import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { find } from "../src/find.tsx";
import { Film } from "../src/film.ts";
import { fold } from "../src/fold.ts";
import { Growing } from "../src/growing.ts";
import { judge } from "../src/judged.ts";
import { momentsOf, Scout } from "../src/moments.ts";
import { Kind, Outcome, Role } from "../src/names.ts";
import { decode, type Columns, type Run } from "../src/record.ts";

const run: Run = decode(gunzipSync(readFileSync(process.env["PAGE_RUN"]!)));

// part is some events of a run as a run of their own.
function part(of: Run, from: number, to: number): Run {
  const ev = {} as Record<string, unknown>;
  for (const c of Object.keys(of.ev) as (keyof Columns)[]) ev[c] = of.ev[c].slice(from, to);
  return { head: { ...of.head, lasting: from === 0 ? of.head.lasting : [], story: [] }, ev: ev as unknown as Columns, n: to - from };
}

test("a known deadline is when the member stood, within the timeouts of the cluster", () => {
  const m = momentsOf(run);
  const { election, longest, heartbeat } = run.head;
  let known = 0;
  for (const c of m.campaigns) {
    const heard = fold(run, c.place).members[c.member]!.heard;
    const ends = m.deadline(c.member, heard);
    if (ends < 0) continue;
    known++;
    assert.equal(ends, c.from);
    assert.ok(ends - heard > election - 2 * heartbeat && ends - heard < longest + 2 * heartbeat, `${ends - heard}`);
  }
  assert.ok(known > 0, "no deadline is known");
});

test("whoever wins an election has the votes of a majority", () => {
  let won = 0;
  for (let i = 0; i < run.n; i++) {
    if (run.ev.kind[i] !== Kind.State || run.ev.role[i] !== Role.Leader) continue;
    const before = fold(run, i).members[run.ev.member[i]!]!;
    if (before.role !== Role.Candidate) continue;
    won++;
    assert.ok(before.votes.length > run.head.members.length / 2, `${before.votes}`);
    assert.deepEqual(fold(run, i + 1).members[run.ev.member[i]!]!.votes, []);
  }
  assert.ok(won > 0);
});

test("what is looked for is found: members, statements, sentences, keys", () => {
  assert.deepEqual(find(run, "N1")[0]!.picked, { what: "member", member: 1 });
  const crash = find(run, "crash n").filter((f) => f.what === "statement");
  assert.equal(crash[0]?.at, 5e9);
  assert.ok(find(run, "leader").some((f) => f.what === "story"));
  const call = run.ev.kind.indexOf(Kind.Call);
  const key = run.head.strings[run.ev.key[call]!]!;
  assert.ok(find(run, key).some((f) => f.what === "operation" && f.text.includes(key)));
  assert.deepEqual(find(run, " "), []);
  assert.deepEqual(find(run, "no such thing anywhere"), []);
});

test("operations have the verdict of the check, and only the evidence is at fault", () => {
  const answers = [...run.ev.kind.keys()].filter((i) => run.ev.kind[i] === Kind.Return && run.ev.result[i] === Outcome.Ok);
  const other = momentsOf(run).other;
  const with_ = (state: "good" | "bad" | "open", seqs: number[]): Run =>
    ({ ...run, head: { ...run.head, verdicts: [{ check: "linearizable", state, why: "", seqs, members: [] }] } });
  const [a, b] = [answers[0]!, answers[1]!];
  assert.equal(judge(with_("good", []))(other[a]!, a), "good");
  assert.equal(judge(with_("open", []))(other[a]!, a), "open");
  const bad = judge(with_("bad", [run.ev.seq[a]!]));
  assert.deepEqual([bad(other[a]!, a), bad(other[b]!, b)], ["bad", ""]);
  assert.equal(judge({ ...run, head: { ...run.head, verdicts: [] } })(other[a]!, a), "");
});

test("a run that grows piece by piece is the same as one that came at once", () => {
  for (const size of [1, 777, 5000, run.n]) {
    if (size === 1 && run.n > 60_000) continue; // it would take long
    const g = new Growing(0);
    const scout = new Scout();
    let film: Film | null = null;
    let last = momentsOf(part(run, 0, 0));
    const step = size === 1 ? 97 : size; // with single events at the beginning
    for (let at = 0; at < run.n; ) {
      const to = Math.min(run.n, at + (size === 1 && at < 300 ? 1 : step));
      g.add(part(run, at, to), 0, []);
      at = to;
      const now = g.run();
      if (film) film.grow(now);
      else film = new Film(now, 1000);
      last = scout.see(now);
      film.after(now.n);
    }
    const grown = g.run();
    assert.equal(grown.n, run.n);
    for (const c of Object.keys(run.ev) as (keyof Columns)[]) {
      if (c !== "key" && c !== "note") assert.deepEqual(grown.ev[c], run.ev[c], c);
    }
    for (const c of ["key", "note"] as const) {
      for (let i = 0; i < run.n; i += 41) {
        assert.equal(grown.head.strings[grown.ev[c][i]!], run.head.strings[run.ev[c][i]!]);
      }
    }
    assert.deepEqual(film!.after(run.n).copy(), fold(run, run.n));
    const whole = momentsOf(grown);
    assert.deepEqual(last.other.subarray(0, run.n), whole.other);
    assert.deepEqual([last.reigns, last.campaigns, last.bands], [whole.reigns, whole.campaigns, whole.bands]);
    assert.deepEqual(last.jumps, whole.jumps);
  }
});
