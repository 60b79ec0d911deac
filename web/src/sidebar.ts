import type { Engine } from "@cotext/core";

import { h, icon } from "./dom.js";
import { type Listed, type Workspace, listDocuments } from "./workspace.js";

const refreshMs = 10_000;

/** The documents: those at the server and those that are open here, and a way to make others. */
export class Sidebar {
  readonly element: HTMLElement;

  readonly #workspace: Workspace;
  readonly #token: string | undefined;
  readonly #go: (name: string, engine?: Engine) => void;
  readonly #list = h("ul", { class: "documents" });
  readonly #name = h("input", {
    name: "name",
    placeholder: "Name of a document",
    "aria-label": "Name of a document",
    autocomplete: "off",
    spellcheck: "false",
    autocapitalize: "none",
    maxlength: 200,
    input: () => this.draw(),
  });
  readonly #engine = h(
    "select",
    { name: "engine", "aria-label": "Engine of a new document" },
    h("option", { value: "rga" }, "RGA"),
    h("option", { value: "ot" }, "OT"),
  );
  readonly #make = h("button", { class: "primary", type: "submit" }, icon("plus"), "Create");
  #listed: readonly Listed[] = [];
  #current: string | undefined;
  #drawn = "";

  constructor(
    workspace: Workspace,
    token: string | undefined,
    go: (name: string, engine?: Engine) => void,
  ) {
    this.#workspace = workspace;
    this.#token = token;
    this.#go = go;
    const form = h(
      "form",
      { class: "create", submit: (event: Event) => this.#onSubmit(event) },
      this.#name,
      h(
        "div",
        { class: "create-row" },
        h("label", { title: "Fixed once the document is there" }, this.#engine),
        this.#make,
      ),
    );
    this.element = h(
      "nav",
      { class: "sidebar", id: "sidebar", "aria-label": "Documents" },
      h("a", { class: "brand", href: "/", click: (event: Event) => this.#onHome(event) }, "cotext"),
      form,
      this.#list,
    );
    void this.refresh();
    setInterval(() => {
      if (document.visibilityState === "visible") void this.refresh();
    }, refreshMs);
  }

  set current(name: string | undefined) {
    this.#current = name;
    this.draw();
  }

  focus(): void {
    this.#name.focus();
    this.#name.select();
  }

  engineOf(name: string): Engine | undefined {
    return this.#listed.find((each) => each.name === name)?.engine;
  }

  /** Asks the server what there is. */
  async refresh(): Promise<void> {
    if (this.#workspace.isOffline) return;
    try {
      this.#listed = await listDocuments(this.#token);
    } catch {
      return; // It is told elsewhere that the server is away.
    }
    this.draw();
  }

  #onHome(event: Event): void {
    event.preventDefault();
    this.#go("");
  }

  #onSubmit(event: Event): void {
    event.preventDefault();
    const name = this.#name.value.trim();
    if (name === "") return this.#name.focus();
    this.#name.value = "";
    this.#go(name, this.engineOf(name) ?? (this.#engine.value as Engine));
    setTimeout(() => void this.refresh(), 500);
  }

  draw(): void {
    const { pads } = this.#workspace;
    const typed = this.#name.value.trim();
    const names = new Map<string, Engine>();
    for (const { name, engine } of pads.values()) names.set(name, engine);
    for (const { name, engine } of this.#listed) names.set(name, engine);
    const isKnown = names.has(typed);
    this.#make.lastChild!.textContent = isKnown ? "Open" : "Create";
    this.#engine.disabled = isKnown;
    const found = [...names]
      .filter(([name]) => name.includes(typed))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const items = found.map(([name, engine]) => {
      const pad = pads.get(name);
      const others = pad?.open.present.length ?? 0;
      return {
        name,
        engine,
        isOpen: pad !== undefined,
        unsaved: (pad?.open.unsaved ?? 0) > 0,
        others,
      };
    });
    // Drawn anew only if it differs, so that the focus stays where it is.
    const text = JSON.stringify([items, this.#current]);
    if (text === this.#drawn) return;
    this.#drawn = text;
    const focused = (this.#list.getRootNode() as Document).activeElement?.getAttribute("data-name");
    this.#list.replaceChildren(...items.map((item) => this.#item(item)));
    if (items.length === 0) this.#list.append(h("li", { class: "none" }, "No documents yet."));
    if (focused)
      this.#list.querySelector<HTMLElement>(`[data-name="${CSS.escape(focused)}"]`)?.focus();
  }

  #item(item: {
    name: string;
    engine: Engine;
    isOpen: boolean;
    unsaved: boolean;
    others: number;
  }): HTMLElement {
    const isCurrent = item.name === this.#current;
    return h(
      "li",
      {},
      h(
        "a",
        {
          class: item.isOpen ? "is-open" : "",
          href: pathOf(item.name),
          "data-name": item.name,
          "aria-current": isCurrent ? "page" : undefined,
          click: (event: MouseEvent) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            this.#go(item.name, item.engine);
          },
        },
        icon("text"),
        h("span", { class: "document-name" }, item.name),
        item.unsaved && h("span", { class: "dot", title: "Edits that are not saved yet" }),
        item.others > 0 &&
          h("span", { class: "count", title: "Others who are here" }, `${item.others}`),
        item.engine === "ot" && h("span", { class: "tag" }, "OT"),
      ),
    );
  }
}

export function pathOf(name: string): string {
  return `/d/${encodeURIComponent(name).replaceAll("%2F", "/")}`;
}
