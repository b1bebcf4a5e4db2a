/** Any failure as the one plain error that a person is shown. */
import { ORPCError } from '@orpc/client';
import {
  GigatileError,
  plainErrorSchema,
  toPlainError,
  type PlainError,
} from '../../src-main/contract/errors.ts';
import { words } from '../words/words.ts';

/** The typed error of the contract, a GigatileError, or `internal` with what little is known. */
export function plainErrorOf(error: unknown): PlainError {
  if (error instanceof ORPCError) {
    const parsed = plainErrorSchema.safeParse(error.data);
    if (parsed.success) return parsed.data;
    return {
      code: error.code === 'BAD_REQUEST' ? 'usage' : 'internal',
      message:
        error.code === 'BAD_REQUEST'
          ? words.client.theEngineDidNotAcceptThisRequest
          : words.client.theEngineCouldNotAnswer(error.message),
    };
  }
  return toPlainError(error);
}

/** The GigatileError in the JSON body of a failed byte answer. */
export function errorOfBytes(path: string, status: number, body: ArrayBuffer): GigatileError {
  const text = new TextDecoder().decode(body.slice(0, 8192));
  try {
    const parsed = plainErrorSchema.safeParse(JSON.parse(text));
    if (parsed.success) return GigatileError.fromPlain(parsed.data);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return new GigatileError('io', `The engine answered ${status}`, { where: path });
}

/** True where something ended because it was no longer wanted; nothing to tell a person. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
