// The page starts here: it finds its run, inlined or beside it, and shows it.

import { render } from "preact";
import "./player.css";
import { held, readLooks } from "./held.ts";
import { Browser, Either, type Helper } from "./browser.ts";
import { Served, type Challenge, type Engine } from "./engine.ts";
import { Game, Play, startOf } from "./play.tsx";
import { Player } from "./player.tsx";
import { fromBase64, unpack, type Run } from "./record.ts";
import { Viewer } from "./store.ts";

// load gets the run that the page holds, or that lies beside it.
async function load(): Promise<Run> {
  const inline = held("player-run");
  if (inline !== null) return unpack(fromBase64(inline));
  const answer = await fetch("run.qlr");
  if (!answer.ok) throw new Error(`run.qlr: ${answer.status} ${answer.statusText}`);
  return unpack(new Uint8Array(await answer.arrayBuffer()));
}

async function start(root: HTMLElement): Promise<void> {
  readLooks();
  if (root.dataset["play"]) return play(root);
  const viewer = new Viewer();
  viewer.open(await load());
  viewer.follow(location.hash);
  const alone = root.dataset["alone"] === "yes";
  const App = () => <Player viewer={viewer} alone={alone} />;
  root.replaceChildren();
  render(<App />, root);
  show(root);
  // The times in a report's text lead to the moment in the player, too.
  document.addEventListener("click", (e) => {
    const at = e.target instanceof Element ? e.target.closest<HTMLElement>("a[data-at]") : null;
    if (at) viewer.seek(Number(at.dataset["at"]) * 1e9);
  });
}

// engineOf is what runs scenarios here: the simulator in the browser, or the program that serves the page.
function engineOf(root: HTMLElement): Engine {
  const { token, version } = root.dataset;
  if (!version) return new Served(token ?? "");
  const browser = new Browser(() => new Worker("../engine/worker.js") as Helper, version);
  return token ? new Either(browser, new Served(token)) : browser;
}

// play starts the page to play on.
async function play(root: HTMLElement): Promise<void> {
  root.textContent = "The simulator is being loaded …";
  const game = new Game(engineOf(root), JSON.parse(held("player-challenges") ?? "[]") as Challenge[]);
  const hash = location.hash;
  const named = new URLSearchParams(hash.slice(1)).get("challenge");
  await game.begin(await startOf(hash), game.challenges.find((c) => c.name === named) ?? null);
  if (game.error.value) throw new Error(game.error.value);
  game.viewer.follow(hash);
  root.replaceChildren();
  render(<Play game={game} />, root);
}

// show shows the section of a report that is hidden where there are no scripts.
function show(root: HTMLElement): void {
  root.closest("section")?.removeAttribute("hidden");
  document.querySelector('a[href="#watch"]')?.removeAttribute("hidden");
}

const root = document.getElementById("player");
if (root) {
  start(root).catch((e: unknown) => {
    root.textContent = "The run can't be shown: " + (e instanceof Error ? e.message : String(e));
    show(root);
  });
}
