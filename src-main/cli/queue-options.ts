/** `--queue` and what belongs to it: a fleet for the time of one command. */
import { GigatileError } from '../contract/errors.ts';
import type { Fleet } from '../engine/fleet.ts';
import { fleetConnector } from '../scale/fleet-connector.ts';
import { queueAddress, type QueueAddress } from '../scale/queue/address.ts';
import { version } from './environment.ts';

export interface QueueOptions {
  queue?: string | undefined;
  chunk?: string | undefined;
  priority?: string | undefined;
}

/** For parseArgs. */
export const queueOptions = {
  queue: { type: 'string' },
  chunk: { type: 'string' },
  priority: { type: 'string' },
} as const;

/** @throws {GigatileError} usage where neither the option nor the environment says which */
export function addressOf(queue: string | undefined): QueueAddress {
  const text = queue ?? process.env['GIGATILE_QUEUE'];
  if (text === undefined) {
    throw new GigatileError('usage', 'Which queue? --queue postgres://user@host/database', {
      hint: 'GIGATILE_QUEUE in the environment does too, and keeps the address out of the list of processes.',
    });
  }
  return queueAddress(text);
}

function whole(option: string, text: string, low: number, high: number): number {
  const number = /^-?[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= low && number <= high)) {
    throw new GigatileError('usage', `--${option} ${text} is not a whole number from ${low} to ${high}`);
  }
  return number;
}

/** Without --queue none: tiles are analysed here. @throws {GigatileError} usage */
export async function readFleet({ queue, chunk, priority }: QueueOptions): Promise<Fleet | undefined> {
  if (queue === undefined) {
    if (chunk === undefined && priority === undefined) return undefined;
    throw new GigatileError('usage', '--chunk and --priority belong to --queue');
  }
  const connect = fleetConnector({
    software: version,
    ...(chunk !== undefined && { chunkTiles: whole('chunk', chunk, 1, 100_000) }),
    ...(priority !== undefined && { priority: whole('priority', priority, -1000, 1000) }),
  });
  return connect(queue);
}

export async function withFleet<T>(
  options: QueueOptions,
  work: (fleet: Fleet | undefined) => Promise<T>,
): Promise<T> {
  const fleet = await readFleet(options);
  try {
    return await work(fleet);
  } finally {
    await fleet?.close();
  }
}
