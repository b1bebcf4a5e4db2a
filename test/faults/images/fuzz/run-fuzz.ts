/** One run of the fuzzer: seeded, bounded by a number of files and by time, counted by format and by mutator. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Chance } from './chance.ts';
import { mutate } from './mutate.ts';
import { ProbePool } from './probe-pool.ts';
import type { ProbeLimits, ProbeResult } from './probe-pool.ts';
import type { Seed } from './seeds.ts';

export interface FuzzOptions extends Omit<ProbeLimits, 'cacheFolder'> {
  seed: number;
  files: number;
  /** Ends earlier where this is used up. */
  seconds: number;
  processes: number;
  /** Only this file of the run (to look at a finding). */
  only?: number;
  /** Where files with findings are kept; null: nowhere. */
  keepIn: string | null;
  onFile?(done: number): void;
}

export interface Finding {
  number: number;
  format: string;
  seedFile: string;
  mutator: string;
  defects: string[];
}

export interface Tally {
  files: number;
  opened: number;
  /** Opened, and some of its parts were refused. */
  partly: number;
  refused: Map<string, number>;
  slowestMs: number;
  largestBytes: number;
  findings: number;
}

export interface FuzzReport {
  seed: number;
  files: number;
  seconds: number;
  limits: Omit<ProbeLimits, 'cacheFolder'>;
  byFormat: Map<string, Tally>;
  byMutator: Map<string, Tally>;
  findings: Finding[];
}

function emptyTally(): Tally {
  return { files: 0, opened: 0, partly: 0, refused: new Map(), slowestMs: 0, largestBytes: 0, findings: 0 };
}

function count(tallies: Map<string, Tally>, key: string, result: ProbeResult): void {
  const tally = tallies.get(key) ?? emptyTally();
  tallies.set(key, tally);
  tally.files++;
  if (result.outcome === 'opened') {
    tally.opened++;
    if (result.refusedReads.length > 0) tally.partly++;
  } else {
    tally.refused.set(result.outcome, (tally.refused.get(result.outcome) ?? 0) + 1);
  }
  tally.slowestMs = Math.max(tally.slowestMs, result.milliseconds);
  tally.largestBytes = Math.max(tally.largestBytes, result.peakBytes ?? 0);
  if (result.defects.length > 0) tally.findings++;
}

/** The mutated file of a number: always the same of the same seed and seeds. */
export function mutant(
  seeds: readonly Seed[],
  seed: number,
  number: number,
): { of: Seed; bytes: Buffer; mutator: string } {
  const of = seeds[number % seeds.length];
  const chance = new Chance(seed, number);
  const other = chance.of(seeds);
  if (of === undefined) throw new RangeError('no seeds');
  return { of, ...mutate(of.bytes, other.bytes, chance) };
}

/** Writes the file (and its companions) and says what to open and what an error has to name. */
export function place(
  folder: string,
  of: Seed,
  bytes: Buffer,
  number: number,
): { path: string; names: string[]; folder: string } {
  const inner = join(folder, `${number}-${of.format}`);
  // A folder of its own: some formats look at what lies beside a file.
  const all = [{ name: of.name, bytes }, ...(of.beside ?? [])];
  for (const file of all) {
    mkdirSync(dirname(join(inner, file.name)), { recursive: true });
    writeFileSync(join(inner, file.name), file.bytes);
  }
  const names = [`${number}-${of.format}`, ...all.map(({ name }) => basename(name))];
  return { path: of.folder === true ? inner : join(inner, of.opens ?? of.name), names, folder: inner };
}

export async function runFuzz(seeds: readonly Seed[], options: FuzzOptions): Promise<FuzzReport> {
  const folder = mkdtempSync(join(tmpdir(), 'gigatile-fuzz-'));
  const pool = new ProbePool(options.processes, { ...options, cacheFolder: join(folder, 'cache') });
  const from = Date.now();
  const report: FuzzReport = {
    seed: options.seed,
    files: 0,
    seconds: 0,
    limits: { timeoutMs: options.timeoutMs, memoryBytes: options.memoryBytes },
    byFormat: new Map(),
    byMutator: new Map(),
    findings: [],
  };
  const one = async (number: number): Promise<void> => {
    const { of, bytes, mutator } = mutant(seeds, options.seed, number);
    const { path, names, folder: own } = place(folder, of, bytes, number);
    const result = await pool.read({ path, names, seed: options.seed ^ number });
    report.files++;
    count(report.byFormat, of.format, result);
    count(report.byMutator, mutator, result);
    if (result.defects.length > 0) {
      report.findings.push({
        number,
        format: of.format,
        seedFile: of.name,
        mutator,
        defects: result.defects,
      });
      if (options.keepIn !== null) {
        mkdirSync(options.keepIn, { recursive: true });
        writeFileSync(join(options.keepIn, `${options.seed}-${number}-${basename(of.name)}`), bytes);
      }
    }
    rmSync(own, { force: true, recursive: true });
    options.onFile?.(report.files);
  };
  let next = options.only ?? 0;
  const end = options.only === undefined ? options.files : options.only + 1;
  const lane = async (): Promise<void> => {
    while (next < end && Date.now() - from < options.seconds * 1000) await one(next++);
  };
  try {
    // As many lanes as processes: each file is made while another one is read.
    await Promise.all(Array.from({ length: options.processes }, lane));
  } finally {
    pool.close();
    rmSync(folder, { recursive: true, force: true });
  }
  report.seconds = (Date.now() - from) / 1000;
  report.findings.sort((a, b) => a.number - b.number);
  return report;
}
