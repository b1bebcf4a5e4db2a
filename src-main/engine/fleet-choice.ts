/**
 * The queue that this program uses, if any: named when it was started, or chosen on a screen and remembered in the data folder, without
 * its password. Runs ask for it when they come to their tiles, screens follow what its machines do.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { GigatileError, toPlainError, type PlainError } from '../contract/errors.ts';
import type { FleetAct, FleetEvent, FleetView, NewQueue, QueueSetting } from '../contract/fleet.ts';
import type { Fleet, FleetConnector } from './fleet.ts';
import { JsonFile } from './json-file.ts';
import { MemorySecretStore, queueSecret, type SecretStore } from './secret-store.ts';
import { Watchable } from './watch.ts';

const chosenSchema = z.object({ schema: z.literal(1), address: z.string(), label: z.string() });
const fileSchema = chosenSchema.nullable();
type Chosen = z.infer<typeof chosenSchema>;
const lookEveryMs = 2000;
/** That a screen is shown. */
const mostRuns = 200;

export interface FleetChoiceOptions {
  dataDir: string;
  /** Named when the program was started: it stays. */
  fleet?: Fleet | undefined;
  /** Without it no other one can be chosen. */
  connectFleet?: FleetConnector | undefined;
  /** The system's keychain, where there is one. */
  secrets?: SecretStore | undefined;
}

export class FleetChoice {
  readonly #options: FleetChoiceOptions;
  readonly #secrets: SecretStore;
  readonly #file: JsonFile<Chosen | null>;
  #chosen: Chosen | null;
  readonly #watchable = new Watchable();
  #isClosed = false;
  #wake = (): void => undefined;
  #fleet: Promise<Fleet> | null = null;
  #watchers = 0;
  #isLooking = false;
  #view: FleetView | null = null;
  #seenAt: Date | null = null;
  #problem: PlainError | null = null;
  #since: Date | null = null;

