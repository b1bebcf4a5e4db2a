/** One schedule from its seed: the real scheduler, ledger, group commit and worker handling, in a made-up world. */
import { GigatileError } from '../../../src-main/contract/errors.ts';
import type { Clock } from '../../../src-main/core/clock.ts';
import { endsEarly } from '../../../src-main/core/tolerance.ts';
import type { WorkerHost } from '../../../src-main/core/worker-host.ts';
import type { InferenceInit } from '../../../src-main/core/worker-protocol.ts';
import { Analyze, type AnalyzeEnd, type AnalyzeOptions } from '../../../src-main/engine/analyze.ts';
import { GroupCommit } from '../../../src-main/engine/group-commit.ts';
import { paceOf, type Pace } from '../../../src-main/engine/pace.ts';
import { TileLedger } from '../../../src-main/engine/tile-ledger.ts';
import { checkEnd, FileChecks, lookMs, SchedulerChecks, violated } from './checks.ts';
import { ModelStore, type SimStore } from './model-store.ts';
import { scenario, viewportOf, type Disturbance, type Scenario } from './scenario.ts';
import { SimProcess, type Workplace } from './sim-worker.ts';
import { playOut, VirtualClock, type Owner } from './virtual-clock.ts';

/** Where a schedule can be given parts that are broken on purpose. */
export interface Parts {
  ledger: typeof TileLedger;
  /** The file as engines see it; what the checks see is the model. */
  store: (model: ModelStore) => SimStore;
  commit: typeof GroupCommit;
  options: (options: AnalyzeOptions, model: ModelStore) => AnalyzeOptions;
}

export const soundParts: Parts = {
  ledger: TileLedger,
  store: (model) => model,
  commit: GroupCommit,
  options: (options) => options,
};

export interface Told {
  steps: number;
  engines: number;
  how: AnalyzeEnd;
}

/** Longest that a run may take after the last disturbance: Retry-After is heeded for an hour, also where the clock was set. */
const patienceMs = 2 * 3_600_000;
const mostSteps = 200_000;
const init = {
  kind: 'init',
  modelPath: 'model.onnx',
  imagePath: 'image.tif',
  manifest: {},
  threads: 1,
} as unknown as InferenceInit;

/** @throws {Violation} where something happened that must not */
export function simulate(
  seed: number,
  parts: Parts = soundParts,
  tell?: (line: string) => void,
): Promise<Told> {
  const world = new World(scenario(seed), parts, tell);
  return world.run();
}

function describe({ fates, random: _random, content: _content, positive, ...rest }: Scenario): string {
  const odd = fates.flatMap((fate, tile) => (fate.kind === 'fine' ? [] : [{ tile, ...fate }]));
  return JSON.stringify({
    ...rest,
    skip: [...rest.skip].join(''),
    positive: [...positive].join(''),
    fates: odd,
  });
}

class World implements Owner {
  readonly isAlive = true;
  readonly scenario: Scenario;
  readonly parts: Parts;
  readonly clock = new VirtualClock();
  readonly model: ModelStore;
  readonly store: SimStore;
  readonly file: FileChecks;
  readonly place: Workplace;
  isImageChanged = false;
  workers: number;
  viewport: Extract<Disturbance, { kind: 'viewport' }> | null = null;
  #engine: SimEngine | null = null;
  #engines = 0;
  #how: AnalyzeEnd | null = null;
  /** Found inside of a callback, where throwing would be caught by what is tested. */
  #violation: unknown = null;

  /** What happens, for a person who looks at one schedule. */
  readonly tell: ((line: string) => void) | undefined;

  constructor(drawn: Scenario, parts: Parts, tell?: (line: string) => void) {
    this.scenario = drawn;
    this.parts = parts;
    this.tell = tell && ((line) => tell(`${this.clock.now.toFixed(0).padStart(9)} ms  ${line}`));
    this.tell?.(describe(drawn));
    this.workers = drawn.workers;
    this.model = new ModelStore(drawn.skip, drawn.content);
    this.store = parts.store(this.model);
    this.file = new FileChecks(this.model, drawn.fates.length);
    this.model.onWrite = (change) => this.guard(() => this.file.written(change, this.model.epoch));
    const { random, fates, computeMs, latencyMs, startFailures } = drawn;
    this.place = {
      clock: this.clock,
      random,
      fates,
      troubles: new Uint32Array(fates.length),
      blamable: new Uint32Array(fates.length),
      computeMs,
      latencyMs,
      mayFailToStart: () => this.clock.now < drawn.quietFrom && random.chance(startFailures),
      onLease: (process, tiles) =>
        this.guard(() => {
          this.tell?.(`lease ${tiles.join(' ')}`);
          (process.parent as SimEngine).checks.leased(process, tiles);
        }),
      onBegin: (process, lease) =>
        this.guard(() => (process.parent as SimEngine).checks.begins(process, lease)),
    };
  }

