// What the check of linearizability says of single operations.

import { placeOf } from "./moments.ts";
import type { Run } from "./record.ts";

// Judged is good: the history that an operation belongs to has an order; bad: this operation is what no order explains, or
// one that shows it; open: it could not be decided. Empty: nothing is said of it.
export type Judged = "good" | "bad" | "open" | "";

export const judgedWords: Record<Judged, string> = {
  good: "has its place in one order of all operations", bad: "fits into no order: not linearizable",
  open: "could not be judged", "": "",
};

const known = new WeakMap<object, (call: number, answer: number) => Judged>();

// judge returns what tells an operation's verdict, by the places of its call and of its answer (-1: none).
export function judge(run: Run): (call: number, answer: number) => Judged {
  const verdicts = run.head.verdicts;
  let f = known.get(verdicts);
  if (f) return f;
  const v = verdicts.find((x) => x.check === "linearizable");
  const evidence = new Set(v?.state === "bad" ? v.seqs.map((s) => placeOf(run, s)) : []);
  f = (call, answer) => {
    if (!v) return "";
    if (v.state !== "bad") return v.state;
    return evidence.has(call) || (answer >= 0 && evidence.has(answer)) ? "bad" : "";
  };
  known.set(verdicts, f);
  return f;
}
