// The page of `cotext serve` in real windows of Chromium, beside each other.
// Usage: node browser_test.mjs COTEXT PLAYWRIGHT
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";

import { Server, Window, hasBrowser, launch, settled, until } from "./harness.mjs";

if (!hasBrowser) {
  console.log("SKIPPED: there is no /usr/bin/chromium; `./dev test` installs it");
  process.exit(0);
}

const server = await new Server().start();
const browser = await launch();
after(async () => {
  await browser.close();
  await server.end();
});

async function open(name, options) {
  const window = await Window.open(browser, `${server.url}/d/${name}`, options);
  await window.connected(options?.polls ? "Connected by polling" : "Connected");
  return window;
}

async function pair(name, options = {}) {
  return Promise.all([
    open(name, { name: "Ada Byron", color: 0, ...options }),
    open(name, { name: "Ben Ok", color: 3, ...options }),
  ]);
}

test("two windows type at the same time, and see each other do it", async () => {
  const [ada, ben] = await pair("notes/together");
  await ada.type("Dear all,\n\n");
  await settled([ada, ben], (text) => text === "Dear all,\n\n");
  await ben.editor.focus();
  await ben.press("Control+Home");
  const sawTyping = until(
    async () => /Ben Ok is typing/.test(await ada.say(".typing")),
    "Ada sees that Ben types",
  );
  await Promise.all([
    ada.type("this is what Ada has to say, at the end."),
    ben.type("A letter that two people write\n\n"),
    sawTyping,
  ]);
  const expected =
    "A letter that two people write\n\nDear all,\n\nthis is what Ada has to say, at the end.";
  await settled([ada, ben], (text) => text === expected);
  await Promise.all([ada.saved(), ben.saved()]);
  assert.equal(await server.text("notes%2Ftogether"), expected);
  assert.equal(await ada.page.locator(".cm-cotext-name").textContent(), "Ben Ok");
  assert.equal(await ben.page.locator(".people .avatar").textContent(), "AB");
  await ben.press("Control+Home", "Shift+End");
  await until(
    async () => (await ada.page.locator(".cm-cotext-selection").count()) > 0,
    "a selection",
  );
  await ada.screenshot("two_windows");
  await Promise.all([ada.close(), ben.close()]);
});

test("what is typed offline arrives once, when the window is back", async () => {
  const [ada, ben] = await pair("offline");
  await ada.type("shared\n");
  await settled([ada, ben], (text) => text === "shared\n");
  await ada.switchTo(false);
  await ada.connected("Offline");
  await ada.type("Ada offline\n");
  await until(async () => /unsaved edit/.test(await ada.say(".saved")), "the counter");
  await ada.screenshot("offline");
  await ben.editor.focus();
  await ben.press("Control+Home");
  await ben.type("Ben online\n");
  assert.equal(await ben.text(), "Ben online\nshared\n");
  assert.equal(await ada.text(), "shared\nAda offline\n");
  await ada.switchTo(true);
  await settled([ada, ben], (text) => text === "Ben online\nshared\nAda offline\n");
  await ada.saved();
  await Promise.all([ada.close(), ben.close()]);
});

test("what was typed offline is there after the page was closed, and arrives once", async () => {
  const ada = await open("closed");
  await ada.type("online ");
  await ada.saved();
  await ada.switchTo(false);
  await ada.type("offline");
  await until(async () => /kept in this browser/.test(await ada.say(".saved")), "where it is kept");
  await ada.close();
  assert.equal(await server.text("closed"), "online ");
  const again = await open("closed");
  await until(async () => (await again.text()) === "online offline", "the text in the next page");
  await again.saved();
  assert.equal(await server.text("closed"), "online offline");
  await again.close();
});

test("a server that is killed and comes back has everything, and gets the rest", async () => {
  for (const engine of ["rga", "ot"]) {
    const [ada, ben] = await pair(`restart-${engine}?engine=${engine}`);
    await ada.type("before\n");
    await settled([ada, ben], (text) => text === "before\n");
    await ada.saved();
    await server.stop();
    await ada.type("while it was away\n");
    assert.equal(await ben.text(), "before\n");
    await server.start();
    await settled([ada, ben], (text) => text === "before\nwhile it was away\n");
    await ben.type("after\n");
    await settled([ada, ben], (text) => text.includes("after\n"));
    await Promise.all([ada.saved(), ben.saved()]);
    await Promise.all([ada.close(), ben.close()]);
  }
});

