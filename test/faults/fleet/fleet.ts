/** A fleet under test: a server, worker processes and desktops of the real command line, and what is held against an undisturbed run. */
import type { ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, type QueryResultRow } from 'pg';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import { checkLog } from '../../../src-main/engine/check-log.ts';
import { queueAddress } from '../../../src-main/scale/queue/address.ts';
import { connectQueue, disconnectQueue } from '../../../src-main/scale/queue/connection.ts';
import { isUnreachable } from '../../../src-main/scale/queue/queue-errors.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { gigatile, startGigatile } from '../../support/cli.ts';
import { TestPostgres, type TestServerOptions } from '../../support/postgres.ts';
import { testData } from '../../support/test-data.ts';
import { tissuePicture } from '../../support/tissue-png.ts';
import { isLong } from '../support/figures.ts';
import { exportsOf } from '../support/review.ts';

/** Threads and batches are given, and tiles too few (short form) for the machine to be measured first, which takes seconds. */
const options = '--model he-nuclei --mpp 0.5 --tile 128 --threads 1 --batch 1'.split(' ');
const hooks = resolve(import.meta.dirname, 'hooks');

export type Machine = ChildProcess & { said: () => string };

export interface MachineOptions {
  /** Files of hooks/ that are loaded first. */
  hooks?: string[];
  env?: NodeJS.ProcessEnv;
  /** Of the command line, such as `ip netns exec …`. */
  prefix?: string[];
  args?: string[];
  /** Another address of the same queue. */
  queue?: string;
}

export interface HeldChunk {
  run: string;
  no: number;
}

/** Of one chunk, in the order in which the server saw it: who took it and when, who ended it. */
export interface ChunkStory {
  run: string;
  no: number;
  by: string;
  /** `free`: from then on anybody may take it again. */
  what: 'taken' | 'done' | 'free';
  at: number;
}

export class FleetUnderTest {
  readonly postgres: TestPostgres;
  readonly folder: string;
  readonly image: string;
  lastError: Error | null = null;
  /** What one machine alone exports. */
  readonly alone: string[];
  readonly #started = new Set<Machine>();
  readonly #pool: Pool;

  private constructor(postgres: TestPostgres, folder: string) {
    this.postgres = postgres;
    this.folder = folder;
    this.#pool = new Pool({ connectionString: postgres.url, max: 4 });
    // A server that was killed: the next question finds out by itself.
    this.#pool.on('error', (error) => (this.lastError = error));
    // In the short form with as many tiles as a dozen chunks need: each costs processor time.
    const slide = isLong ? testData('pathology', 'CMU-1-Small-Region.svs') : null;
    this.image = join(folder, slide === null ? 'tissue.png' : 'slide.svs');
    if (slide === null) writeFileSync(this.image, tissuePicture(1500, 1300, 50).png);
    else copyFileSync(slide, this.image);
    const [casePath, out] = [join(folder, 'alone.gigatile'), join(folder, 'alone')];
    const args = ['analyze', this.image, ...options, '--case', casePath, '--out', out];
    const { code, stderr } = gigatile(folder, args);
    if (code !== 0) throw new Error(stderr);
    this.alone = exportsOf({ out });
    if ((this.alone[0]?.split('\n').length ?? 0) < 500) throw new Error('too few findings to prove anything');
  }

  static async create(server: TestServerOptions = {}): Promise<FleetUnderTest> {
    const postgres = await TestPostgres.create(server);
    return new FleetUnderTest(postgres, mkdtempSync(join(tmpdir(), 'gigatile-fleet-')));
  }

  async remove(): Promise<void> {
    this.endAll();
    await this.#pool.end();
    await this.postgres.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  endAll(): void {
    for (const machine of this.#started) signalGroup(machine, 'SIGKILL');
    this.#started.clear();
  }

  /** Tables of its own, and in them a diary of what becomes of each chunk. */
  async queue(schema: string): Promise<QueueUnderTest> {
    const address = `${this.postgres.url}?schema=${schema}`;
    await disconnectQueue(await connectQueue(queueAddress(address), 'test', false, () => undefined));
    this.postgres.sql(`
      CREATE TABLE ${schema}.diary (id serial PRIMARY KEY, run text, no integer, by text, what text, at timestamptz);
      CREATE FUNCTION ${schema}.write_diary() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.taken > OLD.taken THEN INSERT INTO ${schema}.diary (run, no, by, what, at)
          VALUES (NEW.run, NEW.no, NEW.taken_by, 'taken', clock_timestamp()); END IF;
        IF NEW.done_at IS NOT NULL AND NEW.done_at IS DISTINCT FROM OLD.done_at THEN INSERT INTO ${schema}.diary (run, no, by, what, at)
          VALUES (NEW.run, NEW.no, NEW.done_by, 'done', clock_timestamp()); END IF;
        RETURN NEW; END $$;
      CREATE TRIGGER diary AFTER UPDATE ON ${schema}.chunk FOR EACH ROW EXECUTE FUNCTION ${schema}.write_diary();
      CREATE FUNCTION ${schema}.write_release() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO ${schema}.diary (run, no, by, what, at)
          VALUES (NEW.data->>'run', (NEW.data->>'chunk')::integer, '', 'free', NEW.start_after);
        RETURN NEW; END $$;
      CREATE TRIGGER diary AFTER INSERT ON ${schema}_jobs.job_common FOR EACH ROW
        WHEN (NEW.state = 'retry') EXECUTE FUNCTION ${schema}.write_release()`);
    return new QueueUnderTest(this, schema, address);
  }

  /** No rows while the server is away. */
  async rows<Row extends QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      return [];
    }
  }

