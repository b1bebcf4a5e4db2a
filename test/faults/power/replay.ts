/** Cuts the power between any two system calls of a recorded review, and looks at what is left. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { seededRandom } from '../simulation/random.ts';
import type { Told } from '../support/acknowledge.ts';
import { exportNames, placeIn, review } from '../support/review.ts';
import { PoweredDisk } from './disk.ts';
import type { Cut } from './disk.ts';
import { breachOf, outcomeOf, Promises } from './promises.ts';
import type { Breach, Outcome } from './promises.ts';
import { diskEvents, tracedCalls } from './trace.ts';
import type { DiskEvent } from './trace.ts';

export interface Recording {
  events: DiskEvent[];
  outcome: Outcome;
}

export interface RecordOptions {
  /** Below the product's: NORMAL or OFF. */
  synchronous?: string;
  /** Pages in the log from which it is taken into the file; many checkpoints in a short run where it is small. */
  checkpointPages?: number;
  /** As on a network share: kept with a rollback journal. */
  isNetwork?: boolean;
  /** Where given, real workers compute on this image. */
  image?: string;
}

/** Runs a whole review under strace. */
export async function record(options: RecordOptions = {}): Promise<Recording> {
  const home = mkdtempSync(join(tmpdir(), 'gigatile-power-'));
  try {
    const folder = join(home, 'case');
    mkdirSync(folder);
    const place = {
      ...placeIn(folder),
      dataDir: join(home, 'data'),
      image: options.image ?? join(home, 'slide.tif'),
    };
    if (options.image === undefined) writeFileSync(place.image, 'pixels');
    const [told, trace] = [join(home, 'told'), join(home, 'trace')];
    const strace = ['-f', '--seccomp-bpf', '-qq', '-y', '-xx', '-s', '2000000', '-o', trace];
    const ended = await review(place, ['strace', ...strace, '-e', `trace=${tracedCalls.join(',')}`], {
      GIGATILE_TEST_TOLD: told,
      GIGATILE_TEST_DECIDE: '1',
      ...(options.synchronous !== undefined && { GIGATILE_TEST_SYNCHRONOUS: options.synchronous }),
      ...(options.checkpointPages !== undefined && {
        GIGATILE_TEST_CHECKPOINT_PAGES: String(options.checkpointPages),
      }),
      ...(options.isNetwork === true && { GIGATILE_TEST_PLACE: 'network' }),
      ...(options.image !== undefined && { GIGATILE_TEST_WORKERS: 'real' }),
    });
    if (ended.code !== 0) throw new Error(`the recorded review failed: ${JSON.stringify(ended)}`);
    const lines = readFileSync(trace, 'latin1').split('\n');
    // Shared memory of the log: nobody has it open after a power cut, so SQLite makes it anew.
    const events = diskEvents(lines, folder, told).filter((event) => !isSharedMemory(event));
    return {
      events: events.map((event) => moved(event, folder)),
      outcome: outcomeOf(folder, folder, exportNames),
    };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function isSharedMemory(event: DiskEvent): boolean {
  return 'path' in event && event.path.endsWith('-shm');
}

/** Paths relative to the folder; the folder itself is `.`. */
function moved(event: DiskEvent, folder: string): DiskEvent {
  const relative = (path: string): string => (path === folder ? '.' : path.slice(folder.length + 1));
  if ('path' in event) return { ...event, path: relative(event.path) };
  if (event.op === 'rename') return { ...event, from: relative(event.from), to: relative(event.to) };
  return event;
}

export interface ReplayOptions {
  seed: number;
  cuts: readonly Cut[];
  /** Indexes of the calls before which the power goes; all where absent. */
  only?: ReadonlySet<number>;
  /** Looks at what was left beyond that; its folder is removed afterwards. */
  visit?: (folder: string, index: number, cut: Cut) => Promise<void>;
}

export interface Replayed {
  /** Moments between two calls. */
  moments: number;
  /** Disks that were looked at. */
  cuts: number;
  promises: number;
  lost: number;
  corrupt: number;
  /** The first few, with what is needed to see them again. */
  examples: string[];
}

/** Folders in memory: what is tested is what was written, not this machine's disk. */
function workFolder(): string {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'gigatile-replay-'));
}

export async function replay({ events, outcome }: Recording, options: ReplayOptions): Promise<Replayed> {
  const disk = new PoweredDisk();
  const promised = new Promises();
  const found: Replayed = { moments: 0, cuts: 0, promises: 0, lost: 0, corrupt: 0, examples: [] };
  const home = workFolder();
  const look = async (index: number): Promise<void> => {
    if (options.only?.has(index) === false) return;
    found.moments++;
    for (const cut of options.cuts) {
      const folder = join(home, 'cut');
      mkdirSync(folder);
      const files = disk.after(cut, seededRandom(options.seed * 1_000_003 + index));
      for (const [path, bytes] of files) writeFileSync(join(folder, basename(path)), bytes);
      const breach = breachOf(folder, promised, outcome);
      found.cuts++;
      if (breach !== null)
        count(found, breach, `${cut} before call ${index} of ${events.length}, seed ${options.seed}`);
      else await options.visit?.(folder, index, cut);
      rmSync(folder, { recursive: true });
    }
  };
  try {
    for (const [index, event] of events.entries()) {
      if (event.op === 'told') {
        promised.add(JSON.parse(event.line) as Told);
        found.promises++;
      } else {
        await look(index);
        disk.apply(event);
      }
    }
    await look(events.length);
    return found;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function count(found: Replayed, { what, detail }: Breach, where: string): void {
  found[what]++;
  if (found.examples.length < 5) found.examples.push(`${where}: ${what}: ${detail}`);
}
