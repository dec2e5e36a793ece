// The colours and marks of the figures: package plots gives them, so that a role looks the same everywhere.

import { Life, type Member } from "./fold.ts";
import { roleNames } from "./names.ts";

export interface Look {
  fill: string;
  opacity: number;
  hatch: string; // rising, falling, crossed, upright, level; empty: plain
  over: string; // of the hatch and the frame
  text: string;
}

export interface Family {
  name: string;
  colour: string;
  messages: number[];
}

export interface Looks {
  roles: Record<string, Look>; // by role, and "paused" and "down"
  families: Family[];
  answers: number[]; // the message types that answer others
  members: string[]; // the colours that tell members and terms apart
  fault: string;
}

const none: Look = { fill: "var(--paper)", opacity: 1, hatch: "", over: "", text: "var(--muted)" };

export let looks: Looks = { roles: {}, families: [], answers: [], members: ["#0072B2"], fault: "#D55E00" };

let families = new Map<number, Family>();
let answers = new Set<number>();

export function setLooks(l: Looks): void {
  looks = l;
  families = new Map(l.families.flatMap((f) => f.messages.map((m) => [m, f] as const)));
  answers = new Set(l.answers);
}

export const isAnswer = (msg: number): boolean => answers.has(msg);

// familyOf is the purpose of a message; elections come first in order.
export function familyOf(msg: number): Family {
  return families.get(msg) ?? looks.families[looks.families.length - 1] ?? { name: "", colour: "#56616D", messages: [] };
}

export const rankOf = (msg: number): number => looks.families.indexOf(familyOf(msg));

// standing is what a member is, in a word.
export function standing(m: Member): string {
  if (m.life === Life.absent) return "absent";
  if (m.life === Life.down) return "down";
  if (m.life === Life.paused) return "paused";
  return roleNames[m.role] ?? "";
}

export const lookOf = (m: Member): Look => looks.roles[standing(m)] ?? none;

// termColour tells terms apart; their numbers say the same.
export const termColour = (term: number): string =>
  term === 0 ? "var(--pale)" : looks.members[term % looks.members.length]!;
