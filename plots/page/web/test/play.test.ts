import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine, Played, Verb } from "../src/engine.ts";
import { Life, State } from "../src/fold.ts";
import { fromLink, toLink } from "../src/link.ts";
import { rowsOf, windowOf } from "../src/log.tsx";
import { choices, complete, Game, sidesOf } from "../src/play.tsx";
import { Role } from "../src/names.ts";
import { Ring } from "../src/stage.tsx";

test("a line across the ring parts the members on its two sides", () => {
  const ring = new Ring(600, 400, 5);
  const across = sidesOf(ring, { x: 0, y: 120 }, { x: 600, y: 120 });
  assert.deepEqual(across.map((s) => s.length).sort(), [1, 4]);
  assert.deepEqual([...across[0], ...across[1]].sort(), [1, 2, 3, 4, 5]);
  const down = sidesOf(ring, { x: 299, y: 0 }, { x: 301, y: 400 });
  assert.ok(down.every((s) => s.length >= 2));
});

test("members stand apart, and inside the stage", () => {
  for (const n of [1, 2, 3, 5, 7, 9, 31, 101]) {
    for (const [w, h] of [[600, 420], [360, 340], [900, 420]] as const) {
      const ring = new Ring(w, h, n);
      for (let a = 1; a <= n; a++) {
        const p = ring.at(a);
        assert.ok(p.x >= ring.r && p.x <= w - ring.r && p.y >= ring.r && p.y <= h - ring.r, `${n} in ${w} x ${h}`);
        for (let b = 1; b < a; b++) {
          assert.ok(Math.hypot(p.x - ring.at(b).x, p.y - ring.at(b).y) > ring.r, `${a} and ${b} of ${n}`);
        }
      }
    }
  }
});

test("a member is offered what it can do", () => {
  const s = new State(2);
  const lines = () => choices(s, 1, "n1").map((c) => c.line);
  assert.deepEqual(lines(), []);
  s.members[1]!.life = Life.running;
  s.members[1]!.role = Role.Follower;
  assert.ok(lines().includes("crash n1") && lines().includes("campaign n1") && !lines().includes("restart n1"));
  s.members[1]!.role = Role.Leader;
  assert.ok(!lines().includes("campaign n1"));
  s.members[1]!.life = Life.paused;
  assert.ok(lines().includes("resume n1"));
  s.members[1]!.life = Life.down;
  assert.deepEqual(lines(), ["restart n1"]);
});

test("statements are completed", () => {
  const verbs: Verb[] = [
    { usage: "crash MEMBERS", about: "", example: "crash leader" }, { usage: "load N/s", about: "", example: "load 100/s" },
  ];
  assert.deepEqual(complete("cr", verbs, ["n1"]), ["crash leader", "load 100/s"]);
  assert.ok(complete("crash ", verbs, ["n1"]).includes("crash n1"));
  assert.ok(!complete("crash n1 ", verbs, ["n1"]).includes("crash n1 n1"));
  assert.deepEqual(complete("load ", verbs, ["n1"]), []);
});

test("a link brings what it was made of", async () => {
  const text = "name: play\nabout: |\n  Zwölf Boxkämpfer — 😀\n".repeat(20);
  const link = await toLink(text);
  assert.match(link, /^[A-Za-z0-9_-]+$/);
  assert.equal(await fromLink(link), text);
  await assert.rejects(fromLink("A".repeat(70_000)), /too long/);
  await assert.rejects(fromLink("!!!"));
});

// engine is an engine that answers as it is told.
function engine(play: () => Promise<Played>): Engine {
  return { play, trace: () => Promise.reject(new Error("no trace")), stop: () => undefined };
}

const nothing: Played = { error: "", scenario: "", steps: [], dropped: 0, verbs: [], goals: [], solved: false, run: null };

test("what can't be run is said, and leaves the game as it is", async () => {
  let answer: () => Promise<Played> = () => Promise.reject(new Error("no server"));
  const game = new Game(engine(() => answer()));
  await game.begin("");
  assert.equal(game.error.value, "no server");
  assert.equal(game.now.value, null);
  answer = async () => ({ ...nothing, error: "no such member" });
  await game.begin("");
  assert.equal(game.error.value, "no such member");
  assert.equal(await game.say("crash n9"), false);
  assert.equal(game.busy.value, false);
});

test("the grid follows the leader's log, or the entry that is selected", () => {
  const s = new State(40);
  for (const m of s.members) {
    m.life = Life.running;
    for (let i = 1; i <= 30; i++) m.append(i, 1);
  }
  for (let i = 31; i <= 90; i++) s.members[2]!.append(i, 1);
  assert.deepEqual(windowOf(s, 10, 0, 1), [21, 30]);
  assert.deepEqual(windowOf(s, 10, 0, 0), [81, 90]);
  const [from, to] = windowOf(s, 10, 12, 1);
  assert.ok(from <= 12 && 12 <= to);
  const rows = rowsOf(s, 33, 40);
  assert.ok(rows.length === 12 && rows.includes(33) && rows.includes(40));
  assert.equal(rowsOf(new State(5), 1, 2).length, 5);
});
