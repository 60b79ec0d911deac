import { Connection } from "./connection.js";
import type { Cotext } from "./cotext.js";
import type { Delta } from "./delta.js";
import type { CotextDocument } from "./document.js";
import { Emitter } from "./emitter.js";
import { CotextError } from "./errors.js";
import {
  type ConnectionStatus,
  type EditCounts,
  type Rights,
  Session,
  type SessionEvent,
} from "./session.js";
import type { ConnectionEnd, Fetch } from "./transport.js";
import type { TransportKind, TransportMode } from "./transport_choice.js";
import type { WebSocketConstructor } from "./websocket_transport.js";
import { decodePacket, encodePacket } from "./wire.js";

export type { TransportKind, TransportMode } from "./transport_choice.js";
export type { WebSocketConstructor } from "./websocket_transport.js";

export interface ClientOptions {
  /** Of the server, such as https://example.org. */
  readonly url: string;
  /** Asked for a bearer token each time that a connection is made, so it may renew one. */
  readonly token?: () => string | Promise<string>;
  /** At first "auto": a WebSocket, or long polling where WebSockets do not get through. */
  readonly transport?: TransportMode;
  /** Which program this is, for the server's log. */
  readonly agent?: string;
  /** At first the platform's own; where there is none, as in Node before 22, long polling is used. */
  readonly WebSocket?: WebSocketConstructor;
  readonly fetch?: Fetch;
  /** Unacknowledged for so long is sent again; at first 10,000. */
  readonly resendMs?: number;
}

export interface ClientEvents {
  /** `error` says why the client is disconnected, or was. */
  status(status: ConnectionStatus, error: CotextError | undefined): void;
}

/** Edits of an OT document that will not be committed, for the application to keep. */
export interface HandedBack {
  /** In code points, for the text at `revision`. */
  readonly delta: Delta;
  readonly revision: number;
  readonly followsInFlight: boolean;
  readonly mayBeCommitted: boolean;
  /** What the user saw. */
  readonly text: string;
}

export interface OpenDocumentEvents {
  /** The document is open at the server. */
  opened(): void;
  /** All that was there when it was opened is here. */
  synced(): void;
  /** It is kept in step no longer. Its text is as it was. */
  failed(error: CotextError): void;
  handedBack(edits: HandedBack): void;
  /** Edits wait, and not for the network: the server lost what they follow. */
  held(error: CotextError): void;
  rights(rights: Rights): void;
  /** Who is there, or what they show, has changed. */
  presence(present: readonly Person[]): void;
  /** How many of one's own edits are not safe yet has changed. */
  unsaved(count: number): void;
}

/** Somebody else who has the document open. */
export interface Person {
  /** The number of his session. */
  readonly session: number;
  /** As the server knows him. */
  readonly user: string;
  /** What he shows; undefined if he shows nothing, or not as JSON. */
  readonly state: unknown;
  readonly isTyping: boolean;
}

export interface OpenOptions {
  /** Ids under which the same user wrote in this copy before. */
  readonly formerWriters?: readonly number[];
}

interface Waiter {
  isDone(): boolean;
  resolve(): void;
  reject(error: CotextError): void;
}

const defaultResendMs = 10_000;

function encodeState(state: unknown): Uint8Array {
  return state === undefined || state === null
    ? new Uint8Array(0)
    : new TextEncoder().encode(JSON.stringify(state));
}

