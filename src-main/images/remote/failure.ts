/** What can go wrong between here and a server, as errors for people. Never with the address: it can be a credential. */
import { GigatileError } from '../../contract/errors.ts';
import type { ErrorCode } from '../../contract/errors.ts';

/** How far an image is: what is wrong at the start is the address; later it is that something has changed. */
export interface Stage {
  /** The file's name, for messages. */
  name: string;
  opened: boolean;
}

/** A request that failed. */
export class RequestFailure extends Error {
  readonly error: GigatileError;
  /** Trying again may help. */
  readonly transient: boolean;
  /** What the server asked to wait, milliseconds. */
  readonly waitMs: number;
  /** The place that an earlier answer pointed to does not answer (any more): the address itself may point to another. */
  readonly mayHaveMoved: boolean;

  constructor(
    error: GigatileError,
    options: { transient?: boolean; waitMs?: number; mayHaveMoved?: boolean } = {},
  ) {
    super(error.message);
    this.error = error;
    this.transient = options.transient ?? false;
    this.waitMs = options.waitMs ?? 0;
    this.mayHaveMoved = options.mayHaveMoved ?? false;
  }
}

export function failure(
  stage: Stage,
  code: ErrorCode,
  message: string,
  hint: string,
  options: { transient?: boolean; waitMs?: number; mayHaveMoved?: boolean } = {},
): RequestFailure {
  return new RequestFailure(new GigatileError(code, message, { where: stage.name, hint }), options);
}

export function changed(stage: Stage, how: string): RequestFailure {
  return failure(
    stage,
    'image-changed',
    `The image on the server has changed since it was opened: ${how}`,
    'Open it again; what was found in the former image stays in its case.',
  );
}

export function withoutRanges(stage: Stage, isWebPage: boolean): RequestFailure {
  return isWebPage
    ? failure(
        stage,
        'image-unsupported',
        'The server answers with a web page instead of the file',
        'It may ask for a login: take an address that gives the file itself, or download it first.',
      )
    : failure(
        stage,
        'image-unsupported',
        'This server does not serve parts of files, so that the whole file would have to be loaded',
        'Download it first, and open the copy.',
      );
}

/** @param retryAfter the header of that name */
export function statusFailure(stage: Stage, status: number, retryAfter: string | undefined): RequestFailure {
  const said = `The server answers ${status}`;
  switch (status) {
    case 401:
    case 403:
      return failure(
        stage,
        stage.opened ? 'image-missing' : 'file-unreadable',
        `${said}: it refuses to give this file${stage.opened ? ' any more' : ''}`,
        'A presigned address ends after some time: get a new one and open it; the case is found by the content of the image.',
        { mayHaveMoved: true },
      );
    case 404:
    case 410:
      return failure(
        stage,
        stage.opened ? 'image-missing' : 'file-not-found',
        `${said}: there is no such file${stage.opened ? ' any more' : ''}`,
        'Check the address.',
        { mayHaveMoved: true },
      );
    case 412:
      return changed(stage, 'it is another version');
    case 416:
      return stage.opened
        ? changed(stage, 'it has become shorter')
        : failure(stage, 'image-corrupt', 'The file on the server is empty', 'Check the address.');
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return failure(
        stage,
        'io',
        `${said}: ${status === 429 ? 'it is asked too much' : 'it cannot serve this at the moment'}`,
        'Try again later.',
        { transient: true, waitMs: waitOf(retryAfter) },
      );
    default:
      return failure(stage, 'file-unreadable', `${said}, which is no part of a file`, 'Check the address.');
  }
}

/** Seconds or a date (RFC 9110, section 10.2.3); 0 where it is neither. */
function waitOf(retryAfter: string | undefined): number {
  if (retryAfter === undefined) return 0;
  const seconds = Number(retryAfter);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(retryAfter) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}

const passing: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the server takes no connections',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ECONNABORTED: 'the connection was cut',
  ETIMEDOUT: 'the server does not answer',
  EHOSTUNREACH: 'the server cannot be reached',
  ENETUNREACH: 'there is no connection to its network',
  EAI_AGAIN: 'its name cannot be looked up at the moment',
};

/** Of an error that a connection gave. Only its code is used: messages of the system can quote what was asked for. */
export function connectionFailure(stage: Stage, error: unknown): RequestFailure {
  if (error instanceof RequestFailure) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const because = passing[code];
  if (because !== undefined) {
    return failure(
      stage,
      'io',
      `The image cannot be fetched: ${because}`,
      'Check the connection and try again.',
      {
        transient: true,
      },
    );
  }
  if (code === 'ENOTFOUND') {
    return stage.opened
      ? failure(stage, 'io', 'The server is not found any more', 'Check the connection and try again.', {
          transient: true,
        })
      : failure(
          stage,
          'file-not-found',
          'There is no server of this name',
          'Check the address and the connection.',
        );
  }
  if (/^(?:CERT_|ERR_TLS|ERR_SSL|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|EPROTO$)/.test(code)) {
    return failure(
      stage,
      'file-unreadable',
      `The connection to the server is not safe (${code})`,
      "Its certificate is not valid here. A house's own authority can be named in NODE_EXTRA_CA_CERTS.",
    );
  }
  if (code.startsWith('HPE_')) {
    return failure(
      stage,
      'file-unreadable',
      `The server does not speak HTTP (${code})`,
      'Check the address.',
    );
  }
  return failure(stage, 'io', `The image cannot be fetched (${code || 'unknown error'})`, 'Try again.', {
    transient: true,
  });
}
