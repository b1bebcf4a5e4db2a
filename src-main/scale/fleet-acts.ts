/** What a person does with the runs of a queue, on the command line and on the screens. */
import type { FleetAct } from '../contract/fleet.ts';
import { GigatileError } from '../contract/errors.ts';
import type { QueueConnection } from './queue/connection.ts';
import { workChannel } from './submit.ts';

const states = { pause: 'paused', resume: 'open', cancel: 'closed' } as const;

/**
 * @returns how many chunks are tried again; 0 for everything else
 * @throws {GigatileError} run-not-found, and what the queue cannot be reached for
 */
export async function actOnFleet({ database, jobs }: QueueConnection, order: FleetAct): Promise<number> {
  if (order.act === 'redrive') {
    const run = order.run === undefined ? undefined : await runOf(database, order.run);
    return jobs.redrive(run);
  }
  const run = await runOf(database, order.run);
  if (order.act === 'priority') {
    await database.query('UPDATE run SET priority = $2 WHERE id = $1', [run, order.priority]);
  } else if (order.act === 'remove') {
    await jobs.dropQueue(run);
    await database.query('DELETE FROM run WHERE id = $1', [run]);
  } else {
    await database.query('UPDATE run SET state = $2 WHERE id = $1', [run, states[order.act]]);
    if (order.act === 'resume')
      await database.query('SELECT pg_notify($1, $2)', [workChannel(database), run]);
  }
  return 0;
}

/** By the beginning of its id. */
export async function runOf(database: QueueConnection['database'], beginning: string): Promise<string> {
  const found = await database.query<{ id: string }>('SELECT id FROM run WHERE starts_with(id, $1)', [
    beginning,
  ]);
  const [run] = found;
  if (run !== undefined && found.length === 1) return run.id;
  throw new GigatileError('run-not-found', `${found.length} runs of this queue are meant by "${beginning}"`, {
    hint: 'See "gigatile queue".',
  });
}