function decodeState(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** A document that a client keeps in step with the server's. */
export class OpenDocument extends Emitter<OpenDocumentEvents> {
  readonly name: string;
  readonly document: CotextDocument;
  /** @internal */
  readonly key: number;

  readonly #session: Session;
  readonly #pump: () => void;
  readonly #onClose: () => void;
  #waiters: Waiter[] = [];
  #end: CotextError | undefined;
  #unsaved = 0;

  /** @internal */
  constructor(
    name: string,
    document: CotextDocument,
    key: number,
    session: Session,
    pump: () => void,
    onClose: () => void,
  ) {
    super();
    this.name = name;
    this.document = document;
    this.key = key;
    this.#session = session;
    this.#pump = pump;
    this.#onClose = onClose;
  }

  /** Whether it is kept in step, now or when there is a connection. */
  get isOpen(): boolean {
    return this.#end === undefined;
  }

  /** How far one's own edits have come. */
  get counts(): EditCounts {
    if (this.#end !== undefined) return { unsent: 0, unacknowledged: 0, notDurable: 0 };
    const { unsent, unacknowledged, notDurable } = this.#session.state(this.key);
    return { unsent, unacknowledged, notDurable };
  }

  /** How many of one's own edits the server does not have for good. */
  get unsaved(): number {
    const { unsent, unacknowledged, notDurable } = this.counts;
    return unsent + unacknowledged + notDurable;
  }

  /** Whether all that the server had when it was opened is here. */
  get isSynced(): boolean {
    return this.isOpen && this.#session.state(this.key).isCaughtUp;
  }

  get rights(): Rights {
    const none = { read: false, write: false, relay: false, show: false };
    return this.isOpen ? this.#session.state(this.key).rights : none;
  }

  whenSynced(): Promise<void> {
    return this.#when(() => this.isSynced);
  }

  /** Resolves when the server has all edits made until now, and later ones, for good. */
  whenSaved(): Promise<void> {
    return this.#when(() => this.isSynced && this.unsaved === 0);
  }

  #when(isDone: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) reject(this.#end);
      else if (isDone()) resolve();
      else this.#waiters.push({ isDone, resolve, reject });
    });
  }

  /** Says what others see, as JSON: a name, a caret's anchors. Null: nothing. */
  setPresence(state: unknown): void {
    this.#checkOpen();
    this.#session.show(this.key, encodeState(state));
    this.#pump();
  }

  setTyping(isTyping: boolean): void {
    this.#checkOpen();
    this.#session.setTyping(this.key, isTyping);
    this.#pump();
  }

  #checkOpen(): void {
    if (this.#end !== undefined) throw this.#end;
  }

  /** Who else is there. */
  get present(): Person[] {
    if (!this.isOpen) return [];
    return this.#session.present(this.key).map(({ session, user, state, isTyping }) => ({
      session,
      user,
      state: decodeState(state),
      isTyping,
    }));
  }

  /** Keeps it in step no longer. What is not saved is not sent any more. */
  close(): void {
    if (!this.isOpen) return;
    this.#session.close(this.key);
    this.end(new CotextError("disposed", "the document was closed"));
    this.#pump();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  end(error: CotextError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
    this.#onClose();
  }

  /** Something may have changed. @internal */
  settle(): void {
    if (this.#end !== undefined) return;
    const { unsaved } = this;
    if (unsaved !== this.#unsaved) {
      this.#unsaved = unsaved;
      this.emit("unsaved", unsaved);
    }
    const done = this.#waiters.filter((waiter) => waiter.isDone());
    this.#waiters = this.#waiters.filter((waiter) => !done.includes(waiter));
    for (const waiter of done) waiter.resolve();
  }

  /** @internal */
  onEvent(event: SessionEvent): void {
    switch (event.kind) {
      case "opened":
        this.emit("opened");
        break;
      case "caught_up":
        this.emit("synced");
        break;
      case "failed":
        this.end(event.error);
        this.emit("failed", event.error);
        break;
      case "handed_back": {
        const { delta, revision, followsInFlight, mayBeCommitted, text } = event;
        this.emit("handedBack", { delta, revision, followsInFlight, mayBeCommitted, text });
        break;
      }
      case "rights":
        this.emit("rights", event.rights);
        break;
      case "presence":
        this.emit("presence", this.present);
        break;
      case "held":
        this.emit("held", event.error);
        break;
    }
  }
}

/**
 * A client of a cotext server: documents here, kept in step over one connection, which is made
 * again whenever it is lost. Edits wait in their documents meanwhile, and arrive once.
 */
export class CotextClient extends Emitter<ClientEvents> {
  readonly #cotext: Cotext;
  readonly #session: Session;
  readonly #connection: Connection;
  readonly #open = new Map<number, OpenDocument>();
  readonly #begin = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isDue = false;
  #isPumping = false;
  #isClosed = false;

  constructor(cotext: Cotext, options: ClientOptions) {
    super();
    this.#cotext = cotext;
    const sockets = (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
    this.#connection = new Connection(
      {
        url: options.url,
        mode: options.transport ?? "auto",
        token: options.token,
        makeSocket: options.WebSocket ?? sockets,
        fetch: options.fetch ?? ((url, init) => fetch(url, init)),
      },
      {
        onOpen: () => this.#receive((now) => this.#session.connected(now)),
        onPacket: (packet) => this.#receive((now) => this.#onPacket(packet, now)),
        onLost: (end) => this.#receive((now) => this.#onLost(end, now)),
      },
    );
    const sessionOptions = {
      agent: options.agent ?? "cotext-js",
      resendMs: options.resendMs ?? defaultResendMs,
    };
    this.#session = new Session(cotext.core, cotext.dispatcher, sessionOptions, this);
  }