  constructor(options: FleetChoiceOptions) {
    this.#options = options;
    this.#secrets = options.secrets ?? new MemorySecretStore('This program has no keychain.');
    this.#file = new JsonFile({
      path: join(options.dataDir, 'queue.json'),
      schema: fileSchema,
      initial: null,
      onSetAside: (path, why) => {
        // It named a place and nothing else: chosen again in a moment.
        this.#problem = toPlainError(
          new GigatileError('file-unreadable', `Which queue was chosen cannot be read any more: ${why}`, {
            where: path,
            hint: 'Choose it again.',
          }),
        );
      },
    });
    this.#chosen = this.#file.read();
  }

  /** Without user and password. */
  get label(): string | null {
    return this.#options.fleet?.label ?? this.#chosen?.label ?? null;
  }

  async setting(): Promise<QueueSetting> {
    const { kept } = await this.#secrets.keeping();
    return { queue: this.label, fixedBy: this.#fixedBy(), passwordKept: kept === 'keychain' };
  }

  #fixedBy(): string | null {
    const { fleet, connectFleet } = this.#options;
    if (fleet !== undefined)
      return 'The program was started with this queue, by --queue or GIGATILE_QUEUE: start it without to choose another one.';
    return connectFleet === undefined ? 'This program has not the part that works with queues.' : null;
  }

  /** null: tiles are analysed here. Nothing is connected by asking. @throws {GigatileError} usage */
  current(): Promise<Fleet | null> {
    const { fleet, connectFleet } = this.#options;
    if (fleet !== undefined) return Promise.resolve(fleet);
    if (this.#fleet !== null) return this.#fleet;
    if (this.#chosen === null || connectFleet === undefined) return Promise.resolve(null);
    this.#fleet = this.#addressWithSecret(this.#chosen.address)
      .then(connectFleet)
      .catch((error: unknown) => {
        this.#fleet = null;
        throw error;
      });
    return this.#fleet;
  }

  /** Where none is known, PostgreSQL's own ways hold: PGPASSWORD, .pgpass. */
  async #addressWithSecret(address: string): Promise<string> {
    const kept = await this.#secrets.get(queueSecret);
    return kept !== null && withoutPassword(kept).address === address ? kept : address;
  }

  /**
   * Connects first: one that cannot be used is not taken, and the one before stays.
   * @throws {GigatileError} usage, queue-unreachable, queue-refused, conflict
   */
  async choose(order: NewQueue): Promise<QueueSetting> {
    const { connectFleet } = this.#changeable();
    const whole = withPassword(order);
    refuseFiles(whole);
    const { address, password } = withoutPassword(whole);
    const fleet = await connectFleet(password === null ? await this.#addressWithSecret(address) : whole);
    let view: FleetView;
    try {
      view = await fleet.view();
    } catch (error) {
      await fleet.close();
      throw error;
    }
    const chosen = { schema: 1 as const, address, label: fleet.label };
    this.#file.write(chosen);
    if (password !== null) await this.#secrets.set(queueSecret, whole);
    await this.#replace(Promise.resolve(fleet), chosen);
    this.#saw(view);
    return this.setting();
  }

  /** Tiles are analysed here from now on; runs that lie in the queue stay there. @throws {GigatileError} conflict */
  async leave(): Promise<QueueSetting> {
    this.#changeable();
    this.#file.write(null);
    await this.#secrets.set(queueSecret, null);
    await this.#replace(null, null);
    return this.setting();
  }

  #changeable(): { connectFleet: FleetConnector } {
    const why = this.#fixedBy();
    const { connectFleet } = this.#options;
    if (why === null && connectFleet !== undefined) return { connectFleet };
    throw new GigatileError('conflict', why ?? 'The queue cannot be changed');
  }

  async #replace(fleet: Promise<Fleet> | null, chosen: Chosen | null): Promise<void> {
    const before = this.#fleet;
    this.#fleet = fleet;
    this.#chosen = chosen;
    this.#view = null;
    this.#seenAt = null;
    this.#problem = null;
    this.#since = null;
    this.#watchable.changed();
    // Its runs wait until it is chosen again.
    if (before !== null) await (await before).close();
  }

  /** @throws {GigatileError} usage where there is no queue; what the queue says */
  async act(order: FleetAct): Promise<number> {
    const fleet = await this.current();
    if (fleet === null) throw new GigatileError('usage', 'No queue is chosen');
    const count = await fleet.act(order);
    await this.#look();
    return count;
  }

  /** What the machines do: the newest known state at once, then each change, and each try that failed. */
  async *follow(signal?: AbortSignal): AsyncGenerator<FleetEvent, void> {
    this.#watchers++;
    void this.#keepLooking();
    try {
      yield* this.#watchable.watch(() => this.#event(), signal);
    } finally {
      this.#watchers--;
      if (this.#watchers === 0) this.#wake();
    }
  }

  async #keepLooking(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#watchers > 0 && !this.#isClosed) {
        await this.#look();
        await this.#rest(lookEveryMs);
      }
    } finally {
      this.#isLooking = false;
    }
  }

  async #look(): Promise<void> {
    const { label } = this;
    try {
      const view = (await (await this.current())?.view()) ?? null;
      if (this.label === label) this.#saw(view);
    } catch (error) {
      if (this.label !== label) return;
      this.#problem = toPlainError(error);
      this.#since ??= new Date();
    }
    this.#watchable.changed();
  }

  #saw(view: FleetView | null): void {
    this.#view = view;
    this.#seenAt = view === null ? null : new Date();
    this.#problem = null;
    this.#since = null;
    this.#watchable.changed();
  }

  #event(): FleetEvent {
    return {
      queue: this.label,
      // Whoever wants thousands of them has `gigatile queue`.
      view: this.#view && { ...this.#view, runs: this.#view.runs.slice(0, mostRuns) },
      seenAt: this.#seenAt?.toISOString() ?? null,
      problem: this.#problem,
      since: this.#since?.toISOString() ?? null,
    };
  }

  #rest(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#wake = () => {
      clearTimeout(timer);
      resolve();
    };
    return promise;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    this.#watchable.close();
    const open = this.#fleet;
    this.#fleet = null;
    if (open !== null) await (await open).close();
  }
}

/** What is not an address is for whoever connects to say. */
function withPassword({ address, password }: NewQueue): string {
  const text = address.trim();
  if (password === undefined || !URL.canParse(text)) return text;
  const url = new URL(text);
  url.password = encodeURIComponent(password);
  return url.href;
}

/** The driver would open what they name, and a path from a screen is never opened. @throws {GigatileError} usage */
function refuseFiles(text: string): void {
  if (!URL.canParse(text)) return;
  const named = [...new URL(text).searchParams.keys()].find((key) => /^ssl(cert|key|rootcert)$/i.test(key));
  if (named === undefined) return;
  throw new GigatileError('usage', `${named} names a file, and is not taken from a screen`, {
    hint: 'An authority of the house is named by NODE_EXTRA_CA_CERTS; or start the program with --queue or GIGATILE_QUEUE.',
  });
}

function withoutPassword(text: string): { address: string; password: string | null } {
  if (!URL.canParse(text)) return { address: text, password: null };
  const url = new URL(text);
  // node-postgres takes it from there too.
  const password = url.password === '' ? url.searchParams.get('password') : url.password;
  url.password = '';
  url.searchParams.delete('password');
  return { address: url.href, password };
}
