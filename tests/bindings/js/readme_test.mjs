// The examples of the package's page: those that need no server are run, one after the other as one
// program, and print what their comments say.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { test } from "node:test";

const folder = path.dirname(createRequire(import.meta.url).resolve("@cotext/core/package.json"));
const page = readFileSync(path.join(folder, "README.md"), "utf8");
const blocks = [...page.matchAll(/^```(js[^\n]*)\n(.*?)^```$/gms)];

test("the examples print what they say", () => {
  const program = blocks.filter(([, kind]) => kind === "js").map(([, , text]) => text).join("\n");
  writeFileSync("example.mjs", program);
  const printed = execFileSync(process.execPath, ["example.mjs"], { encoding: "utf8" });
  const said = [...program.matchAll(/;\s+\/\/ (.*)$/gm)].map(([, text]) => text);
  assert.ok(said.length >= 4);
  assert.deepEqual(printed.trimEnd().split("\n"), said);
});

test("the examples that need a server name what there is", async () => {
  const client = await import("@cotext/core/client");
  for (const [, , text] of blocks.filter(([, kind]) => kind === "js no-run")) {
    for (const [, names, from] of text.matchAll(/import \{ (.*) \} from "(.*)";/g)) {
      const module = await import(from);
      for (const name of names.split(", ")) assert.equal(typeof module[name], "function", name);
    }
    for (const [, name] of text.matchAll(/\bclient\.(\w+)\(/g)) {
      assert.equal(typeof client.CotextClient.prototype[name], "function", name);
    }
    for (const [, name] of text.matchAll(/\bnotes\.(\w+)\(/g)) {
      assert.equal(typeof client.OpenDocument.prototype[name], "function", name);
    }
  }
});
