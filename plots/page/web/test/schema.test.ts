import assert from "node:assert/strict";
import { test } from "node:test";
import { offers, pathTo, type Schema } from "../src/schema.ts";

const schema: Schema = {
  $ref: "#/$defs/file",
  $defs: {
    file: { properties: { name: {}, cluster: { $ref: "#/$defs/cluster" }, steps: { items: { $ref: "#/$defs/step" } } } },
    cluster: {
      properties: {
        members: { oneOf: [{ type: "integer" }, { items: { properties: { name: {}, zone: {} } } }] },
        reads: { type: "string", enum: ["linearizable", "lease"], description: "how reads are answered" },
        "pre-vote": { type: "boolean" },
      },
    },
    step: { properties: { at: { examples: ["5s"] }, do: {} } },
  },
};

const labels = (text: string) => offers(schema, text).map((o) => o.label);

test("where a place is", () => {
  assert.deepEqual(pathTo("clu"), []);
  assert.deepEqual(pathTo("cluster:\n  rea"), ["cluster"]);
  assert.deepEqual(pathTo("name: x\ncluster:\n  reads: lease\n  # a remark\n\n  pre"), ["cluster"]);
  assert.deepEqual(pathTo("cluster:\n  members:\n    - zon"), ["cluster", "members", "[]"]);
  assert.deepEqual(pathTo("cluster:\n  members:\n    - name: n1\n      zon"), ["cluster", "members", "[]"]);
  assert.deepEqual(pathTo("steps:\n- a"), ["steps", "[]"]);
  assert.deepEqual(pathTo("steps:\n  - at: 5s\n    do: crash n1\n  - a"), ["steps", "[]"]);
  assert.deepEqual(pathTo("cluster:\n  reads: lease\nna"), []);
});

test("what may stand there", () => {
  assert.deepEqual(labels("cl"), ["name", "cluster", "steps"]);
  assert.deepEqual(labels("cluster:\n  "), ["members", "reads", "pre-vote"]);
  assert.deepEqual(labels("cluster:\n  reads: l"), ["linearizable", "lease"]);
  assert.equal(offers(schema, "cluster:\n  reads: ")[0]!.detail, "how reads are answered");
  assert.deepEqual(labels("cluster:\n  pre-vote: "), ["true", "false"]);
  assert.deepEqual(labels("cluster:\n  members:\n    - "), ["name", "zone"]);
  assert.deepEqual(labels("steps:\n  - at: "), ["5s"]);
  assert.deepEqual(labels("steps:\n  - at: 5s\n    d"), ["at", "do"]);
  assert.deepEqual(labels("nonsense:\n  "), []);
  assert.deepEqual(labels("# a remark"), []);
});
