// The world of package world for JavaScript: a module (wasip1) runs in it in Node.js or a browser's worker as it does in
// Go, byte for byte. What the world is, says world.go; answers are in the order of calls.go.

const ERR = { BADF: 8, EXIST: 20, INVAL: 28, ISDIR: 31, NOENT: 44, NOTDIR: 54, NOTEMPTY: 55, NOTSUP: 58 }
const CHAR = 2, FOLDER = 3, FILE = 4
const CREATE = 1, DIRECTORY = 2, EXCLUSIVE = 4, TRUNCATE = 8
const MAY_WRITE = 64n
const EPOCH = 1767225600n * 1000000000n
const MOST_FILE = 4 * 2 ** 30

// Exit is thrown by proc_exit, Ended by whatever else ends a run.
class Exit extends Error { constructor(code) { super('exit ' + code); this.code = code } }
class Ended extends Error {}

// imports is what a compiled module is refused for, or nothing: what it imports and the world does not have.
export function unknown(module) {
  const known = world({ seed: 0n, input: new Uint8Array(), output() {} }).imports.wasi_snapshot_preview1
  const names = WebAssembly.Module.imports(module).filter(i => i.module !== 'wasi_snapshot_preview1' || !known[i.name])
  return names.map(i => i.module + '.' + i.name).sort().join(', ')
}

// run runs a compiled module: seed is a BigInt, input its standard input, output(bytes) gets what it writes. It returns
// { code, said }: the exit code and what it wrote to its standard error.
export async function run(module, { seed, input, output }) {
  const names = unknown(module)
  if (names) throw new Error('the module asks for what its world does not have: ' + names)
  const w = world({ seed, input, output })
  return w.start(await WebAssembly.instantiate(module, w.imports))
}

