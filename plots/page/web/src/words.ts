// Events and times in words, as the figures and reports of the command line have them.

import { kindNames, Kind, Msg, msgNames, opNames, Outcome, outcomeNames, Role, roleNames } from "./names.ts";
import { nameOf, str, type Run } from "./record.ts";

// clock is a moment for people: seconds, to the millisecond, or finer where the eye needs it.
export function clock(ns: number, digits = 3): string {
  return (ns / 1e9).toFixed(digits) + " s";
}

// length is a stretch of time with the unit that suits it.
export function length(ns: number): string {
  const [unit, per] = ns >= 1e9 ? ["s", 1e9] : ns >= 1e6 ? ["ms", 1e6] : ["µs", 1e3];
  const v = ns / Number(per);
  return `${v >= 100 ? v.toFixed(0) : v >= 10 ? v.toFixed(1) : v.toFixed(2)} ${unit}`;
}

const plain: Record<number, string> = {
  [Msg.MsgApp]: "entries", [Msg.MsgAppResp]: "entries: answer", [Msg.MsgVote]: "asks for a vote",
  [Msg.MsgVoteResp]: "vote", [Msg.MsgPreVote]: "would you vote?", [Msg.MsgPreVoteResp]: "pre-vote",
  [Msg.MsgHeartbeat]: "heartbeat", [Msg.MsgHeartbeatResp]: "heartbeat: answer", [Msg.MsgSnap]: "snapshot",
  [Msg.MsgProp]: "proposal", [Msg.MsgReadIndex]: "read", [Msg.MsgReadIndexResp]: "read: answer",
  [Msg.MsgTransferLeader]: "hand over", [Msg.MsgTimeoutNow]: "campaign now",
};

// shortMessage is a message in two words or three.
export function shortMessage(run: Run, i: number): string {
  const { msg, reject, count, index } = run.ev;
  const m = msg[i]!;
  if (m === Msg.MsgVoteResp || m === Msg.MsgPreVoteResp) return reject[i] ? "no vote" : plain[m]!;
  if (m === Msg.MsgApp && count[i]! > 0) return count[i] === 1 ? `entry ${index[i]! + 1}` : `${count[i]} entries`;
  if (m === Msg.MsgApp) return "commit index";
  if (m === Msg.MsgAppResp) return reject[i] ? "refused" : `has ${index[i]}`;
  return plain[m] ?? msgNames[m] ?? "message";
}

function messageText(run: Run, i: number): string {
  const { kind, msg, term, index, count, reject, member, peer, note } = run.ev;
  let what = `${msgNames[msg[i]!]} in term ${term[i]}`;
  if (index[i]! > 0) what += `, index ${index[i]}`;
  if (count[i]! > 0) what += `, ${count[i]} entries`;
  if (reject[i]) what += ", a refusal";
  const who = nameOf(run, member[i]!);
  const other = nameOf(run, peer[i]!);
  if (kind[i] === Kind.Sent) return `${who} sends ${other}: ${what}`;
  if (kind[i] === Kind.Delivered) return `${who} receives from ${other}: ${what}`;
  return `lost on the way from ${who} to ${other} (${str(run, note[i]!)}): ${what}`;
}

function stateText(run: Run, i: number): string {
  const { member, peer, role, term } = run.ev;
  const s = `${nameOf(run, member[i]!)} is ${roleNames[role[i]!]} in term ${term[i]}`;
  if (peer[i] === 0) return s + " and knows no leader";
  return peer[i] === member[i] ? s : `${s} and follows ${nameOf(run, peer[i]!)}`;
}

// operationText is what a client asks for.
export function operationText(run: Run, i: number): string {
  const { kind, op, key, value, old } = run.ev;
  const s = `${opNames[op[i]!]} ${str(run, key[i]!)}`;
  if (kind[i] === Kind.Return) return s;
  if (opNames[op[i]!] === "put") return `${s} = ${value[i]}`;
  if (opNames[op[i]!] === "cas") return `${s} from ${old[i]} to ${value[i]}`;
  return s;
}

