/** A queue as the engine uses it (engine/fleet.ts): connected when a run first needs it, shared by all runs of this program. */
import type { Fleet, FleetOrder, TileMapper } from '../engine/fleet.ts';
import { FleetMapper } from './fleet-mapper.ts';
import type { QueueAddress } from './queue/address.ts';
import { QueueDatabase } from './queue/database.ts';
import { ChunkJobs } from './queue/jobs.ts';
import { asQueueError } from './queue/queue-errors.ts';

export interface QueueConnection {
  database: QueueDatabase;
  jobs: ChunkJobs;
}

export interface QueueFleetOptions {
  address: QueueAddress;
  software: string;
  /** Tiles a chunk. */
  chunkTiles: number;
  priority?: number | undefined;
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

export class QueueFleet implements Fleet {
  readonly label: string;
  readonly options: QueueFleetOptions;
  #connection: Promise<QueueConnection> | null = null;
  /** What the job table's own connection said last; whoever uses it next finds out by itself. */
  lastError: Error | null = null;

  constructor(options: QueueFleetOptions) {
    this.options = options;
    this.label = options.address.label;
  }

  /** @throws {GigatileError} queue-unreachable, queue-refused; the next call tries again */
  connection(): Promise<QueueConnection> {
    this.#connection ??= connectQueue(this.options.address, 'desktop', false, (error) => {
      this.lastError = error;
    }).catch((error: unknown) => {
      this.#connection = null;
      throw error;
    });
    return this.#connection;
  }

  map(order: FleetOrder): TileMapper {
    return new FleetMapper(this, order);
  }

  async close(): Promise<void> {
    const open = this.#connection;
    this.#connection = null;
    if (open !== null) await disconnectQueue(await open);
  }
}
