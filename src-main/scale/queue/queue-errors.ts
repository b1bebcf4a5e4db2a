/** What PostgreSQL and the network say, in words a person can act on. Codes: PostgreSQL's appendix A, and those of Node's sockets. */
import { GigatileError } from '../../contract/errors.ts';

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ENOENT',
]);

/** node-postgres has no codes for these. */
const networkMessages =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|connection timeout|Query read timeout/i;

/**
 * The same may work in a moment. 08: connection exceptions; 57P: the server goes down or comes up; 53: it lacks connections, memory or
 * room; 58030: its disk fails; 57014, 55P03: it waited too long for others; 40: two wanted the same, and this one has to try again;
 * 25P03, 25P04: it gave us up, since nothing was heard of us in the middle of a transaction.
 */
const passingStates = /^(08|57P|53|40)|^(58030|57014|55P03|25P03|25P04)$/;

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** The server is not there, or not now: the same may work in a moment. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof GigatileError) return error.code === 'queue-unreachable';
  const code = codeOf(error);
  if (networkCodes.has(code) || passingStates.test(code)) return true;
  if (error instanceof AggregateError) return error.errors.some(isUnreachable);
  return error instanceof Error && networkMessages.test(error.message);
}

/** @param label of the queue */
export function asQueueError(error: unknown, label: string): unknown {
  if (error instanceof GigatileError) return error;
  const code = codeOf(error);
  const details = { where: label, cause: error };
  const message = error instanceof Error ? error.message : String(error);
  if (code === '53100') {
    return new GigatileError('queue-unreachable', 'The disk of the queue’s server is full', {
      ...details,
      hint: 'Make room there; nothing is lost, and work goes on by itself.',
    });
  }
  if (code === '57014' || code === '55P03' || /Query read timeout/i.test(message)) {
    return new GigatileError('queue-unreachable', `The queue’s server does not answer in time: ${message}`, {
      ...details,
      hint: 'It may be overloaded, or the network in between may be broken. Nothing is lost.',
    });
  }
  if (isUnreachable(error)) {
    return new GigatileError('queue-unreachable', `The queue cannot be reached: ${message || code}`, {
      ...details,
      hint: 'Is PostgreSQL running there, and may this machine connect to it? Nothing is lost.',
    });
  }
  if (/does not support SSL/i.test(message) || /CERT|ERR_TLS|ERR_SSL|UNABLE_TO_(GET|VERIFY)/.test(code)) {
    return new GigatileError(
      'queue-refused',
      `There is no secure connection to the queue’s server: ${message}`,
      {
        ...details,
        hint: 'Check sslmode and sslrootcert in the address: sslmode=verify-full asks for a certificate of a known authority, for this very host.',
      },
    );
  }
  // What node-postgres says where the server asks and it has nothing to answer.
  if (/client password must be a/.test(message)) {
    return new GigatileError(
      'queue-refused',
      'The queue’s server asks for a password, and none is known here',
      {
        ...details,
        hint: 'Give it where the queue is chosen, or by PGPASSWORD or a .pgpass file.',
      },
    );
  }
  if (code.startsWith('28')) {
    return new GigatileError('queue-refused', `The queue’s server refuses this user: ${message}`, {
      ...details,
      hint: 'Check user and password (PGPASSWORD or .pgpass), and pg_hba.conf on the server.',
    });
  }
  if (code === '3D000') {
    return new GigatileError('queue-refused', `There is no such database: ${message}`, {
      ...details,
      hint: 'Make it with createdb, or correct the name in --queue.',
    });
  }
  if (code === '42501') {
    return new GigatileError('queue-refused', `This user may not do that in the queue: ${message}`, {
      ...details,
      hint: 'The first one to use a queue makes its schemas: that user needs CREATE on the database.',
    });
  }
  return error;
}
