/** Whether the server can still write: some pages more than there are, and no trace of them. */
import type { Sql } from './database.ts';

/** About 30 pages: those that are there already may have room for a while longer. */
const rows = 8000;
/** PostgreSQL's insufficient_privilege. */
const notAllowed = '42501';

/** As a transaction of its own. @throws what the server says, such as that its disk is full (queue-errors.ts) */
export async function probeWriting(sql: Sql): Promise<void> {
  try {
    await sql.query('CREATE TEMP TABLE gigatile_probe (n integer) ON COMMIT DROP');
  } catch (error) {
    // Who may make no temporary tables learns of a full disk from the workers only.
    if (error instanceof Error && 'code' in error && error.code === notAllowed) return;
    throw error;
  }
  await sql.query('INSERT INTO gigatile_probe SELECT generate_series(1, $1::integer)', [rows]);
}
