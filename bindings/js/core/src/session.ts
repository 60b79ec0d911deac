import { Reader, decodeText } from "./bytes.js";
import type { Core } from "./core.js";
import type { Delta } from "./delta.js";
import type { CotextDocument } from "./document.js";
import type { Dispatcher } from "./dispatcher.js";
import { CotextError } from "./errors.js";
import { randomBits } from "./random.js";

/**
 * What travels: a kind, a channel, six numbers and two pieces of bytes. docs/PROTOCOL.md says what
 * each kind has where.
 */
export interface Message {
  readonly kind: number;
  readonly channel: bigint;
  readonly numbers: readonly bigint[];
  readonly bytes: readonly Uint8Array[];
}

export interface Packet {
  /** The number of the first message; 0: they have none. */
  readonly first: bigint;
  /** How many came from the other end. */
  readonly received: bigint;
  /** What follows those is to be sent again. */
  readonly again: boolean;
  readonly messages: readonly Message[];
}

export type ConnectionStatus = "disconnected" | "connecting" | "connected" | "reconnecting";

export type SessionAction =
  | { readonly kind: "connect" }
  | { readonly kind: "send"; readonly packet: Packet }
  | { readonly kind: "disconnect" };

export interface Rights {
  readonly read: boolean;
  readonly write: boolean;
  readonly relay: boolean;
  /** Be seen by others. */
  readonly show: boolean;
}

export type SessionEvent =
  | { readonly kind: "status"; readonly status: ConnectionStatus; readonly error?: CotextError }
  | { readonly kind: "opened"; readonly key: number; readonly rights: Rights; readonly id: Uint8Array }
  | { readonly kind: "caught_up"; readonly key: number }
  | { readonly kind: "failed"; readonly key: number; readonly error: CotextError }
  | {
      /** OT: edits that will not be committed, for the application to keep. */
      readonly kind: "handed_back";
      readonly key: number;
      /** In code points, for the text at `revision`, with what was in flight if that is said. */
      readonly delta: Delta;
      readonly revision: number;
      readonly followsInFlight: boolean;
      readonly mayBeCommitted: boolean;
      /** What the user saw. */
      readonly text: string;
    }
  | { readonly kind: "rights"; readonly key: number; readonly rights: Rights }
  | { readonly kind: "writer"; readonly key: number; readonly writer: number; readonly user: string }
  | { readonly kind: "presence"; readonly key: number }
  /** Edits wait, and not for the network: the server lost what they follow. */
  | { readonly kind: "held"; readonly key: number; readonly error: CotextError };

/** How far one's own edits have come, each counted once. */
export interface EditCounts {
  readonly unsent: number;
  readonly unacknowledged: number;
  /** The server has them, but not yet for good. */
  readonly notDurable: number;
}

export interface DocumentState extends EditCounts {
  readonly rights: Rights;
  readonly isCaughtUp: boolean;
}

/** Somebody else who has a document open. */
export interface Present {
  readonly session: number;
  readonly user: string;
  /** What he shows, as his application gave it. */
  readonly state: Uint8Array;
  readonly isTyping: boolean;
}

export interface SessionOptions {
  /** Which program this is, for the server's log. */
  readonly agent?: string;
  /** Random: spreads when clients try again. */
  readonly seed?: bigint;
  /** After so long without a word the server is asked; 15,000 at first. */
  readonly pingMs?: number;
  /** It may take so long to answer; 10,000 at first. */
  readonly answerMs?: number;
  /** What is unacknowledged for so long is sent again; 0, as at first: nothing gets lost. */
  readonly resendMs?: number;
}

const statuses: readonly ConnectionStatus[] = [
  "disconnected",
  "connecting",
  "connected",
  "reconnecting",
];
const numbersOfMessage = 6;
const stringsOfMessage = 2;
const messageBytes = 80;
const packetBytes = 32;
const never = 0xffff_ffff_ffff_ffffn;
const ioStatus = 41;

function toRights(bits: number): Rights {
  return {
    read: (bits & 1) !== 0,
    write: (bits & 2) !== 0,
    relay: (bits & 4) !== 0,
    show: (bits & 8) !== 0,
  };
}

function toTime(now: number): bigint {
  return BigInt(Math.max(0, Math.floor(now)));
}

