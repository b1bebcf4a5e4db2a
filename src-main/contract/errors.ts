/**
 * One error type for everything a person can be told about: what happened, where, and what to do.
 * It crosses process borders as plain data (`toPlain`/`fromPlain`), because class identity does not survive a MessagePort.
 */
import { z } from 'zod';

/** Exit code 2 (bad usage or unreadable input) belongs to these codes; everything else exits with 1. */
export const inputErrorCodes = [
  'usage',
  'file-not-found',
  'file-unreadable',
  'format-unknown',
  'image-corrupt',
  'image-unsupported',
  'image-too-large',
  'image-missing',
  'image-changed',
  'model-not-found',
  'model-invalid',
  'model-mismatch',
  'model-changed',
  'case-newer',
  'case-not-a-case',
  'case-locked',
  'case-corrupt',
  'run-not-found',
  'not-writable',
  'port-in-use',
  'consent-needed',
] as const;

export const otherErrorCodes = [
  'codec-missing',
  'provider-unusable',
  'worker-crashed',
  'worker-timeout',
  'worker-memory',
  'endpoint-refused',
  'endpoint-failed',
  'queue-unreachable',
  'queue-refused',
  'budget-reached',
  'disk-full',
  'io',
  'conflict',
  'cancelled',
  'internal',
] as const;

export const errorCodeSchema = z.enum([...inputErrorCodes, ...otherErrorCodes]);
export type ErrorCode = z.infer<typeof errorCodeSchema>;

export const plainErrorSchema = z.object({
  code: errorCodeSchema,
  /** What went wrong, one sentence, for a person. */
  message: z.string(),
  /** The file, and in it the place (IFD, tile, field), where there is one. */
  where: z.string().optional(),
  /** What the person can do about it. */
  hint: z.string().optional(),
});
export type PlainError = z.infer<typeof plainErrorSchema>;

/** A sentence for a person, not a page. */
const longest = 1000;
const controls = /(?!\n)\p{Cc}+/gu;

/** Messages quote what stands in files, and libraries quote whole files: cut, and without what terminals would obey. */
function presentable(text: string): string {
  const clean = text.replaceAll(controls, ' ');
  return clean.length <= longest ? clean : `${clean.slice(0, longest)} …`;
}

export class GigatileError extends Error {
  override readonly name = 'GigatileError';
  readonly code: ErrorCode;
  readonly where: string | undefined;
  readonly hint: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    details: { where?: string | undefined; hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(presentable(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.where = details.where === undefined ? undefined : presentable(details.where);
    this.hint = details.hint;
  }

  /** The same error at a place, where it does not know its own: codecs see bytes and no file. */
  at(where: string): GigatileError {
    if (this.where !== undefined) return this;
    const { code, message, hint, cause } = this;
    return new GigatileError(code, message, { where, hint, cause });
  }

  toPlain(): PlainError {
    return {
      code: this.code,
      message: this.message,
      ...(this.where === undefined ? {} : { where: this.where }),
      ...(this.hint === undefined ? {} : { hint: this.hint }),
    };
  }

  static fromPlain(plain: PlainError): GigatileError {
    return new GigatileError(plain.code, plain.message, { where: plain.where, hint: plain.hint });
  }
}

/** Any thrown value as plain data; unknown errors become `internal` and keep their message. */
export function toPlainError(error: unknown): PlainError {
  if (error instanceof GigatileError) return error.toPlain();
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}

/** `message (where). hint` on one line, as the command line prints it. */
export function formatError(error: PlainError): string {
  const where = error.where === undefined ? '' : ` (${error.where})`;
  const hint = error.hint === undefined ? '' : ` ${error.hint}`;
  return `${error.message.replace(/\.$/, '')}${where}.${hint}`.replaceAll('\n', ' ');
}

export function isInputError(code: ErrorCode): boolean {
  return (inputErrorCodes as readonly string[]).includes(code);
}