function clientText(run: Run, i: number): string {
  const { kind, client, id, op, result, value, revision, member } = run.ev;
  const s = `client ${client[i]}, operation ${id[i]}: ${operationText(run, i)}`;
  if (kind[i] === Kind.Call) return s + ", asked";
  let out = `${s}, ${outcomeNames[result[i]!]}`;
  if ((opNames[op[i]!] === "get" && result[i] === Outcome.Ok) || result[i] === Outcome.Mismatch) {
    out += `, found ${value[i]}`;
  }
  if (revision[i]! > 0) out += `, revision ${revision[i]}`;
  if (member[i]! > 0) out += `, answered by ${nameOf(run, member[i]!)}`;
  return out + noteText(run, i);
}

/** placeText says what a Kind.Client is about, in the order of sim.ClientChange. */
function placeText(run: Run, i: number): string {
  const { client, member, count, id } = run.ev;
  const who = `client c${client[i]}`;
  const other = member[i]! > 0 ? nameOf(run, member[i]!) : "";
  const texts = [
    "",
    `${who} is paused`,
    `${who} resumes`,
    `${who} no longer reaches ${other}`,
    `${who} reaches ${other} again`,
    `${who} no longer hears ${other}`,
    `${who} hears ${other} again`,
  ];
  return texts[count[i]!] ?? `the balancer of ${who} gives operation ${id[i]} to ${other}`;
}

function noteText(run: Run, i: number): string {
  const n = str(run, run.ev.note[i]!);
  return n === "" ? "" : ` (${n})`;
}

function membershipText(run: Run, i: number): string {
  const { member, peer, role } = run.ev;
  const now = role[i] === 0 ? "no longer a member" : role[i] === Role.Learner ? "now a learner" : "now a voter";
  return `for ${nameOf(run, member[i]!)}, ${nameOf(run, peer[i]!)} is ${now}`;
}

// describe is an event as a line for people, without its time.
export function describe(run: Run, i: number): string {
  const { kind, member, peer, index, term, count, revision, key, value, note } = run.ev;
  const who = nameOf(run, member[i]!);
  const other = nameOf(run, peer[i]!);
  switch (kind[i]) {
    case Kind.Sent:
    case Kind.Delivered:
    case Kind.Dropped:
      return messageText(run, i);
    case Kind.State:
      return stateText(run, i);
    case Kind.Appended:
      return `${who} appends entry ${index[i]} of term ${term[i]}`;
    case Kind.Committed:
      return `${who} knows that entries up to ${index[i]} are committed`;
    case Kind.Applied:
      return `${who} applies entry ${index[i]} of term ${term[i]}`;
    case Kind.Truncated:
      return `${who} removes entries from ${index[i]} on: they conflict with the leader's`;
    case Kind.Compacted:
      return `${who} drops entries up to ${index[i]}: a snapshot holds them`;
    case Kind.SnapshotMade:
      return `${who} makes a snapshot at index ${index[i]}`;
    case Kind.SnapshotInstalled:
      return `${who} installs a snapshot at index ${index[i]} from ${other}`;
    case Kind.Call:
    case Kind.Return:
      return clientText(run, i);
    case Kind.Client:
      return placeText(run, i);
    case Kind.FaultBegun:
      return "fault: " + str(run, note[i]!);
    case Kind.FaultEnded:
      return "ended: " + str(run, note[i]!);
    case Kind.FaultDone:
      return "done: " + str(run, note[i]!);
    case Kind.FaultFailed:
      return "not carried out: " + str(run, note[i]!);
    case Kind.LinkCut:
      return `${who} no longer reaches ${other}`;
    case Kind.LinkMended:
      return `${who} reaches ${other} again`;
    case Kind.Membership:
      return membershipText(run, i);
    case Kind.Note:
      return str(run, note[i]!);
  }
  let s = `${who} ${(kindNames[kind[i]!] ?? "").replaceAll("-", " ")}`;
  for (const [name, v] of [["term", term[i]], ["index", index[i]], ["entries", count[i]], ["revision", revision[i]]]) {
    if (Number(v) > 0) s += `, ${name} ${v}`;
  }
  if (key[i]! > 0) s += `, ${str(run, key[i]!)} = ${value[i]}`;
  return s + noteText(run, i);
}