function world({ seed, input, output }) {
  const encoder = new TextEncoder(), decoder = new TextDecoder()
  let memory, view, bytes
  const fresh = () => {
    if (!view || view.buffer !== memory.buffer) {
      view = new DataView(memory.buffer)
      bytes = new Uint8Array(memory.buffer)
    }
  }
  const end = text => { throw new Ended(text) }
  const refused = what => () => end(`the module asked for ${what}, and its world has none`)

  const M = (1n << 64n) - 1n
  let state = BigInt(seed) & M
  const word = () => {
    state = (state + 0x9e3779b97f4a7c15n) & M
    let z = state
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & M
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & M
    return z ^ (z >> 31n)
  }
  let now = 0 // nanoseconds: exact for 104 days

  let inodes = 0
  const add = (parent, name, folder) => {
    const n = { inode: ++inodes, parent: folder ? parent : null, dir: folder ? new Map() : null, data: new Uint8Array(0), size: 0 }
    if (parent) parent.dir.set(name, n)
    return n
  }
  const root = add(null, '', true)
  add(root, 'tmp', true)
  const resize = (n, size) => {
    if (size > n.data.length) {
      const d = new Uint8Array(Math.max(size, n.size + (n.size >> 2)))
      d.set(n.data.subarray(0, n.size))
      n.data = d
    } else if (size < n.size) n.data.fill(0, size, n.size)
    n.size = size
  }
  const readAt = (n, p, length, at) => {
    const k = Math.max(0, Math.min(length, n.size - at))
    if (k) bytes.set(n.data.subarray(at, at + k), p)
    return k
  }
  const writeAt = (n, p, length, at) => {
    if (at + length > n.size) resize(n, at + length)
    n.data.set(bytes.subarray(p, p + length), at)
    return length
  }

  const open = [{ read: input }, { write: output }, { write: b => { said += decoder.decode(b, { stream: true }) } }, { node: root, name: '/' }]
  let said = ''
  const take = d => { let i = open.findIndex(x => !x); if (i < 0) i = open.length; open[i] = d; return i }
  const kind = n => !n ? CHAR : n.dir ? FOLDER : FILE
  const stat = (p, n) => {
    bytes.fill(0, p, p + 64)
    view.setBigUint64(p, 1n, true)
    view.setUint8(p + 16, kind(n))
    view.setBigUint64(p + 24, 1n, true)
    if (n) {
      view.setBigUint64(p + 8, BigInt(n.inode), true)
      view.setBigUint64(p + 32, BigInt(n.size), true)
    }
  }
  // file and folder are an open one, or the number of an error.
  const file = fd => { const d = open[fd]; return !d || !d.node ? ERR.BADF : d.node.dir ? ERR.ISDIR : d }
  const folder = fd => { const d = open[fd]; return !d ? ERR.BADF : !d.node || !d.node.dir ? ERR.NOTDIR : d.node }
  const isError = x => typeof x === 'number'
  const place = big => { const n = Number(big); if (n > MOST_FILE) end(`the module asked for byte ${n} of a file; the most is ${MOST_FILE}`); return n }
  const each = (list, n, f) => { // f(pointer, length, sum) moved
    let sum = 0
    for (let i = 0; i < n; i++) {
      const p = view.getUint32(list + 8 * i, true), l = view.getUint32(list + 8 * i + 4, true)
      const k = f(p, l, sum)
      sum += k
      if (k < l) break
    }
    return sum
  }
  const find = (at, p, l) => { // [parent, name, node] or an error
    let parent = null, name = '', n = at
    for (const part of decoder.decode(bytes.slice(p, p + l)).split('/')) {
      if (part === '' || part === '.') continue
      if (!n) return ERR.NOENT
      if (!n.dir) return ERR.NOTDIR
      parent = n
      name = part
      if (part !== '..') { n = n.dir.get(part); continue }
      parent = null
      name = ''
      n = n.parent || n
    }
    return [parent, name, n]
  }
  const remove = isFolder => (fd, p, l) => {
    fresh()
    const at = folder(fd)
    if (isError(at)) return at
    const found = find(at, p, l)
    if (isError(found)) return found
    const [parent, name, n] = found
    if (!n) return ERR.NOENT
    if (!parent) return ERR.INVAL
    if (isFolder && !n.dir) return ERR.NOTDIR
    if (!isFolder && n.dir) return ERR.ISDIR
    if (n.dir && n.dir.size > 0) return ERR.NOTEMPTY
    parent.dir.delete(name)
    return 0
  }
  const strings = list => list.map(s => encoder.encode(s + '\0'))
  const args = strings(['module'])
  const sizes = list => (c, s) => { fresh(); view.setUint32(c, list.length, true); view.setUint32(s, list.reduce((a, b) => a + b.length, 0), true); return 0 }
  const get = list => (at, to) => { fresh(); for (const s of list) { view.setUint32(at, to, true); bytes.set(s, to); at += 4; to += s.length } return 0 }
  const opened = fd => open[fd] ? 0 : ERR.BADF

  const answers = {
    args_sizes_get: sizes(args), args_get: get(args), environ_sizes_get: sizes([]), environ_get: get([]),
    clock_time_get(id, _, p) {
      fresh()
      now += 1000
      view.setBigUint64(p, id === 0 ? EPOCH + BigInt(now) : BigInt(now), true)
      return 0
    },
    random_get(p, l) {
      fresh()
      for (let i = 0; i < l; i += 8) {
        let z = word()
        for (let j = i; j < i + 8 && j < l; j++, z >>= 8n) bytes[p + j] = Number(z & 255n)
      }
      return 0
    },
    poll_oneoff(ins, outs, n, p) {
      fresh()
      for (let i = 0; i < n; i++) {
        const s = ins + 48 * i, o = outs + 32 * i, type = view.getUint8(s + 8), user = view.getBigUint64(s, true)
        if (type === 0) {
          if (view.getUint8(s + 40) & 1) end('the module sleeps until a time, and its world knows only how long')
          now += Number(view.getBigUint64(s + 24, true))
        }
        bytes.fill(0, o, o + 32)
        view.setBigUint64(o, user, true)
        view.setUint8(o + 10, type)
      }
      view.setUint32(p, n, true)
      return 0
    },
    sched_yield: () => 0,
    proc_exit(code) { throw new Exit(code) },

    fd_close(fd) { if (!open[fd]) return ERR.BADF; open[fd] = null; return 0 },
    fd_sync: opened, fd_datasync: opened,
    fd_fdstat_get(fd, p) {
      fresh()
      const d = open[fd]
      if (!d) return ERR.BADF
      bytes.fill(0, p, p + 24)
      view.setUint8(p, kind(d.node))
      view.setUint8(p + 2, d.append ? 1 : 0)
      view.setBigUint64(p + 8, (1n << 30n) - 1n, true)
      view.setBigUint64(p + 16, (1n << 30n) - 1n, true)
      return 0
    },
    fd_fdstat_set_flags(fd, flags) {
      const d = open[fd]
      if (!d) return ERR.BADF
      if (!d.node || flags & ~1) return ERR.NOTSUP
      d.append = (flags & 1) !== 0
      return 0
    },
    fd_filestat_get(fd, p) { fresh(); const d = open[fd]; if (!d) return ERR.BADF; stat(p, d.node); return 0 },
    fd_filestat_set_size(fd, size) { const d = file(fd); if (isError(d)) return d; resize(d.node, place(size)); return 0 },
    fd_filestat_set_times: opened,
    fd_prestat_get(fd, p) {
      fresh()
      const d = open[fd]
      if (!d || !d.name) return ERR.BADF
      view.setUint32(p, 0, true)
      view.setUint32(p + 4, d.name.length, true)
      return 0
    },
    fd_prestat_dir_name(fd, p, l) {
      fresh()
      const d = open[fd]
      if (!d || !d.name) return ERR.BADF
      bytes.set(encoder.encode(d.name).subarray(0, l), p)
      return 0
    },
    fd_read(fd, list, n, p) {
      fresh()
      const d = open[fd]
      if (!d || !d.node && d.write) return ERR.BADF
      if (d.node && d.node.dir) return ERR.ISDIR
      view.setUint32(p, each(list, n, (at, l) => {
        let k
        if (d.node) {
          k = readAt(d.node, at, l, d.pos)
          d.pos += k
        } else {
          k = Math.min(l, d.read.length)
          bytes.set(d.read.subarray(0, k), at)
          d.read = d.read.subarray(k)
        }
        return k
      }), true)
      return 0
    },
    fd_pread(fd, list, n, off, p) {
      fresh()
      const d = file(fd)
      if (isError(d)) return d
      const from = place(off)
      view.setUint32(p, each(list, n, (at, l, sum) => readAt(d.node, at, l, from + sum)), true)
      return 0
    },
    fd_write(fd, list, n, p) {
      fresh()
      const d = open[fd]
      if (!d || !d.node && !d.write) return ERR.BADF
      if (d.node && d.node.dir) return ERR.ISDIR
      if (d.append) d.pos = d.node.size
      view.setUint32(p, each(list, n, (at, l) => {
        if (!d.node) { d.write(bytes.slice(at, at + l)); return l }
        const k = writeAt(d.node, at, l, d.pos)
        d.pos += k
        return k
      }), true)
      return 0
    },
    fd_pwrite(fd, list, n, off, p) {
      fresh()
      const d = file(fd)
      if (isError(d)) return d
      const from = place(off)
      view.setUint32(p, each(list, n, (at, l, sum) => writeAt(d.node, at, l, from + sum)), true)
      return 0
    },
    fd_seek(fd, off, whence, p) {
      fresh()
      const d = file(fd)
      if (isError(d)) return d
      let to = Number(BigInt.asIntN(64, off))
      if (whence === 1) to += d.pos
      else if (whence === 2) to += d.node.size
      else if (whence !== 0) return ERR.INVAL
      if (to < 0 || to > MOST_FILE) return ERR.INVAL
      d.pos = to
      view.setBigUint64(p, BigInt(to), true)
      return 0
    },
    fd_readdir(fd, p, room, cookie, used) {
      fresh()
      const n = folder(fd)
      if (isError(n)) return n
      const names = [...n.dir.keys()].map(s => [s, encoder.encode(s)]).sort(([, a], [, b]) => compare(a, b))
      let at = 0
      for (let i = place(cookie); i < names.length && at < room; i++) {
        const [name, text] = names[i], child = n.dir.get(name)
        const entry = new Uint8Array(24 + text.length), v = new DataView(entry.buffer)
        v.setBigUint64(0, BigInt(i + 1), true)
        v.setBigUint64(8, BigInt(child.inode), true)
        v.setUint32(16, text.length, true)
        v.setUint8(20, kind(child))
        entry.set(text, 24)
        const part = entry.subarray(0, room - at)
        bytes.set(part, p + at)
        at += part.length
      }
      view.setUint32(used, at, true)
      return 0
    },

    path_create_directory(fd, p, l) {
      fresh()
      const at = folder(fd)
      if (isError(at)) return at
      const found = find(at, p, l)
      if (isError(found)) return found
      if (found[2]) return ERR.EXIST
      add(found[0], found[1], true)
      return 0
    },
    path_filestat_get(fd, _, p, l, to) {
      fresh()
      const at = folder(fd)
      if (isError(at)) return at
      const found = find(at, p, l)
      if (isError(found)) return found
      if (!found[2]) return ERR.NOENT
      stat(to, found[2])
      return 0
    },
    path_filestat_set_times(fd) { const at = folder(fd); return isError(at) ? at : 0 },
    path_open(fd, _, p, l, flags, rights, __, fdflags, to) {
      fresh()
      const at = folder(fd)
      if (isError(at)) return at
      const found = find(at, p, l)
      if (isError(found)) return found
      let n = found[2]
      if (!n) {
        if (!(flags & CREATE)) return ERR.NOENT
        n = add(found[0], found[1], false)
      } else {
        if ((flags & (CREATE | EXCLUSIVE)) === (CREATE | EXCLUSIVE)) return ERR.EXIST
        if (flags & DIRECTORY && !n.dir) return ERR.NOTDIR
        if ((flags & TRUNCATE || rights & MAY_WRITE) && n.dir) return ERR.ISDIR
        if (flags & TRUNCATE) {
          n.data = new Uint8Array(0)
          n.size = 0
        }
      }
      view.setUint32(to, take({ node: n, pos: 0, append: (fdflags & 1) !== 0 }), true)
      return 0
    },
    path_readlink: () => ERR.INVAL, // nothing is a link
    path_remove_directory: remove(true),
    path_unlink_file: remove(false),
    path_rename(fd, p, l, fd2, p2, l2) {
      fresh()
      const from = folder(fd)
      if (isError(from)) return from
      const to = folder(fd2)
      if (isError(to)) return to
      const a = find(from, p, l)
      if (isError(a)) return a
      const b = find(to, p2, l2)
      if (isError(b)) return b
      const [parent, name, n] = a, [into, as, old] = b
      if (!n) return ERR.NOENT
      if (!parent || !into) return ERR.INVAL
      if (n === old) return 0
      if (old && old.dir && !n.dir) return ERR.ISDIR
      if (old && !old.dir && n.dir) return ERR.NOTDIR
      if (old && old.dir && old.dir.size > 0) return ERR.NOTEMPTY
      for (let up = into; up; up = up.parent) if (up === n) return ERR.INVAL // into itself
      parent.dir.delete(name)
      into.dir.set(as, n)
      if (n.dir) n.parent = into
      return 0
    },

    path_link: refused('a hard link'), path_symlink: refused('a symbolic link'),
    sock_accept: refused('a network connection'), sock_shutdown: refused('a network connection'),
  }

  const start = instance => {
    memory = instance.exports.memory
    try {
      instance.exports._start()
    } catch (e) {
      if (e instanceof Exit) return { code: e.code, said }
      throw e
    }
    return { code: 0, said }
  }
  return { imports: { wasi_snapshot_preview1: answers }, start }
}

// compare orders as bytes do, which is how Go orders names.
function compare(a, b) {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i] - b[i]
  return a.length - b.length
}
