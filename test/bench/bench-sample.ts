/** Sample slides for benchmarks, made once and kept in the system's temporary folder. */
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSample } from '../../src-main/samples/generate-sample.ts';

export const benchFolder = join(tmpdir(), 'gigatile-bench');

export async function benchSample(width: number, height: number): Promise<string> {
  mkdirSync(benchFolder, { recursive: true });
  const path = join(benchFolder, `sample-${width}x${height}.tif`);
  if (existsSync(path)) return path;
  console.log(`Making ${path}, once …`);
  const summary = await generateSample({ kind: 'pathology', width, height, seed: 1, out: path });
  const rate = (width * height) / 1e6 / summary.seconds;
  console.log(`${summary.seconds.toFixed(1)} s, ${rate.toFixed(1)} MPix/s`);
  return path;
}