test("where WebSockets are blocked, long polling takes over", async () => {
  const [ada, ben] = await Promise.all([
    open("polling", { name: "Ada Byron", polls: true }),
    open("polling", { name: "Ben Ok", color: 3 }),
  ]);
  await Promise.all([ada.type("by polling "), ben.type("by WebSocket ")]);
  await settled([ada, ben], (text) => text.length === "by polling by WebSocket ".length);
  await until(async () => (await ben.page.locator(".cm-cotext-caret").count()) === 1, "the caret");
  await ada.saved();
  await Promise.all([ada.close(), ben.close()]);
});

test("undo takes back one's own edits, and brings selections back", async () => {
  const [ada, ben] = await pair("undo");
  await ada.type("one two");
  await settled([ada, ben], (text) => text === "one two");
  await new Promise((resolve) => setTimeout(resolve, 600)); // The next edit is another step.
  await ada.press("Control+Shift+ArrowLeft");
  await ada.type("2");
  await ben.editor.focus();
  await ben.press("Control+Home");
  await ben.type("zero ");
  await settled([ada, ben], (text) => text === "zero one 2");
  await ada.press("Control+z");
  await settled([ada, ben], (text) => text === "zero one two");
  await ada.type("three"); // In place of what is selected again.
  await settled([ada, ben], (text) => text === "zero one three");
  await Promise.all([ada.close(), ben.close()]);
});

test("a composition goes on while others edit its line, and others' edits come after it", async () => {
  const [ada, ben] = await pair("composition");
  await ada.type("line one\nabc ");
  await settled([ada, ben], (text) => text === "line one\nabc ");
  const ime = await ada.context.newCDPSession(ada.page);
  const compose = (text) =>
    ime.send("Input.imeSetComposition", {
      text,
      selectionStart: text.length,
      selectionEnd: text.length,
    });
  await compose("k");
  await ben.editor.focus();
  await ben.press("Control+End");
  await ben.press("Home");
  await ben.type("> ");
  await until(async () => (await ben.text()) === "line one\n> abc k", "Ben sees the composition");
  await compose("か");
  await compose("かn");
  await compose("かん");
  assert.equal(await ada.text(), "line one\nabc かん");
  await ime.send("Input.insertText", { text: "漢" });
  await settled([ada, ben], (text) => text === "line one\n> abc 漢");
  await ada.type("!");
  await settled([ada, ben], (text) => text === "line one\n> abc 漢!");
  await Promise.all([ada.close(), ben.close()]);
});

test("ends of lines that are pasted become those of the document", async () => {
  const ada = await open("paste");
  await ada.editor.focus();
  await ada.page.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text/plain", "one\r\ntwo\rthree");
    const target = document.querySelector(".editor").shadowRoot.querySelector(".cm-content");
    target.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
    );
  });
  await ada.saved();
  await until(async () => (await server.text("paste")) === "one\ntwo\nthree", "what was pasted");
  await ada.close();
});

test("several documents are open over one connection", async () => {
  const ada = await open("first");
  await ada.type("in the first");
  let sockets = 0;
  ada.page.on("websocket", () => ++sockets);
  await ada.press("Control+k");
  await ada.page.keyboard.type("second");
  await ada.page.getByLabel("Engine of a new document").selectOption("ot");
  await ada.page.getByRole("button", { name: "Create" }).first().click();
  await until(async () => (await ada.say(".title")) === "second", "the other document");
  await ada.type("in the second");
  await ada.saved();
  assert.equal(new URL(ada.page.url()).pathname, "/d/second");
  await ada.page.goBack();
  await until(async () => (await ada.text()) === "in the first", "the first again");
  await ada.page.goForward();
  await until(async () => (await ada.text()) === "in the second", "the second again");
  assert.equal(sockets, 0);
  assert.equal(await server.text("second"), "in the second");
  const listed = await (await fetch(`${server.url}/v1/documents`)).json();
  assert.equal(listed.documents.find(({ name }) => name === "second").engine, "ot");
  // Somebody who does not know of which engine it is finds out.
  const ben = await open("second", { name: "Ben Ok" });
  await until(async () => (await ben.text()) === "in the second", "the text for Ben");
  await Promise.all([ada.close(), ben.close()]);
});

