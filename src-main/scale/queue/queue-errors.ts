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
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|connection timeout/i;

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** The server is not there, or not now: the same may work in a moment. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof GigatileError) return error.code === 'queue-unreachable';
  const code = codeOf(error);
  // 08: connection exceptions; 57P: the server goes down or comes up; 53: it lacks connections, memory or room.
  if (networkCodes.has(code) || /^(08|57P|53)/.test(code)) return true;
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
  if (isUnreachable(error)) {
    return new GigatileError('queue-unreachable', `The queue cannot be reached: ${message || code}`, {
      ...details,
      hint: 'Is PostgreSQL running there, and may this machine connect to it? Nothing is lost.',
    });
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
