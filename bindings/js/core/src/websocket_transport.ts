import { CotextError } from "./errors.js";
import { type Transport, type TransportEvents, connectMsMax } from "./transport.js";

const subprotocol = "cotext.v1";
// Close codes that say not to come back.
const finalBegin = 4400;
const finalEnd = 4500;
const normalClosure = 1000;

export type WebSocketConstructor = new (url: string, protocols?: string | string[]) => WebSocket;

/** A connection by WebSocket. */
export class WebSocketTransport implements Transport {
  readonly #socket: WebSocket;
  #events: TransportEvents | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(make: WebSocketConstructor, url: string, events: TransportEvents) {
    this.#events = events;
    this.#socket = new make(url, subprotocol);
    this.#socket.binaryType = "arraybuffer";
    this.#timer = setTimeout(() => {
      this.#end(new CotextError("timed_out", "no WebSocket was made in time"), false);
      this.#socket.close();
    }, connectMsMax);
    this.#socket.onopen = () => {
      clearTimeout(this.#timer);
      this.#events?.onOpen();
    };
    this.#socket.onmessage = ({ data }) => {
      // Text is no packet.
      const isBinary = data instanceof ArrayBuffer;
      this.#events?.onPacket(isBinary ? new Uint8Array(data) : new Uint8Array([0]));
    };
    this.#socket.onclose = ({ code, reason }) => {
      const words = `the WebSocket was closed (${code}${reason === "" ? "" : `, ${reason}`})`;
      this.#end(new CotextError("io", words), code >= finalBegin && code < finalEnd);
    };
    // What went wrong comes with the close.
    this.#socket.onerror = () => {};
  }

  #end(error: CotextError, isFinal: boolean): void {
    clearTimeout(this.#timer);
    const events = this.#events;
    this.#events = undefined;
    events?.onEnd({ error, isFinal });
  }

  send(packet: Uint8Array<ArrayBuffer>): void {
    if (this.#events !== undefined && this.#socket.readyState === 1) this.#socket.send(packet);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#events = undefined;
    this.#socket.close(normalClosure);
  }
}
