import { identityOf } from "@cotext/codemirror";
import type { Delta } from "@cotext/core";

import { h, icon, plural } from "./dom.js";
import { takeToken } from "./token.js";

interface Presence {
  readonly session: number;
  readonly user?: string;
  readonly state?: string;
  readonly typing?: boolean;
  readonly gone?: boolean;
}

const retryMs = 2_000;
const freshMs = 2_400;

/** The text as the server tells of it, in spans: new ones are lit for a moment. */
class Text {
  readonly element = h("article", { class: "live-text", "aria-label": "The text" });
  #text = "";

  get length(): number {
    return this.#text.length;
  }

  reset(text: string): void {
    this.#text = text;
    this.element.replaceChildren(document.createTextNode(text));
  }

  apply(delta: Delta): void {
    let at = 0;
    for (const operation of delta) {
      if ("insert" in operation) {
        this.#insert(at, operation.insert);
        at += operation.insert.length;
      } else if ("delete" in operation) {
        this.#range(at, at + operation.delete).deleteContents();
        this.#text = this.#text.slice(0, at) + this.#text.slice(at + operation.delete);
      } else {
        at += operation.retain;
      }
    }
  }

  #insert(at: number, text: string): void {
    const fresh = h("span", { class: "fresh" }, text);
    this.#range(at, at).insertNode(fresh);
    this.#text = this.#text.slice(0, at) + text + this.#text.slice(at);
    setTimeout(() => {
      fresh.replaceWith(...fresh.childNodes);
      this.element.normalize();
    }, freshMs);
  }

  #range(begin: number, end: number): Range {
    const range = document.createRange();
    range.setStart(...this.#place(begin));
    range.setEnd(...this.#place(end));
    return range;
  }

  #place(at: number): [Node, number] {
    const walker = document.createTreeWalker(this.element, NodeFilter.SHOW_TEXT);
    let last: [Node, number] = [this.element, 0];
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const { length } = node as globalThis.Text;
      if (at <= length) return [node, at];
      at -= length;
      last = [node, length];
    }
    return last;
  }
}

class LivePage {
  readonly element: HTMLElement;

  readonly #name: string;
  readonly #token: string | undefined;
  readonly #text = new Text();
  readonly #people = new Map<number, Presence>();
  readonly #state = h("span", { class: "state-words", role: "status" }, "Connecting");
  readonly #light = h("div", { class: "connection", "data-status": "connecting" });
  readonly #who = h("p", { class: "typing", role: "status" });
  readonly #size = h("span", { class: "size" });
  #version = "";

  constructor(name: string, token: string | undefined) {
    this.#name = name;
    this.#token = token;
    this.#light.append(h("span", { class: "light", "aria-hidden": "true" }), this.#state);
    const edit = location.pathname.replace("/live/", "/d/");
    this.element = h(
      "div",
      { class: "live-page" },
      h(
        "header",
        { class: "header" },
        h("a", { class: "brand", href: "/" }, "cotext"),
        h(
          "div",
          { class: "heading" },
          h(
            "div",
            { class: "heading-line" },
            h("h1", { class: "title" }, name),
            h("span", { class: "tag live-tag" }, "Live"),
          ),
          this.#who,
        ),
        this.#size,
        h("a", { class: "plain link", href: edit }, icon("text"), "Edit"),
        this.#light,
      ),
      h("main", { class: "live-stage" }, this.#text.element),
    );
    document.title = `${name} · live · cotext`;
    void this.#connect();
  }

  async #connect(): Promise<void> {
    const query = new URLSearchParams({ name: this.#name, unit: "utf16" });
    if (this.#version !== "") query.set("last-event-id", this.#version);
    try {
      if (this.#token !== undefined) query.set("ticket", await this.#ticket());
    } catch {
      return this.#retry();
    }
    const events = new EventSource(`/v1/document/events?${query}`);
    const on = (kind: string, handle: (data: never) => void): void => {
      events.addEventListener(kind, (event) => {
        handle(JSON.parse((event as MessageEvent<string>).data) as never);
        this.#version = (event as MessageEvent).lastEventId || this.#version;
        this.#draw();
      });
    };
    events.addEventListener("open", () => this.#say("connected", "Live"));
    on("snapshot", ({ text }: { text: string }) => this.#text.reset(text));
    on("delta", ({ ops }: { ops: Delta }) => this.#text.apply(ops));
    on("presence", (presence: Presence) => this.#onPresence(presence));
    on("typing", (presence: Presence) => this.#onPresence(presence));
    // A ticket is for one connection; and who is there is told anew.
    const end = (): void => {
      events.close();
      this.#people.clear();
      this.#retry();
    };
    events.addEventListener("error", end);
    events.addEventListener("ended", end);
  }

  async #ticket(): Promise<string> {
    const headers = { Authorization: `Bearer ${this.#token}` };
    const response = await fetch("/v1/tickets", { method: "POST", headers });
    if (!response.ok) throw new Error(`no ticket: ${response.status}`);
    return ((await response.json()) as { ticket: string }).ticket;
  }

  #retry(): void {
    this.#say("reconnecting", "Reconnecting");
    setTimeout(() => void this.#connect(), retryMs);
    this.#draw();
  }

  #say(status: string, words: string): void {
    this.#light.dataset["status"] = status;
    this.#state.textContent = words;
  }

  #onPresence(presence: Presence): void {
    const { session, gone } = presence;
    if (gone) this.#people.delete(session);
    else this.#people.set(session, { ...this.#people.get(session), ...presence });
  }

  #draw(): void {
    const people = [...this.#people.values()].map(
      ({ session, user = "", state = "", typing = false }) => {
        const person = { session, user, state: decodeState(state), isTyping: typing };
        return { ...identityOf(person), typing };
      },
    );
    const typing = people.filter((each) => each.typing).map(({ name }) => name);
    this.#who.textContent =
      typing.length > 0
        ? `${typing.join(", ")} ${typing.length === 1 ? "is" : "are"} typing …`
        : people.length > 0
          ? people.map(({ name }) => name).join(", ")
          : "Nobody is writing";
    this.#who.classList.toggle("is-typing", typing.length > 0);
    this.#size.textContent = plural(this.#text.length, "character");
  }
}

function decodeState(state: string): unknown {
  try {
    const bytes = atob(state.replaceAll("-", "+").replaceAll("_", "/"));
    return JSON.parse(
      new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))),
    );
  } catch {
    return undefined;
  }
}

const name = decodeURIComponent(location.pathname.replace(/^\/live\//, ""));
document.getElementById("app")!.replaceChildren(new LivePage(name, takeToken()).element);
