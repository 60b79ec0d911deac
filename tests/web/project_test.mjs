// What the package's page says of a page, in an empty project of Vite: while it is developed, and
// built, under a strict policy, in Chromium.
// Usage, in the project's folder: project_test.mjs - PLAYWRIGHT
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";

import { hasBrowser, launch } from "./harness.mjs";

if (!hasBrowser) {
  console.log("SKIPPED: there is no /usr/bin/chromium; `./dev test` installs it");
  process.exit(0);
}

const readme = readFileSync("node_modules/@cotext/core/README.md", "utf8");
const [, script] = /^```js page\n(.*?)^```$/ms.exec(readme);
writeFileSync("main.js", script);
writeFileSync(
  "index.html",
  '<!doctype html><title>x</title><body><script type="module" src="/main.js"></script>',
);
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
const types = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

const browser = await launch();
after(() => browser.close());

function vite(...options) {
  const program = path.resolve("node_modules/vite/bin/vite.js");
  return spawn(process.execPath, [program, ...options], { stdio: ["ignore", "pipe", "inherit"] });
}

/** Opens the page, and sees that it shows what it is to. */
async function look(url) {
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes("404")) errors.push(message.text());
  });
  await page.goto(url);
  try {
    await page.waitForFunction(() => document.body.textContent === "Hello, world");
  } finally {
    assert.deepEqual(errors, []);
    await page.close();
  }
}

test("it is developed", async () => {
  const server = vite("--port", "0", "--host", "127.0.0.1");
  try {
    let url;
    for await (const line of createInterface(server.stdout)) {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line.replaceAll(/\x1b\[\d+m/g, ""));
      if (found === null) continue;
      [url] = found;
      break;
    }
    await look(url);
  } finally {
    server.kill();
  }
});

test("it is built, and served under a strict policy", async () => {
  const build = vite("build", "--logLevel", "warn");
  assert.equal(await new Promise((resolve) => build.on("exit", resolve)), 0);
  const server = createServer((request, response) => {
    const name = request.url === "/" ? "/index.html" : request.url;
    try {
      const bytes = readFileSync(path.join("dist", path.normalize(name)));
      response.writeHead(200, {
        "Content-Type": types[path.extname(name)] ?? "application/octet-stream",
        "Content-Security-Policy": policy,
      });
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await look(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
