export type TransportKind = "websocket" | "poll";
export type TransportMode = "auto" | TransportKind;

const failuresMax = 2;
const retryMsMin = 30_000;
const retryMsMax = 600_000;

/**
 * Which way to take: a WebSocket, or long polling where WebSockets do not get through, by the rules
 * of net/client/transport_choice.h. Times in milliseconds.
 */
export class TransportChoice {
  readonly #mode: TransportMode;
  #failures = 0;
  #isPolling = false;
  #retryMs = retryMsMin;
  #probeAtMs = 0;

  constructor(mode: TransportMode) {
    this.#mode = mode;
  }

  next(): TransportKind {
    if (this.#mode !== "auto") return this.#mode;
    return this.#isPolling || this.#failures >= failuresMax ? "poll" : "websocket";
  }

  /** A connection brought its first packet. */
  onWorks(kind: TransportKind, now: number): void {
    this.#failures = 0;
    if (kind === "websocket") {
      this.#isPolling = false;
      this.#retryMs = retryMsMin;
    } else if (!this.#isPolling) {
      this.#isPolling = true;
      this.#scheduleProbe(now);
    }
  }

  /** A connection ended that had brought nothing. */
  onFailed(kind: TransportKind): void {
    if (kind === "websocket") {
      ++this.#failures;
    } else {
      this.#failures = 0;
      this.#isPolling = false;
    }
  }

  /** When a WebSocket is to be tried beside polling. */
  get probeAtMs(): number | undefined {
    return this.#isPolling && this.#mode === "auto" ? this.#probeAtMs : undefined;
  }

  /** One was, and failed. */
  onProbeFailed(now: number): void {
    this.#scheduleProbe(now);
  }

  /** One was made, and takes the place of polling. If it brings nothing, polling goes on at once. */
  onProbeOpened(): void {
    this.#isPolling = false;
    this.#failures = failuresMax - 1;
  }

  #scheduleProbe(now: number): void {
    this.#probeAtMs = now + this.#retryMs;
    this.#retryMs = Math.min(retryMsMax, 2 * this.#retryMs);
  }
}
