import { identityOf } from "@cotext/codemirror";
import {
  type ConnectionStatus,
  type Cotext,
  type CotextDocument,
  type CotextError,
  type Engine,
  UndoManager,
} from "@cotext/core";
import { CotextClient, type HandedBack, type OpenDocument, type Person } from "@cotext/core/client";
import { OfflineDocument } from "@cotext/core/offline";

import { type Identity, Writers, readIdentity, writeIdentity } from "./identity.js";

/** One of the documents that are open, as long as the page is. */
export class Pad {
  readonly name: string;
  readonly engine: Engine;
  readonly document: CotextDocument;
  readonly open: OpenDocument;
  readonly undoManager: UndoManager;
  error: CotextError | undefined;
  /** Edits that the server could not take, with the text as it was. */
  handedBack: HandedBack | undefined;
  /** By which this browser keeps it; undefined: it does not. */
  readonly kept: OfflineDocument | undefined;
  readonly #stops: (() => void)[];

  constructor(
    name: string,
    parts: { document: CotextDocument; open: OpenDocument; kept?: OfflineDocument },
    onNews: () => void,
  ) {
    const { document, open } = parts;
    this.name = name;
    this.engine = document.engine;
    this.document = document;
    this.open = open;
    this.kept = parts.kept;
    this.undoManager = new UndoManager(document, { trackedOrigins: new Set() });
    this.#stops = [
      open.on("opened", onNews),
      open.on("synced", onNews),
      open.on("rights", onNews),
      open.on("presence", onNews),
      open.on("unsaved", onNews),
      open.on("failed", (error) => {
        this.error = error;
        onNews();
      }),
      open.on("handedBack", (edits) => {
        this.handedBack = edits;
        onNews();
      }),
    ];
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.open.close();
    this.undoManager.destroy();
    await this.kept?.close();
    this.document.free();
  }
}

/** All documents that are open, over one connection. */
export class Workspace {
  readonly client: CotextClient;
  readonly writers = new Writers();
  readonly pads = new Map<string, Pad>();
  identity: Identity = readIdentity();
  status: ConnectionStatus = "connecting";
  error: CotextError | undefined;
  isOffline = false;

  readonly #cotext: Cotext;
  readonly #listeners = new Set<() => void>();
  readonly #opening = new Map<string, Promise<Pad>>();
  #isDue = false;

  constructor(cotext: Cotext, token: string | undefined) {
    this.#cotext = cotext;
    const options = { url: location.origin, agent: "cotext-web" };
    this.client = new CotextClient(
      cotext,
      token === undefined ? options : { ...options, token: () => token },
    );
    this.client.on("status", (status, error) => {
      this.status = status;
      this.error = error;
      this.#tell();
    });
    this.client.connect();
  }

  /** Calls a function, soon, when anything may have changed. */
  onNews(listener: () => void): void {
    this.#listeners.add(listener);
  }

  readonly #tell = (): void => {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#learnNames();
      for (const listener of this.#listeners) listener();
    });
  };

  #learnNames(): void {
    for (const { document, open } of this.pads.values()) {
      if (document.engine === "rga") this.writers.learn(document.writer, this.identity);
      for (const person of open.present) {
        const state = person.state as { writer?: unknown } | null | undefined;
        this.writers.learn(state?.writer, identityOf(person));
      }
    }
  }

  /** Opens a document, or returns the one that is. One that is new is of that engine. */
  async open(name: string, engine: Engine): Promise<Pad> {
    const known = this.pads.get(name);
    if (known !== undefined && known.error === undefined) return known;
    const opening = this.#opening.get(name) ?? this.#openAnew(name, engine, known);
    this.#opening.set(name, opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(name);
    }
  }

  async #openAnew(name: string, engine: Engine, known: Pad | undefined): Promise<Pad> {
    await known?.close();
    const pad = new Pad(name, await this.#openParts(name, engine), this.#tell);
    this.pads.set(name, pad);
    pad.document.observe(this.#tell);
    this.#tell();
    return pad;
  }

  async #openParts(
    name: string,
    engine: Engine,
  ): Promise<{ document: CotextDocument; open: OpenDocument; kept?: OfflineDocument }> {
    if (engine === "rga" && mayKeep()) {
      try {
        const kept = await OfflineDocument.open(this.#cotext, this.client, name, {
          onStored: this.#tell,
        });
        return { document: kept.document, open: kept.open, kept };
      } catch (error) {
        console.warn("cotext: this browser keeps no documents", error);
      }
    }
    const document = this.#cotext.createDocument({ engine });
    return { document, open: this.client.open(name, document) };
  }

  setOffline(isOffline: boolean): void {
    this.isOffline = isOffline;
    if (isOffline) this.client.disconnect();
    else this.client.connect();
    this.#tell();
  }

  setIdentity(identity: Identity): void {
    this.identity = identity;
    writeIdentity(identity);
    this.#tell();
  }

  /** How many edits are lost if the page is closed. */
  get atRisk(): number {
    let count = 0;
    for (const { open, kept } of this.pads.values()) if (kept === undefined) count += open.unsaved;
    return count;
  }
}

/** Only pages that come safely may. */
function mayKeep(): boolean {
  return isSecureContext && "locks" in navigator && "indexedDB" in globalThis;
}

/** A document as the server lists it. */
export interface Listed {
  readonly name: string;
  readonly engine: Engine;
  readonly modified_ms: number;
}

const listedMax = 500;

export async function listDocuments(token: string | undefined): Promise<Listed[]> {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const response = await fetch(`/v1/documents?limit=${listedMax}`, { headers });
  if (!response.ok) return [];
  return ((await response.json()) as { documents: Listed[] }).documents;
}

export type { Person };
