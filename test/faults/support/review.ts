/** A review (review.entry.ts) in a process of its own, and how it ended. */
import { spawnSync } from 'node:child_process';
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

/** @param prefix of the command line, such as strace with its options */
export function review(
  place: ReviewPlace,
  prefix: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Ended {
  const line = [...prefix, process.execPath, entry, place.casePath, place.image, place.out];
  const ended = spawnSync(line[0] ?? '', line.slice(1), {
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, GIGATILE_DATA_DIR: place.dataDir, ...env },
  });
  if (ended.error) throw ended.error;
  const said = ended.stdout.split('\n').find((text) => text.startsWith('{'));
  return {
    code: ended.status,
    stderr: ended.stderr,
    ...(said !== undefined && (JSON.parse(said) as object)),
  };
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
