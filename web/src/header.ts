import { colorCount, identityOf } from "@cotext/codemirror";

import { h, icon, initials, plural } from "./dom.js";
import type { Identity } from "./identity.js";
import type { Pad, Workspace } from "./workspace.js";

const avatarsMax = 5;

interface Listed extends Identity {
  readonly isTyping: boolean;
}

/** The line above the text: which document, who is there, and the connection. */
export class Header {
  readonly element: HTMLElement;

  readonly #workspace: Workspace;
  readonly #title = h("h1", { class: "title" });
  readonly #engine = h("span", { class: "tag" });
  readonly #people = h("div", { class: "people", role: "list", "aria-label": "Who is here" });
  readonly #typing = h("p", { class: "typing", role: "status" });
  readonly #state = h("span", { class: "state-words" });
  readonly #switch = h("input", {
    type: "checkbox",
    role: "switch",
    change: () => this.#workspace.setOffline(!this.#switch.checked),
  });
  readonly #connection: HTMLElement;
  readonly #me = h("button", {
    class: "avatar me",
    type: "button",
    "aria-haspopup": "dialog",
    click: () => this.#editIdentity(),
  });
  readonly #dialog = h("dialog", { class: "identity", "aria-label": "Your name and colour" });
  #drawn = "";

  constructor(workspace: Workspace, onMenu: () => void) {
    this.#workspace = workspace;
    const menu = h(
      "button",
      { class: "plain menu", type: "button", "aria-label": "Documents", click: onMenu },
      icon("menu"),
    );
    this.#connection = h(
      "label",
      { class: "connection", title: "Work offline, or connect again" },
      h("span", { class: "light", "aria-hidden": "true" }),
      this.#state,
      this.#switch,
    );
    this.element = h(
      "header",
      { class: "header" },
      menu,
      h(
        "div",
        { class: "heading" },
        h("div", { class: "heading-line" }, this.#title, this.#engine),
        this.#typing,
      ),
      this.#people,
      this.#me,
      this.#connection,
      this.#dialog,
    );
    this.#switch.checked = true;
  }

  draw(pad: Pad | undefined): void {
    const { status, client, isOffline, identity } = this.#workspace;
    const people = this.#listed(pad);
    const words = isOffline ? "Offline" : wordsFor(status);
    const how = status === "connected" && client.transport === "poll" ? " by polling" : "";
    const text = JSON.stringify([pad?.name, pad?.engine, people, words, how, identity]);
    if (text === this.#drawn) return;
    this.#drawn = text;
    this.#title.textContent = pad?.name ?? "Documents";
    this.#engine.textContent = pad?.engine === "ot" ? "OT" : "RGA";
    this.#engine.title = "The engine that merges edits of this document";
    this.#engine.hidden = pad === undefined;
    this.#state.textContent = words + how;
    this.#connection.dataset["status"] = isOffline ? "offline" : status;
    this.#switch.checked = !isOffline;
    this.#switch.setAttribute("aria-label", isOffline ? "Connect" : "Work offline");
    const mine = h("span", {}, initials(identity.name));
    this.#me.replaceChildren(mine);
    this.#me.className = `avatar me color-${identity.color}`;
    this.#me.title = `${identity.name} (you)`;
    this.#me.setAttribute("aria-label", `You are ${identity.name}. Change your name or colour`);
    this.#drawPeople(people, pad !== undefined);
  }

  #listed(pad: Pad | undefined): Listed[] {
    if (pad === undefined) return [];
    return pad.open.present.map((person) => ({ ...identityOf(person), isTyping: person.isTyping }));
  }

  #drawPeople(people: readonly Listed[], isOpen: boolean): void {
    const shown = people.slice(0, avatarsMax).map(({ name, color, isTyping }) =>
      h(
        "span",
        {
          class: `avatar color-${color}${isTyping ? " is-typing" : ""}`,
          role: "listitem",
          title: isTyping ? `${name} is typing` : name,
          "aria-label": name,
        },
        initials(name),
      ),
    );
    const more = people.length - shown.length;
    if (more > 0) {
      const names = people.slice(avatarsMax).map(({ name }) => name);
      shown.push(
        h("span", { class: "avatar more", role: "listitem", title: names.join(", ") }, `+${more}`),
      );
    }
    this.#people.replaceChildren(...shown);
    const typing = people.filter(({ isTyping }) => isTyping).map(({ name }) => name);
    const isAway = this.#workspace.status !== "connected";
    const words = isAway ? "What you write waits here" : typingWords(typing, people.length);
    this.#typing.textContent = isOpen ? words : "";
    this.#typing.classList.toggle("is-typing", typing.length > 0);
  }

  #editIdentity(): void {
    const { identity } = this.#workspace;
    const name = h("input", { name: "name", value: identity.name, maxlength: 40, required: true });
    const colors = Array.from({ length: colorCount }, (_, color) =>
      h(
        "label",
        { class: `swatch color-${color}` },
        h("input", {
          type: "radio",
          name: "color",
          value: color,
          checked: color === identity.color,
          "aria-label": `Colour ${color + 1}`,
        }),
      ),
    );
    const form = h(
      "form",
      {
        method: "dialog",
        submit: () => {
          const color = Number(new FormData(form).get("color"));
          this.#workspace.setIdentity({ name: name.value.trim() || identity.name, color });
        },
      },
      h("h2", {}, "How others see you"),
      h("label", { class: "field" }, "Name", name),
      h("fieldset", {}, h("legend", {}, "Colour"), h("div", { class: "swatches" }, ...colors)),
      h("button", { class: "primary", type: "submit" }, "Done"),
    );
    this.#dialog.replaceChildren(form);
    this.#dialog.showModal();
    name.select();
  }
}

function wordsFor(status: Workspace["status"]): string {
  switch (status) {
    case "connected":
      return "Connected";
    case "connecting":
      return "Connecting";
    case "reconnecting":
      return "Reconnecting";
    default:
      return "Disconnected";
  }
}

function typingWords(names: readonly string[], people: number): string {
  if (names.length === 1) return `${names[0]} is typing …`;
  if (names.length === 2) return `${names[0]} and ${names[1]} are typing …`;
  if (names.length > 2) return `${names.length} people are typing …`;
  return people === 0 ? "Only you are here" : `${plural(people, "other")} here`;
}
