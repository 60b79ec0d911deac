// One trace is the same bytes natively, in the module under Node.js, and in the module in Chromium.
// Usage: bytes_test.mjs TRACE_BYTES PLAYWRIGHT CORE, the folder of the package @cotext/core.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";

import { hasBrowser, launch } from "./harness.mjs";
import { replayTrace } from "./replay_trace.mjs";

const [, , native, , core] = process.argv;
const { load } = await import(pathToFileURL(path.join(core, "dist/node.js")));
const folder = mkdtempSync(path.join(tmpdir(), "cotext-bytes-test-"));
const address = "http://cotext.test/";
const types = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

let browser;
before(async () => {
  if (hasBrowser) browser = await launch();
  else console.log("SKIPPED in a browser: there is no /usr/bin/chromium; `./dev test` installs it");
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

// Traces: patches are [position, deleted, inserted], in code points.

/** Numbers that are always the same, each in [0, limit). */
function makeRandom(seed) {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Typing, deleting, jumping and pasting, in characters of all sizes. */
function makeTrace(seed, edits) {
  const random = makeRandom(seed);
  const characters = ["a", "b", "e", " ", "t", "\n", "\r\n", "é", "e\u0301", "漢", "😀", "\ufeff"];
  const text = [];
  const patches = [];
  let caret = 0;
  for (let i = 0; i < edits; ++i) {
    if (random(10) === 0) caret = random(text.length + 1);
    const isDeleted = random(4) === 0 && caret > 0;
    const deleted = isDeleted ? 1 + random(Math.min(caret, random(20) === 0 ? 40 : 2)) : 0;
    const count = isDeleted && random(4) > 0 ? 0 : random(40) === 0 ? 300 : 1;
    // Plain for a long time at first, as most texts are.
    const kinds = i < edits / 3 ? 6 : characters.length;
    const inserted = Array.from({ length: count }, () => characters[random(kinds)]).join("");
    caret -= deleted;
    patches.push([caret, deleted, inserted]);
    const added = [...inserted];
    text.splice(caret, deleted, ...added);
    caret += added.length;
  }
  return { patches, text: text.join("") };
}

function toUtf16(patches) {
  if (!patches.some(([, , text]) => /[\ud800-\udfff]/.test(text))) return patches;
  const widths = [];
  const sum = (begin, end) => widths.slice(begin, end).reduce((total, width) => total + width, 0);
  return patches.map(([position, deleted, inserted]) => {
    const patch = [sum(0, position), sum(position, position + deleted), inserted];
    widths.splice(position, deleted, ...Array.from(inserted, (character) => character.length));
    return patch;
  });
}

// Replaying.

function replayNatively(file, name) {
  const to = path.join(folder, name);
  mkdirSync(to);
  execFileSync(native, [file, to], { stdio: ["ignore", "inherit", "inherit"] });
  return (what) => readFileSync(path.join(to, what));
}

/** Returns the same as replayTrace, by a page that has nothing but the package. */
async function replayInBrowser(patches) {
  const page = await browser.newPage();
  const served = (name) => {
    if (name === "") return { contentType: "text/html", body: "<!doctype html>" };
    if (name === "patches") return { contentType: "text/plain", body: JSON.stringify(patches) };
    const file = name === "replay_trace.mjs" ? name : path.join(core, "dist", name);
    const body = readFileSync(new URL(file, import.meta.url));
    return { contentType: types[path.extname(name)], body };
  };
  await page.route(`${address}**`, (route) =>
    route.fulfill(served(new URL(route.request().url()).pathname.slice(1))),
  );
  await page.goto(address);
  const encoded = await page.evaluate(async () => {
    const { load } = await import("/web.js");
    const { replayTrace } = await import("/replay_trace.mjs");
    const patches = await (await fetch("/patches")).json();
    const toBase64 = (bytes) =>
      new Promise((resolve) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
        reader.readAsDataURL(new Blob([bytes]));
      });
    const result = {};
    for (const [name, bytes] of Object.entries(replayTrace(await load(), patches))) {
      result[name] = await toBase64(bytes);
    }
    return result;
  });
  await page.close();
  return (what) => Buffer.from(encoded[what], "base64");
}

const hashOf = (bytes) => createHash("sha256").update(bytes).digest("hex");

async function expectSameBytes(t, name, file, patches, text) {
  const inNode = replayTrace(await load(), toUtf16(patches));
  assert.equal(new TextDecoder("utf-8", { ignoreBOM: true }).decode(inNode.text), text);
  const others = { native: replayNatively(file, name) };
  if (browser) others.Chromium = await replayInBrowser(toUtf16(patches));
  for (const [what, bytes] of Object.entries(inNode)) {
    for (const [where, read] of Object.entries(others)) {
      const other = read(what);
      assert.equal(hashOf(other), hashOf(bytes), `${name}: ${what}, ${where}`);
      assert.ok(other.equals(bytes), `${name}: ${what}, ${where}`);
    }
    t.diagnostic(`${name}, ${what}: ${bytes.length} bytes, SHA-256 ${hashOf(bytes)}`);
  }
}

test("a trace of all kinds of characters is the same bytes everywhere", async (t) => {
  for (const seed of [1, 2, 3]) {
    const { patches, text } = makeTrace(seed, 4000);
    const name = `seed-${seed}`;
    const file = path.join(folder, `${name}.json`);
    const trace = { startContent: "", endContent: text, txns: [{ patches }] };
    writeFileSync(file, JSON.stringify(trace));
    await expectSameBytes(t, name, file, patches, text);
  }
});

const traces = process.env.COTEXT_DATA && path.join(process.env.COTEXT_DATA, "traces");
for (const name of ["automerge-paper", "rustcode", "sveltecomponent", "friendsforever_flat"]) {
  const file = traces && path.join(traces, `${name}.json.gz`);
  const isThere = file !== undefined && existsSync(file);
  test(`${name} is the same bytes everywhere`, { skip: !isThere }, async (t) => {
    const { txns, endContent } = JSON.parse(gunzipSync(readFileSync(file)));
    await expectSameBytes(t, name, file, txns.flatMap(({ patches }) => patches), endContent);
  });
}
