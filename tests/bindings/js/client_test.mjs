// Clients of a real server, over WebSockets and long polling.
// Usage: node client_test.mjs COTEXT
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";

// Node 20 has WebSockets only if asked to.
const flag = "--experimental-websocket";
const isAsked = process.execArgv.includes(flag);
if (!globalThis.WebSocket && !isAsked && process.allowedNodeEnvironmentFlags.has(flag)) {
  const again = [flag, ...process.argv.slice(1)];
  process.exit(spawnSync(process.execPath, again, { stdio: "inherit" }).status);
}

const { UndoManager, load } = await import("@cotext/core");
const { CotextClient } = await import("@cotext/core/client");

const folders = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

class Server {
  static async start() {
    const server = new Server();
    server.folder = mkdtempSync(path.join(tmpdir(), "cotext-client-test-"));
    folders.push(server.folder);
    server.port = 0;
    await server.start();
    return server;
  }

  async start() {
    const listen = `127.0.0.1:${this.port}`;
    const options = ["serve", "--listen", listen, "--data", this.folder, "--log-level", "error"];
    this.process = spawn(process.argv[2], options, { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(createInterface(this.process.stdout), "line");
    this.port = Number(/:(\d+)$/.exec(line)[1]);
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async kill(signal = "SIGKILL") {
    const ended = once(this.process, "exit");
    this.process.kill(signal);
    await ended;
  }
}

function once(emitter, name) {
  return new Promise((resolve) => emitter.once(name, (...values) => resolve(values)));
}

/** Waits for what events bring about. */
async function until(isSo, what) {
  for (const end = Date.now() + 60_000; !isSo(); ) {
    assert.ok(Date.now() < end, `in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const server = await Server.start();
after(() => server.kill());
const clients = [];
after(() => clients.forEach((client) => client.close()));
let documents = 0;

async function connect(options = {}) {
  const cotext = await load();
  const client = new CotextClient(cotext, { url: server.url, ...options });
  clients.push(client);
  client.connect();
  return { cotext, client };
}

const transports = globalThis.WebSocket ? ["websocket", "poll"] : ["poll"];

for (const transport of transports) {
  for (const engine of ["rga", "ot"]) {
    test(`${transport}, ${engine}: two clients see each other's edits`, async () => {
      const name = `${transport}-${engine}`;
      const a = await connect({ transport });
      const b = await connect({ transport });
      const left = a.client.open(name, a.cotext.createDocument({ engine }));
      await left.whenSynced();
      left.document.insert(0, "héllo 😀");
      assert.ok(left.unsaved > 0);
      await left.whenSaved();
      assert.equal(left.unsaved, 0);
      assert.equal(a.client.transport, transport);

      const right = b.client.open(name, b.cotext.createDocument({ engine }));
      await right.whenSynced();
      await until(() => right.document.toString() === "héllo 😀", "the text comes");
      const origins = [];
      left.document.observe(({ origin, kind }) => origins.push([origin, kind]));
      right.document.insert(8, "!");
      await until(() => left.document.toString() === "héllo 😀!", "the edit comes");
      assert.deepEqual(origins, [[a.client, "remote"]]);

      // At the same time.
      left.document.insert(0, "<");
      right.document.insert(9, ">");
      await Promise.all([left.whenSaved(), right.whenSaved()]);
      const isSame = () => left.document.toString() === right.document.toString();
      await until(() => isSame() && left.document.length === 11, "both have both");
      assert.equal(left.document.toString(), "<héllo 😀!>");

      const undoManager = new UndoManager(right.document);
      right.document.insert(0, "x");
      undoManager.undo();
      await right.whenSaved();
      await until(isSame, "undo comes");
      a.client.close();
      b.client.close();
      assert.equal(a.client.status, "disconnected");
    });
  }

  test(`${transport}: presence and typing come and go`, async () => {
    const name = `presence-${transport}`;
    const a = await connect({ transport });
    const b = await connect({ transport });
    const left = a.client.open(name, a.cotext.createDocument({ text: "text" }));
    await left.whenSaved();
    const right = b.client.open(name, b.cotext.createDocument());
    await right.whenSynced();
    const caret = [...left.document.createAnchor(2)];
    left.setPresence({ name: "Ada", caret });
    left.setTyping(true);
    await until(() => right.present[0]?.state !== undefined && right.present[0].isTyping, "Ada types");
    const [ada] = right.present;
    assert.equal(ada.session, a.client.sessionNumber);
    assert.equal(ada.state.name, "Ada");
    assert.equal(right.document.resolveAnchor(Uint8Array.from(ada.state.caret)), 2);
    const heard = [];
    right.on("presence", (present) => heard.push(present));
    left.setTyping(false);
    left.setPresence(null);
    await until(() => right.present[0]?.state === undefined, "Ada shows nothing");
    a.client.close();
    await until(() => right.present.length === 0, "Ada is gone");
    assert.deepEqual(heard.at(-1), []);
    b.client.close();
  });

  test(`${transport}: what was edited while the server was away arrives once`, async () => {
    const name = `away-${transport}`;
    const own = await Server.start();
    const { cotext, client } = await connect({ transport, url: own.url });
    const statuses = [];
    client.on("status", (status) => statuses.push(status));
    const notes = client.open(name, cotext.createDocument());
    notes.document.insert(0, "one ");
    await notes.whenSaved();
    await own.kill();
    await until(() => client.status === "reconnecting", "the loss is noticed");
    notes.document.insert(4, "two ");
    assert.ok(notes.unsaved > 0);
    await own.start();
    notes.document.insert(8, "three");
    await notes.whenSaved();
    const response = await fetch(`${own.url}/v1/documents/${name}`);
    assert.equal(await response.text(), "one two three");
    assert.deepEqual(statuses.slice(-3), ["connected", "reconnecting", "connected"]);
    client.close();
    await own.kill();
  });
}

test("where WebSockets do not get through, long polling does", async () => {
  let tries = 0;
  class Blocked {
    constructor() {
      ++tries;
      queueMicrotask(() => this.onclose({ code: 1006, reason: "" }));
    }
    close() {}
  }
  const { cotext, client } = await connect({ WebSocket: Blocked });
  const notes = client.open("blocked", cotext.createDocument({ text: "x" }));
  await notes.whenSaved();
  assert.equal(client.transport, "poll");
  assert.equal(tries, 2);
  client.close();
});

test("a document of the other engine fails, and its text stays", async () => {
  const { cotext, client } = await connect();
  const rga = client.open("engines", cotext.createDocument({ text: "x" }));
  await rga.whenSaved();
  const ot = client.open("engines-too", cotext.createDocument({ engine: "ot", text: "y" }));
  await ot.whenSaved();
  ot.close();
  const wrong = client.open("engines-too", cotext.createDocument({ text: "z" }));
  const failures = [];
  wrong.on("failed", (error) => failures.push(error.code));
  await assert.rejects(wrong.whenSynced(), { code: "wrong_engine" });
  await until(() => failures.length > 0, "it is told");
  assert.deepEqual(failures, ["wrong_engine"]);
  assert.equal(wrong.isOpen, false);
  assert.equal(wrong.document.toString(), "z");
  assert.throws(() => wrong.setTyping(true), { code: "wrong_engine" });
  client.close();
});

test("a token that is refused ends the trying", async () => {
  // Whoever shows a token must show a right one.
  const { cotext, client } = await connect({ token: () => "not.a.token", transport: "poll" });
  const ended = new Promise((resolve) =>
    client.on("status", (status, error) => status === "disconnected" && resolve(error)),
  );
  client.open(`token-${++documents}`, cotext.createDocument());
  assert.ok((await ended) instanceof Error);
  client.close();
});

test("addresses that are none are refused, and so is a closed client", async () => {
  const cotext = await load();
  for (const url of ["", "example.org", "ftp://example.org", "https://example.org/?a=b"]) {
    assert.throws(() => new CotextClient(cotext, { url }), { code: "bad_request" });
  }
  const client = new CotextClient(cotext, { url: server.url });
  client.close();
  client.close();
  assert.throws(() => client.connect(), { code: "disposed" });
  assert.throws(() => client.open("x", cotext.createDocument()), { code: "disposed" });
});
