/**
 * What every call throws that cannot do what it was asked for. `code` never changes for what it
 * stands for, such as "out_of_range"; the message is for people.
 *
 * After "check_failed", "out_of_memory", "aborted", "threw" or "trapped" the module's instance is
 * lost: its documents say "instance_lost" from then on, and `load` makes another.
 */
export class CotextError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message);
    this.name = "CotextError";
    this.code = code;
    if (options !== undefined) this.cause = options.cause;
  }

  override cause?: unknown;
}
