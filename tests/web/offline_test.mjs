// Documents that a browser keeps, in tabs of Chromium.
// Usage: offline_test.mjs COTEXT PLAYWRIGHT CORE, the folder of the package @cotext/core.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";

import { Server, hasBrowser, launch, until } from "./harness.mjs";

if (!hasBrowser) {
  console.log("SKIPPED: there is no /usr/bin/chromium; `./dev test` installs it");
  process.exit(0);
}

const folder = mkdtempSync(path.join(tmpdir(), "cotext-offline-test-"));
cpSync(path.join(process.argv[4], "dist"), path.join(folder, "core"), { recursive: true });
writeFileSync(
  path.join(folder, "page.js"),
  `import { load } from "./core/web.js";
  import { CotextClient } from "./core/client.js";
  import { OfflineDocument } from "./core/offline.js";
  const cotext = await load();
  const client = new CotextClient(cotext, { url: location.origin });
  globalThis.open_ = async (name) => {
    globalThis.kept = await OfflineDocument.open(cotext, client, name, { saveMs: 20 });
  };
  globalThis.client = client;
  globalThis.isReady = true;`,
);
writeFileSync(
  path.join(folder, "index.html"),
  '<!doctype html><script type="module" src="page.js"></script>',
);

const server = await new Server("--web", folder).start();
const browser = await launch();
after(async () => {
  await browser.close();
  await server.end();
  rmSync(folder, { recursive: true, force: true });
});

/** A tab, which does not connect by itself. */
class Tab {
  static async open(context, name) {
    const tab = new Tab();
    tab.page = await context.newPage();
    tab.page.on("pageerror", (error) => console.error(error));
    await tab.page.goto(server.url);
    await tab.page.waitForFunction(() => globalThis.isReady);
    await tab.page.evaluate((each) => globalThis.open_(each), name);
    return tab;
  }

  text() {
    return this.page.evaluate(() => globalThis.kept.document.toString());
  }

  insert(at, text) {
    return this.page.evaluate(
      ([index, what]) => globalThis.kept.document.insert(index, what),
      [at, text],
    );
  }

  stored() {
    return this.page.evaluate(() => globalThis.kept.whenStored());
  }

  async connect() {
    await this.page.evaluate(() => globalThis.client.connect());
    await this.page.evaluate(() => globalThis.kept.open.whenSaved());
  }

  /** How many copies this browser has. */
  copies() {
    return this.page.evaluate(
      () =>
        new Promise((resolve) => {
          const request = indexedDB.open("cotext");
          request.onsuccess = () => {
            const all = request.result.transaction("copies").objectStore("copies").count();
            all.onsuccess = () => {
              request.result.close();
              resolve(all.result);
            };
          };
        }),
    );
  }
}

async function shows(tab, text) {
  let last;
  await until(async () => (last = await tab.text()) === text, `the text ${text}`).catch((error) => {
    error.message += `, but ${last}`;
    throw error;
  });
}

test("what was written without a connection is there in the next page, and arrives once", async () => {
  const context = await browser.newContext();
  const first = await Tab.open(context, "alone");
  for (let i = 0; i < 250; ++i) {
    await first.insert(i, String(i % 10));
    if (i % 2 === 0) await first.stored(); // Many pieces, more than are kept.
  }
  await first.stored();
  await first.page.close();
  const text = "0123456789".repeat(25);
  const second = await Tab.open(context, "alone");
  assert.equal(await second.text(), text);
  assert.equal(await second.copies(), 1);
  await second.insert(0, ">");
  await second.connect();
  assert.equal(await server.text("alone"), `>${text}`);
  await second.stored();
  await second.page.close();
  const third = await Tab.open(context, "alone");
  await third.connect();
  assert.equal(await third.text(), `>${text}`);
  assert.equal(await server.text("alone"), `>${text}`);
  await context.close();
});

test("tabs of one browser are in step without a server, and each uploads its own", async () => {
  const context = await browser.newContext();
  const [one, two] = [await Tab.open(context, "tabs"), await Tab.open(context, "tabs")];
  await one.insert(0, "one ");
  await shows(two, "one ");
  await two.insert(4, "two ");
  await shows(one, "one two ");
  const late = await Tab.open(context, "tabs");
  await shows(late, "one two ");
  await Promise.all([one.stored(), two.stored()]);
  // Who alone has a connection uploads what is his, and what that follows when its page is gone.
  await two.page.close();
  await one.page.close();
  await late.page.close();
  const next = await Tab.open(context, "tabs");
  assert.equal(await next.text(), "one two ");
  assert.equal(await next.copies(), 1);
  await next.connect();
  assert.equal(await server.text("tabs"), "one two ");
  await context.close();
});

test("nobody takes over the copy of a page that is there", async () => {
  const context = await browser.newContext();
  const one = await Tab.open(context, "living");
  await one.insert(0, "one");
  await one.stored();
  const two = await Tab.open(context, "living");
  assert.equal(await two.text(), "one");
  await two.insert(3, " two");
  await two.stored();
  assert.equal(await two.copies(), 2);
  await Promise.all([one.connect(), two.connect()]);
  await shows(one, "one two");
  assert.equal(await server.text("living"), "one two");
  await context.close();
});
