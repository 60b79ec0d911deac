import type { Engine } from "@cotext/core";

import { h, icon, plural } from "./dom.js";
import { PadEditor, padExtensions } from "./editor.js";
import { Header } from "./header.js";
import { HistoryPanel } from "./history_panel.js";
import { Sidebar, pathOf } from "./sidebar.js";
import type { Pad, Workspace } from "./workspace.js";

/** The whole page: the list of documents beside the one that is shown. */
export class App {
  readonly element: HTMLElement;

  readonly #workspace: Workspace;
  readonly #sidebar: Sidebar;
  readonly #header: Header;
  readonly #stage = h("main", { class: "stage" });
  readonly #notice = h("div", { class: "notice", role: "alert", hidden: true });
  readonly #saved = h("span", { class: "saved", role: "status" });
  readonly #size = h("span", { class: "size" });
  readonly #live = h("a", { class: "plain link" }, icon("live"), "Live feed");
  readonly #history = h(
    "button",
    { class: "plain", type: "button", click: () => this.#toggleHistory() },
    icon("history"),
    "History",
  );
  readonly #footer = h(
    "footer",
    { class: "footer" },
    this.#saved,
    this.#size,
    h("span", { class: "space" }),
    this.#live,
    this.#history,
  );
  #asked: string | undefined;
  #pad: Pad | undefined;
  #editor: PadEditor | undefined;
  #panel: HistoryPanel | undefined;
  #triedOther = new Set<string>();

  constructor(workspace: Workspace, token: string | undefined) {
    this.#workspace = workspace;
    this.#sidebar = new Sidebar(workspace, token, (name, engine) => this.#go(name, engine));
    this.#header = new Header(workspace, () => this.#toggleMenu());
    const shade = h("div", { class: "shade", click: () => this.#toggleMenu(false) });
    const body = h(
      "div",
      { class: "body" },
      this.#header.element,
      this.#notice,
      this.#stage,
      this.#footer,
    );
    this.element = h("div", { class: "page" }, this.#sidebar.element, shade, body);
    workspace.onNews(() => this.#draw());
    addEventListener("popstate", () => this.#route());
    addEventListener("beforeunload", (event) => {
      if (workspace.atRisk > 0) event.preventDefault();
    });
    addEventListener("keydown", (event) => this.#onKey(event));
    this.#route();
  }

  // Which document.

  #go(name: string, engine?: Engine): void {
    const path = name === "" ? "/" : pathOf(name);
    const query = engine === "ot" ? "?engine=ot" : "";
    if (location.pathname + location.search !== path + query)
      history.pushState(null, "", path + query);
    this.#toggleMenu(false);
    this.#route();
  }

  #route(): void {
    const path = /^\/d\/(.+)$/.exec(location.pathname);
    const name = path === null ? undefined : decodeName(path[1]!);
    this.#sidebar.current = name;
    if (name === undefined) {
      this.#asked = undefined;
      return this.#show(undefined);
    }
    const asked = new URLSearchParams(location.search).get("engine");
    void this.#openAndShow(name, asked === "ot" ? "ot" : "rga");
  }

  /** Shows a document when it is open, unless another was asked for meanwhile. */
  async #openAndShow(name: string, engine: Engine): Promise<void> {
    this.#asked = name;
    if (this.#pad?.name === name && this.#pad.error !== undefined) this.#leave();
    const pad = await this.#workspace.open(name, engine);
    if (this.#asked === name) this.#show(pad);
  }

  #show(pad: Pad | undefined): void {
    if (pad !== undefined && pad === this.#pad) return;
    this.#leave();
    this.#pad = pad;
    document.title = pad === undefined ? "cotext" : `${pad.name} · cotext`;
    this.#footer.hidden = pad === undefined;
    if (pad === undefined) {
      this.#stage.replaceChildren(welcome(() => this.#focusList()));
    } else {
      this.#edit(pad);
      this.#live.href = pathOf(pad.name).replace("/d/", "/live/");
      this.#history.hidden = pad.engine !== "rga";
    }
    this.#draw();
  }

  /** Lets go of a document that is about to be closed. */
  #leave(): void {
    this.#closeHistory();
    this.#editor?.destroy();
    this.#editor = undefined;
    this.#pad = undefined;
  }

  #edit(pad: Pad): void {
    const extensions = padExtensions(pad, this.#workspace.identity);
    this.#editor?.destroy();
    this.#editor = new PadEditor(pad.document.toString(), extensions, `The text of ${pad.name}`);
    this.#userOfEditor = JSON.stringify(this.#workspace.identity);
    this.#stage.replaceChildren(this.#editor.element);
    this.#editor.view.focus();
  }

  #userOfEditor = "";

  // What is new.

  #draw(): void {
    const pad = this.#pad;
    this.#header.draw(pad);
    this.#sidebar.draw();
    if (pad === undefined) return;
    if (pad.error?.code === "wrong_engine" && !this.#triedOther.has(pad.name))
      return this.#tryOther(pad);
    if (this.#userOfEditor !== JSON.stringify(this.#workspace.identity) && !this.#panel)
      this.#edit(pad);
    const count = pad.open.isOpen ? pad.open.unsaved : 0;
    const isKept = pad.kept?.isStored === true && this.#workspace.status !== "connected";
    const where = isKept ? ", kept in this browser" : "";
    this.#saved.textContent = count === 0 ? savedWords(pad) : plural(count, "unsaved edit") + where;
    this.#saved.dataset["count"] = String(count);
    this.#size.textContent = plural(pad.document.length, "character");
    this.#drawNotice(pad);
  }

  /** Somebody else has made it, of the other engine. */
  #tryOther(pad: Pad): void {
    this.#triedOther.add(pad.name);
    const engine = pad.engine === "rga" ? "ot" : "rga";
    void this.#openAndShow(pad.name, engine);
  }

  #drawNotice(pad: Pad): void {
    const { error } = this.#workspace;
    let text = "";
    if (pad.error !== undefined)
      text = `This document is no longer kept in step: ${pad.error.message}. Its text is still here.`;
    else if (pad.handedBack !== undefined)
      text = `Some edits came too late to be merged. Your text was: ${pad.handedBack.text}`;
    else if (error !== undefined && this.#workspace.status === "disconnected") text = error.message;
    else if (pad.open.isSynced && !pad.open.rights.write)
      text = "You may read this document, not write.";
    if (this.#notice.dataset["text"] === text) return;
    this.#notice.dataset["text"] = text;
    const mayDrop = pad.error !== undefined && pad.kept !== undefined;
    this.#notice.replaceChildren(text);
    if (mayDrop) {
      this.#notice.append(
        h(
          "button",
          { class: "plain", type: "button", click: () => void this.#dropCopy(pad) },
          "Drop this copy, and open the server’s",
        ),
      );
    }
    this.#notice.hidden = text === "";
  }

  async #dropCopy(pad: Pad): Promise<void> {
    await pad.kept?.forget();
    location.reload();
  }

  // History.

  #toggleHistory(): void {
    if (this.#panel !== undefined) return this.#closeHistory();
    const pad = this.#pad;
    if (pad === undefined || pad.engine !== "rga") return;
    this.#panel = new HistoryPanel(pad, this.#workspace, () => this.#closeHistory());
    this.#history.setAttribute("aria-pressed", "true");
    this.#stage.classList.add("is-past");
    this.#stage.append(this.#panel.editor.element);
    this.#footer.before(this.#panel.element);
    this.#panel.focus();
  }

  #closeHistory(): void {
    if (this.#panel === undefined) return;
    this.#panel.destroy();
    this.#panel = undefined;
    this.#history.removeAttribute("aria-pressed");
    this.#stage.classList.remove("is-past");
    this.#editor?.view.focus();
  }

  // Keys, and the menu of small screens.

  #onKey(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    if (event.key === "k") {
      event.preventDefault();
      this.#focusList();
    }
  }

  #focusList(): void {
    this.#toggleMenu(true);
    this.#sidebar.focus();
  }

  #toggleMenu(isOpen = !this.element.classList.contains("has-menu")): void {
    this.element.classList.toggle("has-menu", isOpen);
  }
}

function savedWords(pad: Pad): string {
  if (!pad.open.isOpen) return "Not kept in step";
  return pad.open.isSynced ? "All saved" : "Waiting for the server";
}

function welcome(onStart: () => void): HTMLElement {
  return h(
    "div",
    { class: "welcome" },
    h("h2", {}, "Write together."),
    h(
      "p",
      {},
      "Open a document, or create one, and send its address to somebody. Everyone who has it writes in the same text, at the same time, online or not.",
    ),
    h(
      "button",
      { class: "primary", type: "button", click: onStart },
      icon("plus"),
      "Create a document",
    ),
    h("p", { class: "quiet" }, h("kbd", {}, "Ctrl"), " ", h("kbd", {}, "K"), " does the same."),
  );
}

function decodeName(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