const finalizers = new FinalizationRegistry<{ core: Core; address: number }>(
  ({ core, address }) => {
    if (!core.isLost) core.wasm.cotext_session_free!(address);
  },
);

/**
 * A client of a server, without a network: the application has connections and clocks, and the
 * session says what to do with them. After calls, and after edits, take actions and then events;
 * call `tick` when `nextTime` says so. Times are milliseconds of one clock that does not go back.
 *
 * Most will want CotextClient instead, of `@cotext/core/client`.
 */
export class Session {
  readonly #core: Core;
  readonly #dispatcher: Dispatcher;
  readonly #address: number;
  readonly #documents = new Map<number, CotextDocument>();
  /** The origin of what others did. */
  readonly #origin: unknown;
  #isFreed = false;

  /** @internal */
  constructor(core: Core, dispatcher: Dispatcher, options: SessionOptions, origin?: unknown) {
    this.#core = core;
    this.#dispatcher = dispatcher;
    this.#origin = origin ?? this;
    const mark = core.mark();
    try {
      const agent = core.putText(options.agent ?? "");
      const agentSize = core.size;
      const at = core.reserve(48);
      const view = core.view();
      view.setUint32(at, 48, true);
      view.setBigUint64(at + 8, options.seed ?? randomBits(), true);
      view.setUint32(at + 16, agent, true);
      view.setUint32(at + 20, agentSize, true);
      view.setBigUint64(at + 24, toTime(options.pingMs ?? 0), true);
      view.setBigUint64(at + 32, toTime(options.answerMs ?? 0), true);
      view.setBigUint64(at + 40, toTime(options.resendMs ?? 0), true);
      core.check(core.wasm.cotext_session_new!(at, core.out));
    } finally {
      core.release(mark);
    }
    this.#address = core.outNumber32();
    finalizers.register(this, { core, address: this.#address }, this);
  }

  get #live(): number {
    if (this.#isFreed) throw new CotextError("disposed", "the session was freed");
    return this.#address;
  }

  /** Calls a function of the module that may change documents, and tells their observers. */
  #work(name: string, ...values: (number | bigint)[]): void {
    let status: number;
    try {
      status = this.#core.wasm[name]!(this.#live, ...values);
    } finally {
      if (!this.#core.isLost) this.#collect();
    }
    this.#core.check(status);
    this.#dispatcher.dispatch();
  }

  #collect(): void {
    this.#dispatcher.collect(this.#origin);
    for (const document of this.#documents.values()) document.tellUpdate(this.#origin);
  }

  // Documents.

  /**
   * Keeps a document in step with the one of that name at the server. `formerWriters` are ids
   * under which the same user wrote here before. Returns its key here.
   */
  open(name: string, document: CotextDocument, formerWriters: readonly number[] = []): number {
    const core = this.#core;
    const mark = core.mark();
    try {
      const text = core.putText(name);
      const size = core.size;
      const former = core.reserve(8 * formerWriters.length);
      formerWriters.forEach((writer, i) => {
        core.view().setBigUint64(former + 8 * i, BigInt(writer), true);
      });
      core.check(
        core.wasm.cotext_session_open!(
          this.#live,
          text,
          size,
          document.address,
          former,
          formerWriters.length,
          core.out,
        ),
      );
    } finally {
      core.release(mark);
    }
    const key = core.outNumber64();
    this.#documents.set(key, document);
    return key;
  }

  close(key: number): void {
    this.#work("cotext_session_close", BigInt(key));
    this.#documents.delete(key);
  }

  /** What is known of an open document. */
  state(key: number): DocumentState {
    const core = this.#core;
    core.check(core.wasm.cotext_session_document!(this.#live, BigInt(key), core.out));
    const view = core.view();
    const at = (offset: number): number => Number(view.getBigUint64(core.out + offset, true));
    return {
      unsent: at(0),
      unacknowledged: at(8),
      notDurable: at(16),
      rights: toRights(at(24)),
      isCaughtUp: view.getInt32(core.out + 32, true) !== 0,
    };
  }

  // Presence.

  /** Says what others see of this session in a document, such as the anchors of a caret. */
  show(key: number, state: Uint8Array): void {
    const mark = this.#core.mark();
    try {
      const at = this.#core.put(state);
      this.#work("cotext_session_show", BigInt(key), at, state.length);
    } finally {
      this.#core.release(mark);
    }
  }

  setTyping(key: number, isTyping: boolean): void {
    this.#work("cotext_session_set_typing", BigInt(key), isTyping ? 1 : 0);
  }

  /** Who else is there. */
  present(key: number): Present[] {
    this.#core.check(this.#core.wasm.cotext_js_present!(this.#live, BigInt(key)));
    const reader = new Reader(this.#core.notes("cotext_js_shown"));
    const present: Present[] = [];
    while (!reader.done) {
      const session = reader.number64();
      const user = reader.text();
      const state = reader.bytes();
      present.push({ session, user, state, isTyping: reader.number32() !== 0 });
    }
    return present;
  }

  // The connection.

  start(now: number): void {
    this.#work("cotext_session_start", toTime(now));
  }

  stop(now: number): void {
    this.#work("cotext_session_stop", toTime(now));
  }

  connected(now: number): void {
    this.#work("cotext_session_connected", toTime(now));
  }

  /** The connection is gone, or could not be made. `isFinal`: trying again is of no use. */
  disconnected(isFinal: boolean, now: number): void {
    this.#work("cotext_session_disconnected", ioStatus, isFinal ? 1 : 0, toTime(now));
  }

  /** A packet came, of so many bytes on the wire. */
  receive(packet: Packet, wireBytes: number, now: number): void {
    const mark = this.#core.mark();
    try {
      this.#work("cotext_session_receive", this.#putPacket(packet), wireBytes, toTime(now));
    } finally {
      this.#core.release(mark);
    }
  }

  /** Bytes came that are no packet. */
  receiveGarbage(now: number): void {
    this.#work("cotext_session_receive_garbage", toTime(now));
  }

  tick(now: number): void {
    this.#work("cotext_session_tick", toTime(now));
  }

  /** When to tick at the latest; undefined: not before something happens. */
  nextTime(): number | undefined {
    const core = this.#core;
    core.check(core.wasm.cotext_session_next_time!(this.#live, core.out));
    const time = core.view().getBigUint64(core.out, true);
    return time === never ? undefined : Number(time);
  }

  get status(): ConnectionStatus {
    this.#core.check(this.#core.wasm.cotext_session_status!(this.#live, this.#core.out));
    return statuses[this.#core.outNumber32()]!;
  }

  /** The number by which others see this session; 0 if there is none. */
  get number(): number {
    this.#core.check(this.#core.wasm.cotext_session_number!(this.#live, this.#core.out));
    return this.#core.outNumber64();
  }

  // What to do, and what happened.

  takeActions(now: number): SessionAction[] {
    const core = this.#core;
    const actions: SessionAction[] = [];
    // Nothing else may use `out` before an action was read.
    for (;;) {
      core.check(core.wasm.cotext_session_take_action!(this.#live, toTime(now), core.out));
      const kind = core.outNumber32();
      if (kind === 1) actions.push({ kind: "connect" });
      else if (kind === 2) actions.push({ kind: "send", packet: this.#packetAt(core.out + 8) });
      else if (kind === 3) actions.push({ kind: "disconnect" });
      else break;
    }
    this.#collect();
    this.#dispatcher.dispatch();
    return actions;
  }

  takeEvents(): SessionEvent[] {
    const core = this.#core;
    const events: SessionEvent[] = [];
    for (;;) {
      core.check(core.wasm.cotext_session_take_event!(this.#live, core.out));
      const event = this.#event();
      if (event === undefined) return events;
      events.push(event);
    }
  }

  /** Reads the cotext_event at `out`. */
  #event(): SessionEvent | undefined {
    const core = this.#core;
    const at = core.out;
    const view = core.view();
    const key = Number(view.getBigUint64(at + 16, true));
    const number = Number(view.getBigUint64(at + 32, true));
    const rights = toRights(Number(view.getBigUint64(at + 24, true)));
    const flags = view.getUint32(at + 12, true);
    const text = decodeText(core.bytesAt(at + 40));
    const bytes = core.bytesAt(at + 48);
    const status = statuses[view.getInt32(at + 4, true)]!;
    const errorStatus = view.getInt32(at + 8, true);
    const kind = view.getInt32(at, true);
    const delta = kind === 5 ? this.#deltaAt(at + 56) : [];
    const error =
      errorStatus === 0 ? undefined : new CotextError(core.statusName(errorStatus), text);
    switch (kind) {
      case 1:
        return error === undefined ? { kind: "status", status } : { kind: "status", status, error };
      case 2:
        return { kind: "opened", key, rights, id: bytes };
      case 3:
        return { kind: "caught_up", key };
      case 4:
        return { kind: "failed", key, error: error ?? new CotextError("unknown", text) };
      case 5:
        return {
          kind: "handed_back",
          key,
          delta,
          revision: number,
          followsInFlight: (flags & 1) !== 0,
          mayBeCommitted: (flags & 2) !== 0,
          text,
        };
      case 6:
        return { kind: "rights", key, rights };
      case 7:
        return { kind: "writer", key, writer: number, user: text };
      case 8:
        return { kind: "presence", key };
      case 9:
        return { kind: "held", key, error: error ?? new CotextError("unknown", text) };
      default:
        return undefined;
    }
  }

  /** Reads a cotext_delta. */
  #deltaAt(address: number): Delta {
    const view = this.#core.view();
    const components = view.getUint32(address, true);
    const count = view.getUint32(address + 4, true);
    const delta: Delta = [];
    for (let at = components; at < components + 24 * count; at += 24) {
      const kind = view.getInt32(at, true);
      const length = Number(view.getBigUint64(at + 8, true));
      if (kind === 0) delta.push({ retain: length });
      if (kind === 1) delta.push({ insert: decodeText(this.#core.bytesAt(at + 16)) });
      if (kind === 2) delta.push({ delete: length });
    }
    return delta;
  }

  /** Puts a packet into memory as a cotext_packet. */
  #putPacket(packet: Packet): number {
    const core = this.#core;
    const messages = core.reserve(messageBytes * packet.messages.length);
    packet.messages.forEach((message, i) => {
      const at = messages + messageBytes * i;
      const strings = message.bytes.map((bytes) => [core.put(bytes), bytes.length] as const);
      const view = core.view();
      view.setUint32(at, message.kind, true);
      view.setBigUint64(at + 8, message.channel, true);
      for (let j = 0; j < numbersOfMessage; ++j) {
        view.setBigUint64(at + 16 + 8 * j, message.numbers[j] ?? 0n, true);
      }
      for (let j = 0; j < stringsOfMessage; ++j) {
        const [address, size] = strings[j] ?? [0, 0];
        view.setUint32(at + 64 + 8 * j, address, true);
        view.setUint32(at + 68 + 8 * j, size, true);
      }
    });
    const at = core.reserve(packetBytes);
    const view = core.view();
    view.setBigUint64(at, packet.first, true);
    view.setBigUint64(at + 8, packet.received, true);
    view.setInt32(at + 16, packet.again ? 1 : 0, true);
    view.setUint32(at + 20, messages, true);
    view.setUint32(at + 24, packet.messages.length, true);
    return at;
  }

  /** Reads a cotext_packet. */
  #packetAt(address: number): Packet {
    const core = this.#core;
    const view = core.view();
    const begin = view.getUint32(address + 20, true);
    const count = view.getUint32(address + 24, true);
    const messages: Message[] = [];
    for (let at = begin; at < begin + messageBytes * count; at += messageBytes) {
      messages.push({
        kind: view.getUint32(at, true),
        channel: view.getBigUint64(at + 8, true),
        numbers: Array.from({ length: numbersOfMessage }, (_, j) =>
          view.getBigUint64(at + 16 + 8 * j, true),
        ),
        bytes: Array.from({ length: stringsOfMessage }, (_, j) => core.bytesAt(at + 64 + 8 * j)),
      });
    }
    return {
      first: view.getBigUint64(address, true),
      received: view.getBigUint64(address + 8, true),
      again: view.getInt32(address + 16, true) !== 0,
      messages,
    };
  }

  /** Lets go of it. For a good end, `stop` it and take its actions first. */
  free(): void {
    if (this.#isFreed) return;
    this.#isFreed = true;
    finalizers.unregister(this);
    this.#documents.clear();
    if (!this.#core.isLost) this.#core.check(this.#core.wasm.cotext_session_free!(this.#address));
  }

  [Symbol.dispose](): void {
    this.free();
  }
}