  /** Runs a check; the first that fails ends the schedule. */
  guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#violation ??= error;
    }
  }

  async run(): Promise<Told> {
    for (const disturbance of this.scenario.disturbances) {
      this.clock.add(this, disturbance.at, () => this.#disturb(disturbance));
    }
    this.clock.add(this, lookMs, () => this.guard(() => this.#engine?.checks.look()), lookMs);
    this.takeUp();
    let steps = 0;
    await playOut(this.clock, () => {
      if (this.#violation !== null) throw this.#violation;
      if (this.#how !== null) return true;
      if (++steps > mostSteps) violated('the run goes round and round');
      if (this.clock.now > this.#deadline) violated('the run does not come to its end');
      return false;
    });
    const how = this.#how ?? violated('the run ended without an end');
    checkEnd(this.model, this.scenario, how);
    return { steps, engines: this.#engines, how };
  }

  #deadline = Infinity;

  takeUp(): void {
    if (this.#how !== null) return;
    try {
      this.store.takeUp();
    } catch {
      this.#later(200);
      return;
    }
    this.#engines++;
    this.tell?.(`taken up in epoch ${this.model.epoch}`);
    this.#deadline = Math.max(this.clock.now, this.scenario.quietFrom) + patienceMs;
    this.#engine = new SimEngine(this, this.model.epoch);
    void this.#engine.conduct();
  }

  #later(ms: number): void {
    this.clock.add(this, ms, () => this.takeUp());
  }

  /** An engine has come to rest. */
  rested(engine: SimEngine, how: AnalyzeEnd | Error): void {
    this.tell?.(`rests: ${String(how)}`);
    if (engine !== this.#engine) return;
    this.#engine = null;
    if (how === 'drained' || how === 'early') this.#how = how;
    else this.#later(this.#restFor ?? 100);
    this.#restFor = null;
  }

  #restFor: number | null = null;

  #disturb(disturbance: Disturbance): void {
    const { random } = this.scenario;
    const engine = this.#engine;
    this.tell?.(JSON.stringify(disturbance));
    switch (disturbance.kind) {
      case 'pause':
        this.#restFor = disturbance.forMs;
        engine?.stop();
        break;
      case 'crash':
        if (engine === null) break;
        engine.die();
        this.#engine = null;
        this.#later(disturbance.forMs);
        break;
      case 'fence':
        if (engine === null) break;
        engine.isFenced = true;
        this.#engine = null;
        this.takeUp();
        break;
      case 'kill-worker': {
        const processes = [...(engine?.checks.processes ?? [])].filter((process) => process.isAlive);
        if (processes.length > 0) random.pick(processes).killed();
        break;
      }
      case 'disk-full':
        this.model.isFull = true;
        this.clock.add(this, disturbance.forMs, () => (this.model.isFull = false));
        break;
      case 'image-changed':
        this.isImageChanged = true;
        this.clock.add(this, disturbance.forMs, () => (this.isImageChanged = false));
        break;
      case 'viewport':
        this.viewport = disturbance;
        engine?.look(disturbance);
        break;
      case 'workers':
        this.workers = disturbance.count;
        engine?.setWorkers(disturbance.count);
        break;
      case 'set-clock':
        this.clock.setTimeOfDay(disturbance.byMs);
        break;
      case 'sleep':
        this.clock.oversleep(disturbance.forMs);
        this.#engine?.checks.overslept();
        break;
    }
  }
}

/** As RunConductor conducts the second step, with the same parts. */
class SimEngine implements Owner {
  isAlive = true;
  isFenced = false;
  readonly checks: SchedulerChecks;
  readonly #world: World;
  readonly #analyze: Analyze;
  readonly #ledger: TileLedger;
  readonly #commit: GroupCommit;

  constructor(world: World, epoch: number) {
    this.#world = world;
    const { scenario: drawn, model, store, place, parts, workers } = world;
    const clock: Clock = world.clock.of(this);
    this.checks = new SchedulerChecks(drawn, place, model, workers);
    this.checks.isImageChanged = () => world.isImageChanged;
    const pace = (): Pace => paceOf({ isWatched: world.viewport !== null });
    const isPositive = ({ tile }: { tile: number }): boolean => drawn.positive[tile] === 1;
    this.#ledger = new parts.ledger(drawn.plan, store.load(), {
      order: drawn.order,
      wasPositive: ({ idx }) => drawn.positive[idx] === 1,
    });
    this.#commit = new parts.commit(
      store,
      1,
      {
        committed: (changes) => world.guard(() => world.file.shown(changes)),
        failed: (error) => this.#failed(error),
      },
      { clock, pace },
    );
    this.#analyze = new Analyze(
      parts.options(
        {
          plan: drawn.plan,
          epoch,
          workers,
          warm: [],
          batch: drawn.batch,
          keepAll: false,
          ...(drawn.leases !== undefined && { leases: drawn.leases }),
          init,
          host: this.#host(),
          ledger: this.#ledger,
          isPositive,
          isSeen: (tile) => this.#ledger.isInView(tile),
          pace,
          commit: {
            add: (change, isAwaited) => {
              world.tell?.(change.kind === 'done' ? `done ${change.result.tile}` : JSON.stringify(change));
              world.guard(() => this.checks.said(change));
              this.#commit.add(change, isAwaited);
            },
          },
          policy: drawn.retry,
          endsEarly: (ended, attempted) => endsEarly(ended, attempted, drawn.completion),
          tileTimeoutMs: drawn.tileTimeoutMs,
          random: () => drawn.random.next(),
          clock,
          onProvider: () => undefined,
          onError: () => undefined,
          checkImage: () =>
            world.isImageChanged
              ? Promise.reject(new GigatileError('image-changed', 'The image is another one'))
              : Promise.resolve(),
        },
        model,
      ),
    );
    if (world.viewport !== null) this.look(world.viewport);
  }

  #host(): WorkerHost {
    const fork = (): SimProcess => {
      const process = new SimProcess(this.#world.place, this);
      this.checks.forked(process);
      // Before the engine hears of it.
      const onExit = process.onExit.bind(process);
      process.onExit = (listener) =>
        onExit((exit) => {
          this.checks.gone(process);
          listener(exit);
        });
      return process;
    };
    return { fork: fork as unknown as WorkerHost['fork'] };
  }

  async conduct(): Promise<void> {
    let how: AnalyzeEnd | Error;
    try {
      how = await this.#analyze.run();
    } catch (error) {
      how = error instanceof Error ? error : new Error(String(error));
      const code = error instanceof GigatileError ? error.code : 'internal';
      if (code !== 'image-changed' && code !== 'worker-crashed')
        this.#world.guard(() => violated(String(error)));
    }
    try {
      this.#commit.flush();
    } catch (error) {
      this.#failed(error);
      this.#commit.drop();
      how = new Error('what was not written is not so');
    }
    this.#world.rested(this, how);
  }

  #failed(error: unknown): void {
    const code = error instanceof GigatileError ? error.code : 'internal';
    if (code !== 'disk-full' && !(code === 'conflict' && this.isFenced))
      this.#world.guard(() => violated(`a group was refused: ${String(error)}`));
    this.#analyze.stop();
  }

  stop(): void {
    this.#analyze.stop();
  }

  /** With its workers, whose pipes break. */
  die(): void {
    this.isAlive = false;
    for (const process of this.checks.processes) process.isAlive = false;
  }

  look({ columns, rows }: Extract<Disturbance, { kind: 'viewport' }>): void {
    const { plan } = this.#world.scenario;
    const tiles: number[] = [];
    for (let row = rows[0]; row <= rows[1]; row++) {
      for (let column = columns[0]; column <= columns[1]; column++) tiles.push(row * plan.columns + column);
    }
    this.checks.looksAt(tiles);
    const ledger = this.#ledger;
    ledger.setViewport(viewportOf(columns, rows));
    this.#analyze.wake(ledger.viewWaits ? (tile) => ledger.isInView(tile) : undefined);
  }

  setWorkers(count: number): void {
    this.checks.setWorkers(count);
    this.#analyze.setWorkers(count);
  }
}
