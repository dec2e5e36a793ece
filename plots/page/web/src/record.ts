// A run as the page has it: the head in plain values, the events by columns. Package replay packs it, see encode.go
// there for the format.

export interface Sentence {
  at: number;
  text: string;
  seqs: number[];
}

export interface Verdict {
  check: string;
  state: "good" | "bad" | "open";
  why: string;
  seqs: number[];
  members: number[];
}

// Lasting is a statement that lasts until it is ended, and the links that it makes worse: pairs of from and to.
export interface Lasting {
  id: number;
  verb: string;
  links: [number, number][];
}

// Head is what there is to know of a run besides its events. Times are nanoseconds since the start.
export interface Head {
  name: string;
  title: string;
  about: string;
  engine: string;
  seed: string;
  version: string;
  members: string[];
  zones: string[];
  election: number; // the shortest election timeout
  longest: number; // the longest one
  heartbeat: number;
  end: number;
  begin?: number; // from when on the events are complete, if not from the start: of a running cluster
  events: number;
  without: string[];
  leftOut: string;
  strings: string[];
  story: Sentence[];
  verdicts: Verdict[];
  lasting: Lasting[];
}

// Columns has a place for each event in each array, in the order of the trace. What an event does not have is 0.
export interface Columns {
  kind: Uint8Array;
  seq: Float64Array;
  at: Float64Array;
  member: Uint16Array;
  peer: Uint16Array;
  msg: Uint8Array;
  role: Uint8Array;
  op: Uint8Array;
  result: Uint8Array;
  reject: Uint8Array;
  count: Uint32Array;
  client: Uint32Array;
  id: Float64Array;
  term: Float64Array;
  index: Float64Array;
  logTerm: Float64Array;
  commit: Float64Array;
  key: Uint32Array;
  value: Float64Array;
  old: Float64Array;
  revision: Float64Array;
  note: Uint32Array;
}

export interface Run {
  head: Head;
  ev: Columns;
  n: number; // how many events
}

const magic = "QLR1";

// names of the columns in the order of the format.
const columns = [
  "seq", "at", "member", "peer", "msg", "role", "op", "result", "reject", "count", "client", "id", "term", "index",
  "logTerm", "commit", "key", "value", "old", "revision", "note",
] as const;

class Reader {
  pos = 0;
  constructor(private bytes: Uint8Array) {}

  // uvarint reads a whole number of up to 2^54 without a sign.
  uvarint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const b = this.bytes[this.pos++];
      if (b === undefined) throw new Error("the record ends too early");
      value += (b & 127) * scale;
      if (b < 128) return value;
    }
  }

  // varint reads a whole number with a sign.
  varint(): number {
    const u = this.uvarint();
    return u % 2 === 0 ? u / 2 : -(u + 1) / 2;
  }

  part(): Uint8Array {
    const size = this.uvarint();
    const end = this.pos + size;
    if (end > this.bytes.length) throw new Error("the record ends too early");
    const p = this.bytes.subarray(this.pos, end);
    this.pos = end;
    return p;
  }
}

function newColumns(n: number): Columns {
  const f = () => new Float64Array(n);
  const u32 = () => new Uint32Array(n);
  const u8 = () => new Uint8Array(n);
  return {
    kind: u8(), seq: f(), at: f(), member: new Uint16Array(n), peer: new Uint16Array(n), msg: u8(), role: u8(),
    op: u8(), result: u8(), reject: u8(), count: u32(), client: u32(), id: f(), term: f(), index: f(), logTerm: f(),
    commit: f(), key: u32(), value: f(), old: f(), revision: f(), note: u32(),
  };
}

// decode reads a run from what package replay packed, uncompressed.
export function decode(bytes: Uint8Array): Run {
  if (new TextDecoder().decode(bytes.subarray(0, magic.length)) !== magic) {
    throw new Error("this is no record of a run, or one of another version");
  }
  const r = new Reader(bytes.subarray(magic.length));
  const head = JSON.parse(new TextDecoder().decode(r.part())) as Head;
  const kinds = r.part();
  const n = kinds.length;
  const masks = new Reader(r.part());
  const readers = columns.map(() => new Reader(r.part()));
  const ev = newColumns(n);
  ev.kind.set(kinds);
  const into = columns.map((c) => ev[c]);
  const before = new Map<number, Float64Array>();
  let seq = 0;
  let at = 0;
  for (let i = 0; i < n; i++) {
    const kind = kinds[i]!;
    let last = before.get(kind);
    if (!last) before.set(kind, (last = new Float64Array(columns.length)));
    last[0] = seq;
    last[1] = at;
    const mask = masks.uvarint();
    for (let c = 0; c < columns.length; c++) {
      if (((mask >> c) & 1) === 0) continue;
      into[c]![i] = last[c] = last[c]! + readers[c]!.varint();
    }
    seq = ev.seq[i]!;
    at = ev.at[i]!;
  }
  return { head, ev, n };
}

// unpack reads a run from bytes, which may be compressed.
export async function unpack(packed: Uint8Array<ArrayBuffer>): Promise<Run> {
  if (packed[0] !== 0x1f || packed[1] !== 0x8b) return decode(packed);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return decode(new Uint8Array(await new Response(stream).arrayBuffer()));
}

// fromBase64 are the bytes of a text that a report holds.
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text.trim());
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}

// str is a text of the run by its number.
export function str(run: Run, n: number): string {
  return run.head.strings[n] ?? "";
}

// nameOf is a member's name.
export function nameOf(run: Run, member: number): string {
  return run.head.members[member - 1] ?? (member === 0 ? "the cluster" : "n" + member);
}

// lowerBound is the first index in [0, n) whose time is not below t.
export function lowerBound(at: ArrayLike<number>, t: number, n = at.length): number {
  let lo = 0;
  let hi = n;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (at[mid]! < t) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

// upperBound is the first index in [0, n) whose time is above t.
export function upperBound(at: ArrayLike<number>, t: number, n = at.length): number {
  let lo = 0;
  let hi = n;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (at[mid]! <= t) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}