  start(args: string[], { hooks: names = [], env = {}, prefix = [] }: MachineOptions = {}): Machine {
    const preloaded = names.map((name) => `--import=${join(hooks, name)}`).join(' ');
    const all = { ...env, ...(preloaded !== '' && { NODE_OPTIONS: preloaded }) };
    const child = startGigatile(this.folder, args, [
      'env',
      ...Object.entries(all).map(([name, value]) => `${name}=${value}`),
      ...prefix,
    ]);
    let said = '';
    child.stdout?.on('data', (part: Buffer) => (said += part.toString()));
    child.stderr?.on('data', (part: Buffer) => (said += part.toString()));
    const machine = Object.assign(child, { said: () => said });
    this.#started.add(machine);
    return machine;
  }
}

export class QueueUnderTest {
  readonly fleet: FleetUnderTest;
  readonly schema: string;
  readonly address: string;
  readonly casePath: string;
  readonly out: string;

  constructor(fleet: FleetUnderTest, schema: string, address: string) {
    this.fleet = fleet;
    this.schema = schema;
    this.address = address;
    this.out = join(fleet.folder, schema);
    mkdirSync(this.out);
    this.casePath = join(this.out, 'c.gigatile');
  }

  /** One at a time of its processes computes; each inference takes a while. */
  worker(name: string, slowMs: number, options: MachineOptions = {}): Machine {
    const args = ['worker', '--queue', options.queue ?? this.address, '--name', name, '--concurrency', '1'];
    return this.fleet.start([...args, ...(options.args ?? [])], {
      ...options,
      hooks: ['slow-inference.mjs', ...(options.hooks ?? [])],
      env: { GIGATILE_TEST_SLOW_MS: String(slowMs), ...options.env },
    });
  }

  /** What a person would type next. @param chunk tiles of one; null: as workers see fit */
  desktop(chunk: number | null, more: MachineOptions = {}): Machine {
    const { casePath, out } = this;
    const size = chunk === null ? [] : ['--chunk', String(chunk)];
    const shared = ['--queue', more.queue ?? this.address, ...size, '--json', '--out', out];
    return this.fleet.start(
      hasRun(casePath)
        ? ['resume', casePath, ...shared]
        : ['analyze', this.fleet.image, ...options, '--case', casePath, ...shared],
      more,
    );
  }

