/** Where a queue is: `postgres://user@host:5432/database?schema=gigatile&sslmode=verify-full`. */
import { GigatileError } from '../../contract/errors.ts';

export interface QueueAddress {
  /** As node-postgres takes it; with the password where the person wrote one. */
  connectionString: string;
  /** Of the tables of Gigatile; the jobs lie in another one, named after it. */
  schema: string;
  /** Without user, password and options: for screens, messages and the case. */
  label: string;
}

export const defaultSchema = 'gigatile';

/**
 * A password is best left out and given by PGPASSWORD or a .pgpass file, which node-postgres reads: what is on a command line is seen
 * by everybody on the machine.
 *
 * @throws {GigatileError} usage
 */
export function queueAddress(text: string): QueueAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw notAnAddress(cause);
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') throw notAnAddress();
  const schema = url.searchParams.get('schema') ?? defaultSchema;
  if (!/^[a-z_][a-z0-9_]{0,39}$/.test(schema) || schema.startsWith('pg_')) {
    throw new GigatileError('usage', `"${schema}" is no name for a queue's schema`, {
      hint: 'Lower-case letters, digits and underscores, 40 at most: ?schema=pathology',
    });
  }
  url.searchParams.delete('schema');
  const database = decodeURIComponent(url.pathname.replace(/^\//, ''));
  const place = `postgres://${url.host || 'localhost'}/${database}`;
  return {
    connectionString: url.href,
    schema,
    label: schema === defaultSchema ? place : `${place}?schema=${schema}`,
  };
}

function notAnAddress(cause?: unknown): GigatileError {
  return new GigatileError('usage', 'This is no address of a queue', {
    hint: 'For instance: --queue postgres://user@host:5432/database (the password by PGPASSWORD)',
    cause,
  });
}
