/**
 * The fuzzer led by coverage: a damaged file that makes a reader do something that none before has made it do is kept, and damaged
 * further. (Jazzer.js would be the tool for this; its native part needs a newer C library than the systems that Gigatile is tested on
 * have, and its older versions download theirs.)
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Chance } from './chance.ts';
import { fuzzLimits } from './limits.ts';
import { mutate } from './mutate.ts';
import { ProbePool } from './probe-pool.ts';
import { place } from './run-fuzz.ts';
import type { Finding } from './run-fuzz.ts';
import type { Seed } from './seeds.ts';
import { findingLines } from './summary.ts';

export interface GuidedOptions {
  seed: number;
  seconds: number;
  files: number;
  keepIn: string | null;
  onProgress(line: string): void;
}

/** Damage upon damage makes a file that nothing reads. */
const mostGenerations = 12;

export async function runGuided(
  seeds: readonly Seed[],
  options: GuidedOptions,
): Promise<{ lines: string[]; findings: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'gigatile-guided-'));
  const pool = new ProbePool(1, { ...fuzzLimits, cacheFolder: join(folder, 'cache'), coverage: true });
  const corpus = seeds.map((seed) => ({ seed, generation: 0 }));
  const blocks = new Set<string>();
  const findings: Finding[] = [];
  const from = Date.now();
  let files = 0;
  /** Reads a file; how many blocks were new. */
  const read = async (of: Seed, bytes: Buffer, mutator: string): Promise<number> => {
    const number = files++;
    const placed = place(folder, of, bytes, number);
    const result = await pool.read({ ...placed, seed: options.seed });
    rmSync(placed.folder, { recursive: true, force: true });
    if (result.defects.length > 0) {
      findings.push({ number, format: of.format, seedFile: of.name, mutator, defects: result.defects });
      if (options.keepIn !== null) {
        mkdirSync(options.keepIn, { recursive: true });
        writeFileSync(join(options.keepIn, `guided-${options.seed}-${number}-${basename(of.name)}`), bytes);
      }
    }
    const before = blocks.size;
    for (const block of result.blocks ?? []) blocks.add(block);
    return blocks.size - before;
  };
  try {
    for (const seed of seeds) await read(seed, seed.bytes, 'none');
    const atFirst = blocks.size;
    while (files < options.files && Date.now() - from < options.seconds * 1000) {
      const chance = new Chance(options.seed, files);
      // Half of the time one of those that were found last.
      const young = Math.max(0, corpus.length - 64);
      const parent =
        corpus[chance.yes(0.5) ? young + chance.below(corpus.length - young) : chance.below(corpus.length)];
      if (parent === undefined) break;
      const { bytes, mutator } = mutate(parent.seed.bytes, chance.of(corpus).seed.bytes, chance);
      const fresh = await read(parent.seed, bytes, mutator);
      if (fresh > 0 && parent.generation < mostGenerations && bytes.length < 4_000_000) {
        corpus.push({ seed: { ...parent.seed, bytes }, generation: parent.generation + 1 });
      }
      if (files % 500 === 0) {
        options.onProgress(
          `${files} files, ${corpus.length} kept, ${blocks.size} blocks, ${findings.length} findings`,
        );
      }
    }
    const lines = [
      ...findingLines({ findings }),
      `${files} files in ${Math.round((Date.now() - from) / 1000)} s: whole files reach ${atFirst} blocks, damaged ones ${blocks.size}; ${corpus.length - seeds.length} kept; ${findings.length} with findings`,
    ];
    return { lines, findings: findings.length };
  } finally {
    pool.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
