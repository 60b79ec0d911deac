import { CotextError } from "./errors.js";
import {
  type ConnectionEnd,
  type Fetch,
  type Transport,
  type TransportEvents,
  connectMsMax,
  finishMsMax,
  outgoingBytesMax,
} from "./transport.js";

// A connection of requests (docs/PROTOCOL.md §13, §14.6), as net/client/poll_session.h has it:
//
//     POST /v1/connections -> a secret; then at the same time
//       one POST .../frames?first=N, with all that waits, again until answered
//       one GET  .../frames?after=N, held by the server until there are frames
//     and DELETE in the end.

const framesMax = 1024;
const postBytesMax = 1 << 18;
const frameBytesMax = (1 << 20) + (1 << 16);
/** A request may fail for so long before the connection is lost. */
const lostMs = 12_000;
const retryMsMin = 100;
const retryMsMax = 3_000;
const lateMsMax = 10_000;
const heldMsMax = 120_000;
const secretPattern = /^[0-9A-Za-z_-]{1,128}$/;

function sizeBytes(size: number): number[] {
  const bytes: number[] = [];
  for (; size >= 0x80; size >>>= 7) bytes.push((size & 0x7f) | 0x80);
  return [...bytes, size];
}

/** Puts frames into one body, each behind its size. @internal */
export function joinFrames(frames: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const sizes = frames.map((frame) => sizeBytes(frame.length));
  const total = frames.reduce((sum, frame, i) => sum + sizes[i]!.length + frame.length, 0);
  const body = new Uint8Array(total);
  let at = 0;
  frames.forEach((frame, i) => {
    body.set(sizes[i]!, at);
    body.set(frame, at + sizes[i]!.length);
    at += sizes[i]!.length + frame.length;
  });
  return body;
}

/** Returns the frames of a body; throws "bad_message" or "too_large". @internal */
export function splitFrames(body: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let at = 0;
  while (at < body.length) {
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = body[at++];
      // Of the shortest form, and no more than a frame may have.
      if (byte === undefined || shift > 21 || (byte === 0 && shift > 0)) {
        throw new CotextError("bad_message", "the size of a frame is malformed");
      }
      size += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    if (size > frameBytesMax || frames.length === framesMax) {
      throw new CotextError("too_large", "an answer has too large or too many frames");
    }
    if (size > body.length - at) throw new CotextError("bad_message", "a frame is cut off");
    frames.push(body.subarray(at, at + size));
    at += size;
  }
  return frames;
}

interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

function parseJson(body: Uint8Array): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof json === "object" && json !== null ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a cotext server says it, which says why: others answer 403 to what they do not like. */
export function isRefusal(status: number, body: Uint8Array): boolean {
  if (status !== 401 && status !== 403) return false;
  const error = parseJson(body)?.error as Record<string, unknown> | undefined;
  return typeof error?.code === "string";
}

function isToBeTriedAgain(status: number): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

/** Requests of one kind, one at a time, each made again until it was answered. */
class Lane {
  #failingSince: number | undefined;
  #wait = retryMsMin;

  /** Returns how long to wait before the next try; undefined: it went on for too long. */
  onFailure(now: number): number | undefined {
    this.#failingSince ??= now;
    if (now >= this.#failingSince + lostMs) return undefined;
    const wait = this.#wait;
    this.#wait = Math.min(retryMsMax, 2 * this.#wait);
    return wait;
  }

  onSuccess(): void {
    this.#failingSince = undefined;
    this.#wait = retryMsMin;
  }
}

export class PollTransport implements Transport {
  readonly #fetch: Fetch;
  readonly #origin: string;
  readonly #token: string;
  readonly #abort = new AbortController();
  #events: TransportEvents | undefined;
  #path: string | undefined;
  #heldMs = heldMsMax;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #first = 1;
  #received = 0;
  #isPosting = false;
  #isClosing = false;

  constructor(fetch: Fetch, origin: string, token: string, events: TransportEvents) {
    this.#fetch = fetch;
    this.#origin = origin;
    this.#token = token;
    this.#events = events;
    void this.#connect();
  }