test("the slider shows every version, and who wrote it", async () => {
  const [ada, ben] = await pair("history");
  await ada.type("A line by Ada.\n");
  await settled([ada, ben], (text) => text.length === 15);
  await ben.editor.focus();
  await ben.press("Control+End");
  await ben.type("A line by Ben.");
  await settled([ada, ben], (text) => text.length === 29);
  await ada.page.getByRole("button", { name: "History" }).click();
  const slider = ada.page.getByRole("slider");
  assert.equal(await slider.getAttribute("max"), "29");
  assert.deepEqual(await ada.page.locator(".authors li").allTextContents(), [
    "Ada Byron15",
    "Ben Ok14",
  ]);
  await ada.screenshot("history");
  const past = () =>
    ada.page.evaluate(() =>
      [...document.querySelectorAll(".editor")]
        .at(-1)
        .shadowRoot.querySelector(".cm-content")
        .innerText.trim(),
    );
  await slider.fill("6");
  await until(async () => (await past()) === "A line", "the version with six letters");
  await slider.press("Escape");
  assert.equal(await ada.text(), "A line by Ada.\nA line by Ben.");
  await Promise.all([ada.close(), ben.close()]);
});

test("the live feed follows, and needs no editor", async () => {
  const ada = await open("feed");
  await ada.type("Hello");
  const page = await ada.context.newPage();
  await page.goto(`${server.url}/live/feed`);
  await until(async () => (await page.locator(".live-text").textContent()) === "Hello", "the text");
  await ada.type(", world 😀");
  await ada.press("Control+Home", "Delete");
  await until(
    async () => (await page.locator(".live-text").textContent()) === "ello, world 😀",
    "edits",
  );
  await until(async () => /Ada/.test(await page.locator(".typing").textContent()), "who is there");
  await page.close();
  await ada.close();
});

test("who may only read cannot write, as soon as that is so", async () => {
  const keys = path.join(server.folder, "key");
  const restrictions = path.join(server.folder, "restrictions.json");
  const secret = randomBytes(32);
  writeFileSync(keys, secret);
  writeFileSync(restrictions, "{}");
  const guarded = await new Server(
    "--auth-key",
    `hs256:${keys}`,
    "--restrictions",
    restrictions,
  ).start();
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const documents = [{ name: "*", rights: ["read", "write", "show"] }];
  const claims = { sub: "ada", exp: Math.floor(Date.now() / 1000) + 600, documents };
  const head = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  const token = `${head}.${createHmac("sha256", secret).update(head).digest("base64url")}`;
  const ada = await Window.open(browser, `${guarded.url}/d/guarded#token=${token}`);
  await ada.connected();
  await ada.type("may write");
  await ada.saved();
  assert.equal(new URL(ada.page.url()).hash, "");
  writeFileSync(restrictions, '{"ada": ["read"]}');
  guarded.process.kill("SIGHUP");
  await until(async () => (await ada.editor.getAttribute("aria-readonly")) === "true", "read-only");
  await ada.type("not this");
  assert.equal(await ada.text(), "may write");
  writeFileSync(restrictions, "{}");
  guarded.process.kill("SIGHUP");
  await until(
    async () => (await ada.editor.getAttribute("aria-readonly")) !== "true",
    "writing again",
  );
  await ada.close();
  await guarded.end();
});

test("the page comes with its policy, packed, and can be left out", async () => {
  const page = await fetch(`${server.url}/d/anything`);
  assert.match(
    page.headers.get("Content-Security-Policy"),
    /^default-src 'self'; script-src 'self' 'wasm-unsafe-eval'/,
  );
  assert.equal(page.headers.get("Content-Encoding"), "gzip");
  const html = await page.text();
  assert.doesNotMatch(html, /<script>|<style|style=|\son[a-z]+=/);
  assert.match(await (await fetch(`${server.url}/licences.txt`)).text(), /@codemirror\/view/);
  const bare = await new Server("--no-web").start();
  assert.equal((await fetch(bare.url)).status, 404);
  assert.equal((await fetch(`${bare.url}/v1/documents`)).status, 200);
  await bare.end();
});

test("a phone has the list behind a button, and all that a wide window has", async () => {
  const phone = await open("phone", {
    viewport: { width: 390, height: 780 },
    deviceScaleFactor: 2,
    hasTouch: true,
    isMobile: true,
    colorScheme: "dark",
  });
  await phone.type("Written on a phone.");
  await phone.saved();
  await phone.screenshot("phone_dark");
  const wide = await phone.page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `${wide} pixels wide`);
  await phone.page.getByRole("button", { name: "Documents" }).tap();
  await phone.page.getByRole("link", { name: "phone" }).waitFor({ state: "visible" });
  await phone.close();
});
