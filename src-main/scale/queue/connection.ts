/** What a program has of a queue: its tables and its jobs. */
import type { QueueAddress } from './address.ts';
import { QueueDatabase } from './database.ts';
import { ChunkJobs } from './jobs.ts';
import { asQueueError } from './queue-errors.ts';

export interface QueueConnection {
  database: QueueDatabase;
  jobs: ChunkJobs;
}

/** @throws {GigatileError} queue-unreachable, queue-refused */
export async function connectQueue(
  address: QueueAddress,
  name: string,
  supervises: boolean,
  onError: (error: Error) => void,
): Promise<QueueConnection> {
  const database = await QueueDatabase.connect(address, name);
  try {
    return { database, jobs: await ChunkJobs.start(address, supervises, onError) };
  } catch (error) {
    await database.close();
    throw asQueueError(error, address.label);
  }
}

export async function disconnectQueue({ database, jobs }: QueueConnection): Promise<void> {
  await jobs.stop();
  await database.close();
}
