import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { messageChoices, momentOf } from "../src/gestures.tsx";
import { momentsOf } from "../src/moments.ts";
import { Kind, msgNames } from "../src/names.ts";
import { decode, type Run } from "../src/record.ts";

const run: Run = decode(gunzipSync(readFileSync(process.env["PAGE_RUN"]!)));
const { other } = momentsOf(run);

test("a message can be told something from the microsecond after it was sent until it arrives", () => {
  let seen = 0;
  for (let i = 0; i < run.n; i++) {
    const sent = run.ev.at[i]!;
    if (run.ev.kind[i] !== Kind.Sent) {
      assert.equal(momentOf(run, other, i, sent + 1), -1);
      continue;
    }
    const end = other[i]! >= 0 ? run.ev.at[other[i]!]! : run.head.end;
    assert.equal(momentOf(run, other, i, sent - 1), -1);
    assert.equal(momentOf(run, other, i, end), -1);
    const at = momentOf(run, other, i, sent);
    if (at < 0) continue; // it was lost at once
    seen++;
    assert.ok(at > sent && at < end && at % 1000 === 0 && at <= sent + 1000, `${sent} ${at} ${end}`);
  }
  assert.ok(seen > 100);
});

test("what can be done to a message is said by its number", () => {
  const place = run.ev.kind.findIndex((k, i) => k === Kind.Sent && msgNames[run.ev.msg[i]!] === "MsgApp");
  const lines = messageChoices(run, place).map((c) => c.line);
  assert.ok(lines.includes(`drop-message ${run.ev.id[place]}`) && lines.includes(`duplicate-message ${run.ev.id[place]}`));
  const prop = run.ev.kind.findIndex((k, i) => k === Kind.Sent && msgNames[run.ev.msg[i]!] === "MsgProp");
  assert.ok(prop >= 0 && !messageChoices(run, prop).some((c) => c.line.startsWith("duplicate")));
});
