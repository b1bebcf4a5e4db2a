/** A review (review.entry.ts) in a process of its own, and how it ended. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { PlainError } from '../../../src-main/contract/errors.ts';

const entry = resolve(import.meta.dirname, 'review.entry.ts');

export interface Ended {
  /** null: killed. */
  code: number | null;
  /** What a person was told; absent where it went well or nobody was told anything. */
  error?: PlainError;
  /** What nobody could have been told. */
  defect?: string;
  stderr: string;
}

export interface ReviewPlace {
  casePath: string;
  image: string;
  /** Folder for exports. */
  out: string;
  dataDir: string;
}

/** However busy the machine is; then it hangs. */
const limitMs = 120_000;

/** @param prefix of the command line, such as strace with its options */
export async function review(
  place: ReviewPlace,
  prefix: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const line = [...prefix, process.execPath, entry, place.casePath, place.image, place.out];
  const child = spawn(line[0] ?? '', line.slice(1), {
    detached: true,
    env: { ...process.env, GIGATILE_DATA_DIR: place.dataDir, ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // With what it started: a tracer that is killed leaves its process running.
  const limit = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), limitMs);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(limit);
  const said = stdout.split('\n').find((text) => text.startsWith('{'));
  return { code, stderr, ...(said !== undefined && (JSON.parse(said) as object)) };
}

export const exportNames = ['findings.csv', 'findings.geojson'] as const;

export function placeIn(folder: string): ReviewPlace {
  return {
    casePath: join(folder, 'c.gigatile'),
    image: join(folder, 'slide.tif'),
    out: folder,
    dataDir: join(folder, 'data'),
  };
}

/** Without the moments at which it was made, which differ. */
export function exportsOf({ out }: Pick<ReviewPlace, 'out'>): string[] {
  return exportNames.map((name) =>
    readFileSync(join(out, name), 'utf8').replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"…"'),
  );
}
