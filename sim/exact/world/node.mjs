// node node.mjs MODULE SEED: runs a module, compressed or not, in Node.js. Its input and output are this process's.
import { readFileSync, writeSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { run } from './world.mjs'

const [path, seed] = process.argv.slice(2)
let wasm = readFileSync(path)
if (wasm[0] === 0x1f) wasm = gunzipSync(wasm)
const output = b => { for (let at = 0; at < b.length;) at += writeSync(1, b, at) }
const { code, said } = await run(await WebAssembly.compile(wasm), { seed: BigInt(seed), input: readFileSync(0), output })
if (said) process.stderr.write(said)
process.exitCode = code
