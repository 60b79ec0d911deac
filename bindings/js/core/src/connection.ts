import { CotextError } from "./errors.js";
import { PollTransport, isRefusal } from "./poll_transport.js";
import { type ConnectionEnd, type Fetch, type Transport, connectMsMax } from "./transport.js";
import { TransportChoice, type TransportKind, type TransportMode } from "./transport_choice.js";
import { type WebSocketConstructor, WebSocketTransport } from "./websocket_transport.js";

const socketPath = "/v1/socket";

export interface ConnectionOptions {
  /** Of the server, such as https://example.org. */
  readonly url: string;
  readonly mode: TransportMode;
  readonly token: (() => string | Promise<string>) | undefined;
  readonly makeSocket: WebSocketConstructor | undefined;
  readonly fetch: Fetch;
}

export interface ConnectionEvents {
  onOpen(): void;
  onPacket(packet: Uint8Array): void;
  onLost(end: ConnectionEnd): void;
}

/** A connection, and what is known of it. */
interface Line {
  readonly kind: TransportKind;
  isOpen: boolean;
  broughtSomething: boolean;
  /** It is tried beside another one. */
  isProbe: boolean;
  isOver: boolean;
  transport: Transport | undefined;
}

/** The connections of a client to its server, one after the other; net/client/client_connection.h in C++. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #choice: TransportChoice;
  readonly #httpUrl: string;
  readonly #socketUrl: string;
  #current: Line | undefined;
  #probe: Line | undefined;
  #probeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
    const url = parseUrl(options.url);
    this.#httpUrl = url.replace(/^ws/, "http");
    this.#socketUrl = url.replace(/^http/, "ws");
    const hasSockets = options.makeSocket !== undefined;
    if (!hasSockets && options.mode === "websocket") {
      throw new CotextError("unsupported", "there is no WebSocket here");
    }
    this.#choice = new TransportChoice(hasSockets ? options.mode : "poll");
  }

  /** What the connection is made of that there is. */
  get kind(): TransportKind | undefined {
    return this.#current?.isOpen ? this.#current.kind : undefined;
  }

  /** Makes a connection; what becomes of it is told. */
  connect(): void {
    this.disconnect();
    const probe = this.#probe;
    if (probe?.isOpen) {
      // It was made beside the one before, to take its place.
      this.#probe = undefined;
      probe.isProbe = false;
      this.#current = probe;
      this.#choice.onProbeOpened();
      // Not inside the call.
      queueMicrotask(() => this.#onOpen(probe));
      return;
    }
    this.#current = this.#open(this.#choice.next(), false);
  }

  disconnect(): void {
    const line = this.#current;
    this.#current = undefined;
    if (line === undefined) return;
    this.#judge(line);
    line.isOver = true;
    line.transport?.close();
  }

  /** Ends everything. */
  close(): void {
    clearTimeout(this.#probeTimer);
    this.disconnect();
    this.#dropProbe();
  }

  send(packet: Uint8Array<ArrayBuffer>): void {
    if (this.#current?.isOpen) this.#current.transport?.send(packet);
  }

  #open(kind: TransportKind, isProbe: boolean): Line {
    const line: Line = {
      kind,
      isOpen: false,
      broughtSomething: false,
      isProbe,
      isOver: false,
      transport: undefined,
    };
    void this.#make(line);
    return line;
  }

  async #make(line: Line): Promise<void> {
    const events = {
      onOpen: () => this.#onOpen(line),
      onPacket: (packet: Uint8Array) => this.#onPacket(line, packet),
      onEnd: (end: ConnectionEnd) => this.#onEnd(line, end),
    };
    try {
      const token = (await this.#options.token?.()) ?? "";
      if (line.isOver) return;
      if (line.kind === "poll") {
        line.transport = new PollTransport(this.#options.fetch, this.#httpUrl, token, events);
        return;
      }
      // A browser's WebSocket has no header fields: a ticket stands for the token.
      const query = token === "" ? "" : `?ticket=${encodeURIComponent(await this.#ticket(token))}`;
      if (line.isOver) return;
      const url = this.#socketUrl + socketPath + query;
      line.transport = new WebSocketTransport(this.#options.makeSocket!, url, events);
    } catch (error) {
      const isFinal = error instanceof CotextError && error.code === "unauthenticated";
      const cause =
        error instanceof CotextError
          ? error
          : new CotextError("io", "no connection could be made", { cause: error });
      this.#onEnd(line, { error: cause, isFinal });
    }
  }

  async #ticket(token: string): Promise<string> {
    const response = await this.#options.fetch(`${this.#httpUrl}/v1/tickets`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(connectMsMax),
    });
    const body = new Uint8Array(await response.arrayBuffer());
    if (response.status === 201) {
      const { ticket } = JSON.parse(new TextDecoder().decode(body)) as { ticket?: unknown };
      if (typeof ticket === "string") return ticket;
    }
    const code = isRefusal(response.status, body) ? "unauthenticated" : "io";
    throw new CotextError(code, `a ticket was answered by HTTP ${response.status}`);
  }

  #onOpen(line: Line): void {
    if (line.isOver) return;
    line.isOpen = true;
    if (line !== this.#probe) {
      if (line === this.#current) this.#events.onOpen();
      return;
    }
    // The client comes back by `connect`, and has this one.
    const current = this.#current;
    if (current === undefined) return;
    this.#current = undefined;
    current.isOver = true;
    current.transport?.close();
    const error = new CotextError("io", "a WebSocket takes the place of polling");
    this.#events.onLost({ error, isFinal: false });
  }

  #onPacket(line: Line, packet: Uint8Array): void {
    if (line !== this.#current) return;
    if (!line.broughtSomething) {
      line.broughtSomething = true;
      this.#choice.onWorks(line.kind, Date.now());
      this.#scheduleProbe();
    }
    this.#events.onPacket(packet);
  }

  #onEnd(line: Line, end: ConnectionEnd): void {
    if (line.isOver) return;
    line.isOver = true;
    if (line === this.#probe) {
      this.#probe = undefined;
      this.#choice.onProbeFailed(Date.now());
      this.#scheduleProbe();
      return;
    }
    if (line !== this.#current) return;
    this.#current = undefined;
    this.#judge(line);
    // Whether it was the server that refused, polling will tell.
    const mayGoOn = this.#options.mode === "auto" && line.kind === "websocket" && !line.isOpen;
    this.#events.onLost({ error: end.error, isFinal: end.isFinal && !mayGoOn });
  }

  /** Says to the choice how a connection went that is over. */
  #judge(line: Line): void {
    if (!line.broughtSomething) this.#choice.onFailed(line.kind);
  }

  #scheduleProbe(): void {
    clearTimeout(this.#probeTimer);
    const at = this.#choice.probeAtMs;
    if (at === undefined || this.#probe !== undefined) return;
    this.#probeTimer = setTimeout(() => {
      if (this.#probe !== undefined || this.#current === undefined) return;
      this.#probe = this.#open("websocket", true);
    }, at - Date.now());
  }

  #dropProbe(): void {
    const probe = this.#probe;
    this.#probe = undefined;
    if (probe === undefined) return;
    probe.isOver = true;
    probe.transport?.close();
  }
}

/** Returns the server's address without a slash at its end. */
function parseUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch (error) {
    throw new CotextError("bad_request", `${text} is no address`, { cause: error });
  }
  if (!/^(https?|wss?):$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new CotextError("bad_request", `${text} is no address of a server`);
  }
  return (url.origin === "null" ? `${url.protocol}//${url.host}` : url.origin) + url.pathname.replace(/\/+$/, "");
}