  get status(): ConnectionStatus {
    return this.#isClosed ? "disconnected" : this.#session.status;
  }

  /** The number by which others see this client; 0 if there is none. */
  get sessionNumber(): number {
    return this.#isClosed ? 0 : this.#session.number;
  }

  /** By what there is a connection now. */
  get transport(): TransportKind | undefined {
    return this.#connection.kind;
  }

  /** Connects, and connects again, until `disconnect`. */
  connect(): void {
    this.#checkLives();
    this.#session.start(this.#now());
    this.#pump();
  }

  /** Leaves, so that others see it gone at once. What is not sent waits for the next `connect`. */
  disconnect(): void {
    this.#checkLives();
    this.#session.stop(this.#now());
    this.#pump();
  }

  /** Keeps a document in step with the one of that name at the server. */
  open(name: string, document: CotextDocument, options: OpenOptions = {}): OpenDocument {
    this.#checkLives();
    if (document.core !== this.#cotext.core) {
      throw new CotextError("invalid_argument", "the document is of another instance");
    }
    const key = this.#session.open(name, document, options.formerWriters);
    const pump = () => this.#schedule();
    const forgetEdits = document.onEdited(pump);
    const opened = new OpenDocument(name, document, key, this.#session, pump, () => {
      forgetEdits();
      this.#open.delete(key);
    });
    this.#open.set(key, opened);
    this.#schedule();
    return opened;
  }

  /** Ends the session, the connection, and what is open. */
  close(): void {
    if (this.#isClosed) return;
    try {
      if (!this.#cotext.isLost) this.disconnect();
    } finally {
      this.#end(new CotextError("disposed", "the client was closed"));
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #end(error: CotextError): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#connection.close();
    for (const opened of [...this.#open.values()]) opened.end(error);
    this.#session.free();
  }

  #checkLives(): void {
    if (this.#isClosed) throw new CotextError("disposed", "the client was closed");
  }

  #now(): number {
    return performance.now() - this.#begin;
  }

  // The work.

  #onPacket(bytes: Uint8Array, now: number): void {
    let packet;
    try {
      packet = decodePacket(this.#cotext.core, bytes);
    } catch (error) {
      if (!(error instanceof CotextError) || error.code !== "bad_message") throw error;
      this.#session.receiveGarbage(now);
      return;
    }
    this.#session.receive(packet, bytes.length, now);
  }

  #onLost(end: ConnectionEnd, now: number): void {
    this.#session.disconnected(end.isFinal, now);
  }

  /** Takes in what came, and does what follows from it. */
  #receive(input: (now: number) => void): void {
    if (this.#isClosed) return;
    this.#guard(() => input(this.#now()));
    this.#pump();
  }

  /**
   * Runs some work. What observers throw is reported as nobody's; a module that has trapped ends
   * the client.
   */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!this.#cotext.isLost) {
        queueMicrotask(() => {
          throw error;
        });
        return;
      }
      const cause = error instanceof CotextError ? error : new CotextError("instance_lost", `${error}`);
      this.#end(cause);
      this.emit("status", "disconnected", cause);
    }
  }

  /** Sees to it that what was edited goes out, soon: what belongs together goes together. */
  #schedule(): void {
    if (this.#isDue || this.#isClosed) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#isClosed) return;
    if (this.#isPumping) return this.#schedule();
    this.#isPumping = true;
    this.#guard(() => {
      const now = this.#now();
      this.#session.tick(now);
      this.#act(now);
      for (const event of this.#session.takeEvents()) this.#tell(event);
    });
    this.#isPumping = false;
    if (this.#isClosed) return;
    for (const opened of [...this.#open.values()]) opened.settle();
    this.#wakeInTime();
  }

  #act(now: number): void {
    for (const action of this.#session.takeActions(now)) {
      if (action.kind === "connect") this.#connection.connect();
      else if (action.kind === "disconnect") this.#connection.disconnect();
      else this.#connection.send(encodePacket(this.#cotext.core, action.packet));
    }
  }

  #tell(event: SessionEvent): void {
    if (event.kind === "status") this.emit("status", event.status, event.error);
    else this.#open.get(event.key)?.onEvent(event);
  }

  #wakeInTime(): void {
    clearTimeout(this.#timer);
    const next = this.#session.nextTime();
    if (next === undefined) return;
    // Whoever is due and does nothing is asked again, but not at once.
    const wait = Math.max(1, next - this.#now());
    this.#timer = setTimeout(() => this.#pump(), wait);
  }
}