  async #call(
    method: string,
    path: string,
    timeoutMs: number,
    body?: Uint8Array<ArrayBuffer>,
  ): Promise<Answer> {
    const headers: Record<string, string> = { "Content-Type": "application/octet-stream" };
    if (this.#token !== "") headers.Authorization = `Bearer ${this.#token}`;
    const late = new AbortController();
    const end = () => late.abort();
    this.#abort.signal.addEventListener("abort", end);
    const timer = setTimeout(end, timeoutMs);
    try {
      const init: RequestInit = { method, headers, signal: late.signal, cache: "no-store" };
      if (body !== undefined) init.body = body;
      const response = await this.#fetch(this.#origin + path, init);
      return { status: response.status, body: new Uint8Array(await response.arrayBuffer()) };
    } catch {
      return { status: 0, body: new Uint8Array(0) };
    } finally {
      clearTimeout(timer);
      this.#abort.signal.removeEventListener("abort", end);
    }
  }

  async #connect(): Promise<void> {
    const { status, body } = await this.#call("POST", "/v1/connections", connectMsMax, new Uint8Array(0));
    if (this.#events === undefined) return;
    if (status !== 201) {
      const isFinal = isRefusal(status, body);
      const words = `a connection was answered by HTTP ${status}`;
      this.#end({ error: new CotextError(isFinal ? "forbidden" : "io", words), isFinal });
      return;
    }
    const json = parseJson(body);
    const secret = json?.connection;
    if (typeof secret !== "string" || !secretPattern.test(secret)) {
      this.#fail("bad_message", "what answers there is no cotext server");
      return;
    }
    if (typeof json?.held_ms === "number") this.#heldMs = Math.min(json.held_ms, heldMsMax);
    this.#path = `/v1/connections/${secret}`;
    this.#events.onOpen();
    void this.#listen();
    void this.#post();
  }

  #end(end: ConnectionEnd): void {
    const events = this.#events;
    this.#events = undefined;
    this.#abort.abort();
    if (this.#path !== undefined) void this.#call("DELETE", this.#path, connectMsMax);
    this.#path = undefined;
    events?.onEnd(end);
  }

  #fail(code: string, words: string): void {
    this.#end({ error: new CotextError(code, words), isFinal: false });
  }

  /** Makes a call until it is answered. Returns nothing if that was the end of the connection. */
  async #insist(lane: Lane, call: () => Promise<Answer>): Promise<Answer | undefined> {
    for (;;) {
      const answer = await call();
      if (this.#path === undefined) return undefined;
      if (answer.status >= 200 && answer.status < 300) {
        lane.onSuccess();
        return answer;
      }
      const wait = isToBeTriedAgain(answer.status) ? lane.onFailure(Date.now()) : undefined;
      if (wait === undefined) {
        this.#fail("io", `a request was answered by HTTP ${answer.status}`);
        return undefined;
      }
      await sleep(wait);
      if (this.#path === undefined) return undefined;
    }
  }

  /** Asks for what comes, as long as there is a connection. */
  async #listen(): Promise<void> {
    const lane = new Lane();
    while (this.#path !== undefined) {
      const answer = await this.#insist(lane, () =>
        this.#call(
          "GET",
          `${this.#path}/frames?after=${this.#received}`,
          this.#heldMs + lateMsMax,
        ),
      );
      if (answer === undefined) return;
      let frames: Uint8Array[];
      try {
        frames = splitFrames(answer.body);
      } catch (error) {
        this.#end({ error: error as CotextError, isFinal: false });
        return;
      }
      this.#received += frames.length;
      for (const frame of frames) this.#events?.onPacket(frame);
      // A server that holds nothing is not asked all the time.
      if (frames.length === 0) await sleep(retryMsMin);
    }
  }

  send(packet: Uint8Array<ArrayBuffer>): void {
    if (this.#events === undefined || this.#isClosing) return;
    this.#queue.push(packet);
    this.#queuedBytes += packet.length;
    if (this.#queuedBytes > outgoingBytesMax) {
      this.#fail("too_slow", "more waits to be sent than may");
      return;
    }
    // What is sent in this turn goes in one request.
    queueMicrotask(() => void this.#post());
  }

  #nextPost(): Uint8Array[] {
    const frames: Uint8Array[] = [];
    let bytes = 0;
    for (const frame of this.#queue) {
      if (frames.length === framesMax || (frames.length > 0 && bytes + frame.length > postBytesMax)) {
        break;
      }
      frames.push(frame);
      bytes += frame.length + 5;
    }
    return frames;
  }

  async #post(): Promise<void> {
    if (this.#isPosting) return;
    this.#isPosting = true;
    const lane = new Lane();
    while (this.#path !== undefined && this.#queue.length > 0) {
      const frames = this.#nextPost();
      const body = joinFrames(frames);
      const answer = await this.#insist(lane, () =>
        this.#call("POST", `${this.#path}/frames?first=${this.#first}`, connectMsMax, body),
      );
      if (answer === undefined) break;
      const received = parseJson(answer.body)?.received;
      // The number in a path has no checksum.
      if (received !== undefined && received !== this.#first + frames.length - 1) {
        this.#fail("bad_message", "the server did not get what was sent");
        break;
      }
      this.#first += frames.length;
      this.#queue.splice(0, frames.length);
      this.#queuedBytes -= frames.reduce((sum, frame) => sum + frame.length, 0);
    }
    this.#isPosting = false;
    if (this.#isClosing && this.#queue.length === 0) this.#finish();
  }

  close(): void {
    this.#events = undefined;
    if (this.#isClosing) return;
    this.#isClosing = true;
    if (this.#queue.length === 0 || this.#path === undefined) {
      this.#finish();
    } else {
      setTimeout(() => this.#finish(), finishMsMax);
      void this.#post();
    }
  }

  #finish(): void {
    this.#fail("io", "the connection was closed here");
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