  /** @param text with the tables' names after {} */
  rows<Row extends QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    return this.fleet.rows<Row>(text.replaceAll('{}', this.schema), values);
  }

  async count(what: string): Promise<number> {
    const [row] = await this.rows<{ count: string }>(`SELECT count(*) FROM ${what}`);
    return Number(row?.count ?? 0);
  }

  done(): Promise<number> {
    return this.count('{}.chunk WHERE done_at IS NOT NULL');
  }

  /** The chunk that a worker has in hand. */
  async inHand(name: string): Promise<HeldChunk | null> {
    const [row] = await this.rows<HeldChunk>(
      `SELECT run, no FROM {}.chunk WHERE taken_by = $1 AND done_at IS NULL ORDER BY taken_at DESC LIMIT 1`,
      [name],
    );
    return row ?? null;
  }

  diary(): Promise<ChunkStory[]> {
    return this.rows<ChunkStory>(
      'SELECT run, no, by, what, (extract(epoch FROM at) * 1000)::float AS at FROM {}.diary ORDER BY id',
    );
  }

  /**
   * Milliseconds from a moment to when that chunk was free for others, and to when somebody took it, who may have had something else to end
   * first; null where that did not happen.
   */
  async takeover(chunk: HeldChunk, from: number): Promise<{ free: number | null; taken: number | null }> {
    const later = (await this.diary()).filter(
      ({ run, no, at }) => run === chunk.run && no === chunk.no && at > from,
    );
    const first = (kind: ChunkStory['what']): number | null => {
      const found = later.find(({ what }) => what === kind);
      return found === undefined ? null : found.at - from;
    };
    return { free: first('free'), taken: first('taken') };
  }

  /** What is wrong with how it ended: nothing may be. */
  async faults(): Promise<string[]> {
    const found: string[] = [];
    if (!existsSync(join(this.out, 'findings.csv'))) return ['nothing was exported'];
    for (const [at, text] of exportsOf(this).entries()) {
      const difference = firstDifference(withoutQueue(text), this.fleet.alone[at] ?? '');
      if (difference !== null) found.push(`exports differ from those of one machine: ${difference}`);
    }
    const ends = new Map<string, number>();
    for (const { run, no, what } of await this.diary())
      if (what === 'done') ends.set(`${run}/${no}`, (ends.get(`${run}/${no}`) ?? 0) + 1);
    const twice = [...ends.values()].filter((times) => times > 1).length;
    if (twice > 0) found.push(`${twice} chunks were recorded twice`);
    const file = CaseFile.openReadOnly(this.casePath);
    try {
      found.push(...checkLog(file));
      const { pending, running, waiting, failed, done } = file.tiles.counts(1);
      const tiles = [...file.tiles.results(1)].map(({ tile }) => tile);
      if (new Set(tiles).size !== done || tiles.length !== done)
        found.push('a tile has not exactly one result');
      if (pending + running + waiting + failed > 0) found.push('tiles are missing');
      // Each tile's result lay in the queue once, and came from there.
      const queued = await this.count('(SELECT DISTINCT tile FROM {}.tile_result) AS t');
      if (queued !== done) found.push(`the queue has ${queued} tiles, the case ${done}`);
    } finally {
      file.close();
    }
    return found;
  }
}

/** Where it was analysed is the one thing that may differ. */
const withoutQueue = (text: string): string => text.replace(/,"queue":"postgres:[^"]*"/, '');

/** Not where it was killed before. */
function hasRun(casePath: string): boolean {
  if (!existsSync(casePath)) return false;
  try {
    const file = CaseFile.openReadOnly(casePath);
    const found = file.runs.list().length > 0;
    file.close();
    return found;
  } catch (error) {
    // Killed while the file was being made.
    if (error instanceof GigatileError && error.code === 'case-not-a-case') return false;
    throw error;
  }
}

function firstDifference(text: string, expected: string): string | null {
  if (text === expected) return null;
  const lines = expected.split('\n');
  const [at, line] = [...text.split('\n').entries()].find(([i, each]) => each !== lines[i]) ?? [-1, ''];
  return `line ${at + 1} is ${line.slice(0, 600)} and not ${lines[at]?.slice(0, 600) ?? ''}`;
}

export const load = (): string => (loadavg()[0] ?? 0).toFixed(1);

/** Where others keep the machine busy, what takes how long says nothing. */
export const isIdle = (): boolean => (loadavg()[0] ?? 0) <= 2 * availableParallelism();

export const isGone = (machine: ChildProcess): boolean =>
  machine.exitCode !== null || machine.signalCode !== null;

export function signalGroup(machine: ChildProcess, signal: NodeJS.Signals): void {
  if (machine.pid === undefined || isGone(machine)) return;
  process.kill(-machine.pid, signal);
}

export async function ended(machine: Machine): Promise<number | null> {
  if (isGone(machine)) return machine.exitCode;
  return new Promise((done, failed) => {
    const limit = setTimeout(
      () => failed(new Error(`it does not end: ${machine.spawnargs.join(' ')}\n${machine.said()}`)),
      endsWithinMs,
    );
    machine.once('exit', (code) => {
      clearTimeout(limit);
      done(code);
    });
  });
}

/** However busy the machine is. */
const patienceMs = 180_000;
/** A whole run. */
const endsWithinMs = 900_000;

export async function until(
  what: string,
  holds: () => Promise<boolean>,
  ...machines: Machine[]
): Promise<void> {
  for (const from = Date.now(); !(await holds()); await sleep(100)) {
    const failed = machines.some(({ exitCode }) => exitCode !== null && exitCode !== 0);
    if (!failed && Date.now() - from < patienceMs) continue;
    throw new Error(`it did not come to this: ${what}\n${machines.map(({ said }) => said()).join('\n')}`);
  }
}

/** Seizes a worker with a chunk in hand, so that it still has it. @returns that chunk, and when */
export async function seize(
  queue: QueueUnderTest,
  name: string,
  act: () => void,
  undo: () => void,
): Promise<HeldChunk & { at: number }> {
  for (;;) {
    await until(`${name} has a chunk in hand`, async () => (await queue.inHand(name)) !== null);
    act();
    const at = Date.now();
    // What was under way when it was seized comes to its end.
    await sleep(200);
    const still = await queue.inHand(name);
    if (still !== null) return { ...still, at };
    undo();
  }
}
