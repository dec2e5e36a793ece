import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { Film } from "../src/film.ts";
import { fold, Life, type State } from "../src/fold.ts";
import { momentsOf, next, placeOf, previous } from "../src/moments.ts";
import { Kind, Role } from "../src/names.ts";
import { decode, type Run } from "../src/record.ts";
import { arrowsIn } from "../src/spacetime.tsx";
import { flights } from "../src/stage.tsx";
import { describe } from "../src/words.ts";

// The run is what go test ./plots/page hands over: node test.mjs FILE.
const path = process.env["PAGE_RUN"]!;
const run: Run = decode(gunzipSync(readFileSync(path)));

// random is a generator of its own, so that the test does the same each time.
function random(seed: number): (n: number) => number {
  let x = seed;
  return (n) => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return x % n;
  };
}

function same(a: State, b: State): void {
  assert.deepEqual(a, b);
}

test("a film gives what the fold gives, wherever one goes and comes from", () => {
  const draw = random(1);
  for (const every of [7, 100, 4096]) {
    const film = new Film(run, every);
    for (let i = 0; i < 12; i++) {
      const n = draw(run.n + 1);
      same(film.after(n).copy(), fold(run, n));
    }
  }
});

test("a state that was given is not changed by what came after it", () => {
  const film = new Film(run, 50);
  const before = film.after(run.n >> 1).copy();
  film.after(run.n);
  same(film.after(run.n >> 1).copy(), before);
});

test("the columns are in order and whole", () => {
  assert.equal(run.n, run.head.events);
  for (let i = 1; i < run.n; i++) {
    assert.ok(run.ev.seq[i]! > run.ev.seq[i - 1]!, `event ${i}`);
    assert.ok(run.ev.at[i]! >= run.ev.at[i - 1]!, `event ${i}`);
  }
});

test("at the end logs agree up to the commit index, and nobody has applied more", () => {
  const s = fold(run, run.n);
  const up = s.members.filter((m) => m.life === Life.running);
  assert.ok(up.length > 1);
  const leader = up.find((m) => m.role === Role.Leader);
  assert.ok(leader);
  for (const m of up) {
    assert.ok(m.applied <= m.commit && m.commit <= m.last, `${m.applied} ${m.commit} ${m.last}`);
    for (let i = Math.max(m.first, leader.first); i <= Math.min(m.commit, leader.commit); i++) {
      const [a, b] = [m.termOf(i), leader.termOf(i)];
      assert.ok(a === b || a === 0 || b === 0, `entry ${i}: ${a} and ${b}`);
    }
  }
});

test("logs have no gaps and no overlaps at any time", () => {
  const film = new Film(run);
  for (let n = 0; n <= run.n; n += 97) {
    for (const m of film.after(n).members) {
      let at = m.first;
      for (const s of m.log) {
        assert.equal(s.from, at);
        assert.ok(s.to >= s.from);
        at = s.to + 1;
      }
    }
  }
});

test("a leader's match index is never above the follower's log on disk", () => {
  const film = new Film(run);
  for (let n = 0; n <= run.n; n += 31) {
    const s = film.after(n);
    for (const m of s.members) {
      if (m.life !== Life.running || m.role !== Role.Leader) continue;
      m.match.forEach((x, i) => {
        const f = s.members[i]!;
        if (f !== m && f.life === Life.running) assert.ok(x <= f.last, `member ${i}: ${x} > ${f.last}`);
        assert.ok(m.next[i]! > x || f === m);
      });
    }
  }
});

test("messages under way are those sent and not yet arrived", () => {
  const m = momentsOf(run);
  const draw = random(2);
  for (let k = 0; k < 40; k++) {
    const n = draw(run.n);
    const s = fold(run, n);
    const want = new Set<number>();
    for (let i = 0; i < n; i++) {
      if (run.ev.kind[i] === Kind.Sent && (m.other[i]! < 0 || m.other[i]! >= n)) want.add(i);
    }
    assert.deepEqual(new Set(s.flying.values()), want);
    const t = n > 0 ? run.ev.at[n - 1]! : 0;
    for (const f of flights(run, m.other, s, t, 0)) if (f.end === "") assert.ok(f.far >= 0 && f.far <= 1, String(f.far));
  }
});

test("arrows are bounded, and are of the window", () => {
  const m = momentsOf(run);
  for (const wide of [1e6, 1e8, run.head.end]) {
    const from = run.head.end / 3;
    const list = arrowsIn(run, m.other, m.longest, from, from + wide);
    assert.ok(list.length <= 160);
    assert.equal(new Set(list).size, list.length);
    for (const i of list) assert.ok(run.ev.kind[i] === Kind.Sent && run.ev.at[i]! <= from + wide);
  }
});

test("jumps lead to what they say", () => {
  const m = momentsOf(run);
  assert.ok(m.jumps.election.length > 0 && m.jumps.fault.length > 0 && m.reigns.length > 0);
  for (const p of m.jumps.election) assert.equal(run.ev.kind[p], Kind.State);
  for (const p of m.jumps.loss) assert.equal(run.ev.kind[p], Kind.Dropped);
  assert.equal(next([3, 5, 9], 5), 9);
  assert.equal(previous([3, 5, 9], 5), 3);
  assert.equal(next([3], 3), -1);
  for (let i = 0; i < run.n; i += 101) assert.equal(placeOf(run, run.ev.seq[i]!), i);
  assert.equal(placeOf(run, 1e12), -1);
});

test("every event has words", () => {
  for (let i = 0; i < run.n; i++) {
    const s = describe(run, i);
    assert.ok(s.length > 3 && !/undefined|NaN|\n/.test(s), s);
  }
});

test("what is no record is refused, and what is cut is, too", () => {
  const whole = gunzipSync(readFileSync(path));
  assert.throws(() => decode(new Uint8Array([1, 2, 3, 4, 5])), /no record/);
  for (const n of [4, 20, whole.length >> 1, whole.length - 1]) {
    assert.throws(() => decode(whole.subarray(0, n)), Error, String(n));
  }
});
