/** Where reviews are killed: an image, an undisturbed review of it, and what each other one has to end with. */
import Database from 'better-sqlite3';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { modelsDir, version } from '../../../src-main/cli/environment.ts';
import { checkLog } from '../../../src-main/engine/check-log.ts';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import { createEngine, type EngineParts } from '../../../src-main/engine/engine.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import {
  differences,
  forgetCircumstances,
  readAllExports,
  writeAllExports,
} from '../../support/all-exports.ts';
import { tissuePicture } from '../../support/tissue-png.ts';
import { countCalls, type Calls, type CountedCalls } from './count-calls.ts';
import { again } from './figures.ts';
import type { MarkedCommand } from './marked-command.ts';
import { exportNames, exportsOf } from './review.ts';
import { stepOf, strike } from './strike.ts';

export interface Place {
  dataDir: string;
  casePath: string;
  /** What the command line exports. */
  out: string;
}

const options = ['--model', 'he-nuclei', '--mpp', '0.5', '--tile', '128', '--workers', '2', '--json'];

export class KilledReviews {
  readonly #folder: string;
  readonly #image: string;
  readonly #engine: EngineParts;
  #printed: string[] = [];
  #exported: ReadonlyMap<string, Buffer> = new Map();
  /** An undisturbed review takes so long. */
  wholeMs = 0;
  calls: CountedCalls = { whole: new Map(), at: new Map() };
  exportCalls: Calls = new Map();

  private constructor(folder: string, image: string, engine: EngineParts) {
    this.#folder = folder;
    this.#image = image;
    this.#engine = engine;
  }

  static async prepare(): Promise<KilledReviews> {
    const folder = mkdtempSync(join(tmpdir(), 'gigatile-kill-'));
    const image = join(folder, 'tissue.png');
    writeFileSync(image, tissuePicture(1400, 1100, 100).png);
    const engine = await createEngine({
      host: new ChildWorkerHost(),
      shell: { kind: 'web' },
      dataDir: join(folder, 'engine'),
      modelsDir,
      version,
    });
    const reviews = new KilledReviews(folder, image, engine);
    const place = reviews.place('undisturbed');
    const from = Date.now();
    reviews.calls = await countCalls(reviews.next(place));
    // Has ended already where calls can be counted.
    await reviews.toTheEnd(place);
    reviews.wholeMs = Date.now() - from;
    reviews.#printed = exportsOf(place);
    forgetCircumstances(place.casePath);
    const command = reviews.exportAll(place);
    reviews.exportCalls = (await countCalls(command)).at.get('exports') ?? new Map<string, number>();
    // The other half of the proof is another process: each case's own.
    reviews.#exported = existsSync(allIn(place.dataDir))
      ? readAllExports(allIn(place.dataDir))
      : await reviews.#allExports(place);
    rmSync(allIn(place.dataDir), { recursive: true });
    return reviews;
  }

  async close(): Promise<void> {
    await this.#engine.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A copy of the review that nobody disturbed, at its end. */
  ended(name: string): Place {
    return this.place(name, this.place('undisturbed'));
  }

  /** @param like a place that is gone on with, as it is */
  place(name: string, like?: Place): Place {
    const dataDir = join(this.#folder, name);
    mkdirSync(dataDir, { recursive: true });
    if (like) cpSync(like.dataDir, dataDir, { recursive: true });
    return { dataDir, casePath: join(dataDir, 'c.gigatile'), out: join(dataDir, 'out') };
  }

  /** What a person would type next. */
  next({ dataDir, casePath, out }: Place): MarkedCommand {
    const cli = (...args: string[]): MarkedCommand => ({ dataDir, entry: 'marked-cli', args });
    const step = stepOf(casePath);
    if (step === null) return cli('analyze', this.#image, ...options, '--case', casePath, '--out', out);
    if (step !== 'finished') return cli('resume', casePath, '--json', '--out', out);
    const missing = exportNames.find((name) => !existsSync(join(out, name))) ?? exportNames[0];
    mkdirSync(out, { recursive: true });
    return cli('export', casePath, '--format', missing.split('.')[1] ?? '', '--out', join(out, missing));
  }

  isComplete({ casePath, out }: Place): boolean {
    return stepOf(casePath) === 'finished' && exportNames.every((name) => existsSync(join(out, name)));
  }

  async toTheEnd(place: Place): Promise<void> {
    for (let commands = 0; !this.isComplete(place); commands++) {
      const { code, stderr } = await strike(this.next(place), place.casePath, null);
      expect(code, `${again}: ${stderr}`).toBe(0);
      expect(commands, again).toBeLessThan(5);
    }
  }

  /** Of a run that has ended, without what differs each time. */
  exportAll({ dataDir, casePath }: Place): MarkedCommand {
    return { dataDir, entry: 'export-all', args: [casePath, allIn(dataDir)] };
  }

  async #allExports({ casePath, dataDir }: Place): Promise<Map<string, Buffer>> {
    const session = await this.#engine.cases.borrow(casePath, null);
    try {
      await writeAllExports(this.#engine, session, allIn(dataDir));
    } finally {
      await this.#engine.cases.giveBack(session);
    }
    return readAllExports(allIn(dataDir));
  }

  /** What the exports of a review that came to its end have that those of the undisturbed one have not, and the other way round. */
  async differences(place: Place): Promise<string[]> {
    const found = exportsOf(place).flatMap((text, i) =>
      text === this.#printed[i] ? [] : [`${exportNames[i]} as the command line wrote it`],
    );
    forgetCircumstances(place.casePath);
    return [...found, ...differences(this.#exported, await this.#allExports(place))];
  }

  /** Files that a killed export left under their own names, and that are not whole. */
  broken({ dataDir }: Place): string[] {
    if (!existsSync(allIn(dataDir))) return [];
    const left = new Map([...readAllExports(allIn(dataDir))].filter(([name]) => !name.startsWith('.')));
    const expected = new Map([...this.#exported].filter(([name]) => left.has(name)));
    return differences(expected, left);
  }

  async expectLikeUndisturbed(place: Place, story: string): Promise<void> {
    const file = CaseFile.openReadOnly(place.casePath);
    try {
      expect(checkLog(file), story).toEqual([]);
      const results = [...file.tiles.results(1)].map(({ tile }) => tile);
      const counts = file.tiles.counts(1);
      expect(new Set(results).size, story).toBe(counts.done);
      expect(counts, story).toMatchObject({ pending: 0, running: 0, waiting: 0, failed: 0 });
    } finally {
      file.close();
    }
    expect(await this.differences(place), story).toEqual([]);
  }
}

const allIn = (dataDir: string): string => join(dataDir, 'all');

/** For the positive control: one tile with findings is gone, and synthesize is still to come. */
export function robTile({ casePath, out }: Place): void {
  const db = new Database(casePath);
  db.exec(`UPDATE run SET state = 'interrupted', step = 'synthesize';
    DELETE FROM tile_result WHERE idx = (SELECT idx FROM tile_result ORDER BY length(detections) DESC LIMIT 1)`);
  db.close();
  rmSync(out, { recursive: true });
}
