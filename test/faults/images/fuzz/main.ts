/**
 * `npm run fuzz:images -- [--seed n] [--files n] [--seconds n] [--processes n] [--only n] [--keep folder] [--write] [--guided]`
 *
 * Damages a file of every format in every way, lets worker processes read it, and fails where anything happens but a clear
 * refusal. `--only` does one file of a run again; `--write` keeps the counts in test/faults/results/fuzz-images.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runGuided } from './guided.ts';
import { fuzzLimits } from './limits.ts';
import { runFuzz } from './run-fuzz.ts';
import { makeSeeds } from './seeds.ts';
import { findingLines, summary } from './summary.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    files: { type: 'string', default: '24000' },
    seconds: { type: 'string', default: '3600' },
    processes: { type: 'string', default: '2' },
    only: { type: 'string' },
    format: { type: 'string' },
    keep: { type: 'string' },
    write: { type: 'boolean', default: false },
    guided: { type: 'boolean', default: false },
  },
});

const seeds = (await makeSeeds()).filter(
  ({ format }) => values.format === undefined || format === values.format,
);
if (values.guided) {
  const guided = await runGuided(seeds, {
    seed: Number(values.seed),
    seconds: Number(values.seconds),
    files: Number(values.files),
    keepIn: values.keep ?? null,
    onProgress: (line) => console.log(line),
  });
  for (const line of guided.lines) console.log(line);
  process.exitCode = guided.findings === 0 ? 0 : 1;
} else {
  let shown = 0;
  const report = await runFuzz(seeds, {
    ...fuzzLimits,
    seed: Number(values.seed),
    files: Number(values.files),
    seconds: Number(values.seconds),
    processes: Number(values.processes),
    keepIn: values.keep ?? null,
    ...(values.only === undefined ? {} : { only: Number(values.only) }),
    onFile: (done) => {
      if (done - shown < 1000) return;
      shown = done;
      console.log(`${done} files`);
    },
  });
  for (const line of findingLines(report)) console.log(line);
  console.log(
    `${report.files} files in ${report.seconds.toFixed(0)} s, ${report.findings.length} with findings`,
  );
  if (values.write) {
    const results = join(import.meta.dirname, '..', '..', 'results');
    mkdirSync(results, { recursive: true });
    writeFileSync(join(results, 'fuzz-images.md'), summary(report, seeds));
  }
  process.exitCode = report.findings.length === 0 ? 0 : 1;
}
