// A server, and windows of a real browser on its page.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

const [, , cotext, playwright] = process.argv;
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
const outputs = process.env.TEST_UNDECLARED_OUTPUTS_DIR ?? tmpdir();
const patienceMs = Number(process.env.PATIENCE ?? 60_000);

export const hasBrowser = existsSync(chromium);

function once(emitter, name) {
  return new Promise((resolve) => emitter.once(name, (...values) => resolve(values)));
}

/** Waits for what events bring about. */
export async function until(isSo, what) {
  for (const end = Date.now() + patienceMs; !(await isSo()); ) {
    assert.ok(Date.now() < end, `in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export class Server {
  port = 0;
  folder = mkdtempSync(path.join(tmpdir(), "cotext-web-test-"));

  constructor(...options) {
    this.options = options;
  }

  async start() {
    const fixed = [
      "--listen",
      `127.0.0.1:${this.port}`,
      "--data",
      this.folder,
      "--log-level",
      "error",
    ];
    const options = ["serve", ...fixed, ...this.options];
    this.process = spawn(cotext, options, { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(createInterface(this.process.stdout), "line");
    this.port = Number(/:(\d+)$/.exec(line)[1]);
    return this;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(signal = "SIGKILL") {
    const ended = once(this.process, "exit");
    this.process.kill(signal);
    await ended;
  }

  async end() {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async text(name) {
    return (await fetch(`${this.url}/v1/documents/${name}`)).text();
  }
}

/** A browser without windows yet. */
export async function launch() {
  const { chromium: browser } = createRequire(import.meta.url)(path.resolve(playwright));
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-timer-throttling"];
  return browser.launch({ executablePath: chromium, headless: true, args });
}

/** What may be said on the console when a server is away; anything else is an error. */
const expected = /net::ERR_|WebSocket connection|status of (410|503)/;

/** Of people: who has been here has the page in his cache. */
const contexts = new Map();

async function contextOf(browser, name, color, options) {
  const key = JSON.stringify([name, color, options]);
  if (!contexts.has(key)) {
    const context = await browser.newContext({
      viewport: { width: 1180, height: 760 },
      ...options,
    });
    const identity = JSON.stringify({ name, color });
    await context.addInitScript(
      (value) => localStorage.setItem("cotext.identity", value),
      identity,
    );
    contexts.set(key, context);
  }
  return contexts.get(key);
}

/** A window of somebody, on one document at first. */
export class Window {
  constructor(context, page, name) {
    this.context = context;
    this.page = page;
    this.name = name;
    this.errors = [];
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" && !expected.test(message.text()))
        this.errors.push(message.text());
    });
  }

  static async open(browser, url, { name = "Ada", color = 0, polls = false, ...options } = {}) {
    const context = await contextOf(browser, name, color, options);
    const page = await context.newPage();
    if (polls) await page.routeWebSocket(/./, (socket) => socket.close());
    const window = new Window(context, page, name);
    await page.goto(url);
    return window;
  }

  get editor() {
    return this.page.locator(".cm-content").first();
  }

  /** What the editor shows; nothing while there is none. */
  text() {
    return this.page.evaluate(() => {
      const lines =
        document.querySelector(".editor")?.shadowRoot.querySelectorAll(".cm-line") ?? [];
      const plain = [...lines].map((line) => {
        const copy = line.cloneNode(true);
        for (const caret of copy.querySelectorAll(".cm-cotext-caret, .cm-placeholder"))
          caret.remove();
        return copy.textContent;
      });
      return plain.join("\n");
    });
  }

  say(selector) {
    return this.page.locator(selector).first().textContent();
  }

  async connected(words = "Connected") {
    await until(async () => (await this.say(".state-words")) === words, `${this.name}: ${words}`);
  }

  async saved() {
    await until(async () => (await this.say(".saved")) === "All saved", `${this.name}: all saved`);
  }

  async type(text, delay = 12) {
    await this.editor.focus();
    await this.page.keyboard.type(text, { delay });
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async switchTo(isOnline) {
    await this.page.locator("[role=switch]").setChecked(isOnline);
  }

  screenshot(name) {
    return this.page.screenshot({ path: path.join(outputs, `${name}.png`) });
  }

  async close() {
    await this.page.close();
    assert.deepEqual(this.errors, [], `${this.name}'s console`);
  }
}

/** Waits until all windows show the same text, one for which `isSo`. */
export async function settled(windows, isSo) {
  let texts = [];
  await until(async () => {
    texts = await Promise.all(windows.map((window) => window.text()));
    return texts.every((text) => text === texts[0]) && isSo(texts[0]);
  }, "the same text everywhere").catch((error) => {
    error.message += `: ${JSON.stringify(texts)}`;
    throw error;
  });
  return texts[0];
}
