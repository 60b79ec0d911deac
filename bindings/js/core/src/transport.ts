import type { CotextError } from "./errors.js";

// Times in milliseconds, as in C++ (net/client/client_transport.h, net/client/poll_session.h).

/** How long making a connection may take. */
export const connectMsMax = 10_000;
/** And so long what is left to be sent when it is to end. */
export const finishMsMax = 1_000;
/** What waits to go out at most. */
export const outgoingBytesMax = 1 << 23;

/** How a connection ended. */
export interface ConnectionEnd {
  readonly error: CotextError;
  /** The server said that trying again is of no use. */
  readonly isFinal: boolean;
  /** Somebody has refused it in words, the server or what stands in between. */
  readonly isRefused?: boolean;
}

export interface TransportEvents {
  onOpen(): void;
  onPacket(packet: Uint8Array): void;
  /** Once, and nothing after it. */
  onEnd(end: ConnectionEnd): void;
}

/** One connection: packets go out and come in, each whole and in order, until it ends. */
export interface Transport {
  send(packet: Uint8Array<ArrayBuffer>): void;
  /** Ends it when what was given to `send` has gone out; nothing is told any more. */
  close(): void;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;
