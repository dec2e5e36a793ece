// What a place in a scenario may hold, according to the scenario's JSON schema.

export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string | string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  enum?: unknown[];
  examples?: unknown[];
  description?: string;
}

export interface Offer {
  label: string;
  detail: string;
  apply: string;
}

// variants are a schema and what it refers to or offers as alternatives.
function variants(root: Schema, s: Schema | undefined, deep = 0): Schema[] {
  if (!s || deep > 8) return [];
  const name = s.$ref?.replace("#/$defs/", "");
  const more = [...(name ? [root.$defs?.[name] ?? {}] : []), ...(s.oneOf ?? []), ...(s.anyOf ?? [])];
  return [s, ...more.flatMap((x) => variants(root, x, deep + 1))];
}

// at are the schemas of a path: keys, and "[]" for an item of a list.
export function at(root: Schema, path: string[]): Schema[] {
  let here = variants(root, root);
  for (const part of path) {
    here = here.flatMap((s) => {
      if (part === "[]") return variants(root, s.items);
      const more = typeof s.additionalProperties === "object" ? s.additionalProperties : undefined;
      return variants(root, s.properties?.[part] ?? more);
    });
  }
  return here;
}

// pathTo is where the end of a text in block style is: the keys that it is in. The last line is not part of it, but for
// its indentation and its dashes.
export function pathTo(text: string): string[] {
  const lines = text.split("\n");
  const last = lines.pop() ?? "";
  const path: string[] = [];
  let indent = /^ */.exec(last)![0].length;
  let dash = /^ *- +/.exec(last);
  if (dash) path.unshift("[]");
  for (let i = lines.length - 1; i >= 0 && (indent > 0 || path[0] === "[]"); i--) {
    const line = lines[i]!;
    if (/^\s*(#|$)/.test(line)) continue;
    const m = /^( *)((?:- +)*)([^\s#:][^:]*):(?:\s|$)/.exec(line);
    if (!m) continue;
    const own = m[1]!.length;
    const key = own + m[2]!.length;
    if (key < indent || (path[0] === "[]" && m[2] === "" && own <= indent)) {
      path.unshift(m[3]!.trim());
      indent = own;
      if (m[2] !== "") path.unshift("[]");
    } else if (m[2] !== "" && key === indent) { // another key of the same item
      path.unshift("[]");
      indent = own;
    }
  }
  return path;
}

// offers lists what may stand at the end of a text: keys, or after "key: " the values that are known.
export function offers(root: Schema, text: string): Offer[] {
  const line = text.slice(text.lastIndexOf("\n") + 1);
  const path = pathTo(text);
  const value = /^(?: *- +)* *([A-Za-z0-9_.-]+): +[^\s]*$/.exec(line);
  if (value) {
    const known = at(root, [...path, value[1]!]);
    const words = known.flatMap((s) => [...(s.enum ?? []), ...(s.examples ?? []), ...(s.type === "boolean" ? [true, false] : [])]);
    const about = known.find((s) => s.description)?.description ?? "";
    return [...new Set(words.map(String))].map((w) => ({ label: w, detail: about, apply: w }));
  }
  if (/[:#]/.test(line)) return [];
  const keys = new Map<string, Offer>();
  for (const s of at(root, path)) {
    for (const [k, v] of Object.entries(s.properties ?? {})) {
      const about = variants(root, v).find((x) => x.description)?.description ?? "";
      if (!keys.has(k)) keys.set(k, { label: k, detail: about, apply: k + ": " });
    }
  }
  return [...keys.values()];
}
