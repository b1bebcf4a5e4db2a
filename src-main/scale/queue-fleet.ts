/** A queue as the engine uses it (engine/fleet.ts): connected when a run first needs it, shared by all runs of this program. */
import type { FleetAct, FleetView } from '../contract/fleet.ts';
import type { Fleet, FleetAnalysis, FleetOrder, TileMapper } from '../engine/fleet.ts';
import { actOnFleet } from './fleet-acts.ts';
import { FleetMapper, type MapperOptions } from './fleet-mapper.ts';
import { fleetAnalysis } from './fleet-analysis.ts';
import { fleetView } from './fleet-view.ts';
import { ModelCache } from './model-parts.ts';
import type { QueueAddress } from './queue/address.ts';
import { connectQueue, disconnectQueue, type QueueConnection } from './queue/connection.ts';
import { asQueueError } from './queue/queue-errors.ts';

export interface QueueFleetOptions extends MapperOptions {
  address: QueueAddress;
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
    return new FleetMapper(() => this.connection(), this.label, this.options, order);
  }

  view(): Promise<FleetView> {
    return this.#asked(fleetView);
  }

  act(order: FleetAct): Promise<number> {
    return this.#asked((connection) => actOnFleet(connection, order));
  }

  analysis(run: string): Promise<FleetAnalysis> {
    return this.#asked((connection) => fleetAnalysis(connection, run));
  }

  model(sha256: string, folder: string): Promise<string> {
    return this.#asked(({ database }) => new ModelCache(database, folder).path(sha256));
  }

  async #asked<T>(work: (connection: QueueConnection) => Promise<T>): Promise<T> {
    try {
      return await work(await this.connection());
    } catch (error) {
      throw asQueueError(error, this.label);
    }
  }

  async close(): Promise<void> {
    const open = this.#connection;
    this.#connection = null;
    if (open !== null) await disconnectQueue(await open);
  }
}
