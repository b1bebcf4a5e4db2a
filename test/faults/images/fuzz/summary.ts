/** What a run of the fuzzer found, as a page for people. */
import type { FuzzReport, Tally } from './run-fuzz.ts';
import type { Seed } from './seeds.ts';

const megabyte = 1024 * 1024;

function codes(tally: Tally): string {
  return [...tally.refused]
    .toSorted(([, a], [, b]) => b - a)
    .map(([code, files]) => `${code} ${files}`)
    .join(', ');
}

function table(first: string, tallies: ReadonlyMap<string, Tally>): string[] {
  const rows = [...tallies]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, tally]) =>
      [
        name,
        tally.files,
        tally.opened,
        tally.partly,
        codes(tally) || 'none',
        Math.round(tally.slowestMs),
        Math.round(tally.largestBytes / megabyte),
        tally.findings,
      ].join(' | '),
    );
  return [
    `| ${first} | files | opened | of these with refused parts | refused by | slowest file, all of it, ms | largest memory, MB | findings |`,
    '| --- | --: | --: | --: | --- | --: | --: | --: |',
    ...rows.map((row) => `| ${row} |`),
  ];
}

/** Markdown. */
export function summary(report: FuzzReport, seeds: readonly Seed[]): string {
  const { seed, files, seconds, limits, findings } = report;
  return [
    '# Damaged images',
    '',
    `${files} mutated files from ${seeds.length} whole ones, seed ${seed}, ${seconds.toFixed(0)} s. Each was opened in a worker process with the`,
    "application's codecs and limits; its information, fingerprint, regions of every level, display tiles, a scaled picture and its",
    'associated images were read. Nothing else may happen than that it opens, or that it is refused with one of the codes below, in an',
    'error that names the file.',
    '',
    `Limits: ${limits.timeoutMs / 1000} s a request, ${Math.round(limits.memoryBytes / megabyte)} MB for the process. Findings (crash, hang, memory, an error of another kind): **${findings.length}**.`,
    '',
    `Again: \`npm run fuzz:images -- --seed ${seed} --files ${files} --write\`; one file of it: \`--only <number>\`.`,
    '',
    '## By format',
    '',
    ...table('format', report.byFormat),
    '',
    '## By mutator',
    '',
    ...table('mutator', report.byMutator),
    '',
    ...(findings.length > 0
      ? ['## Findings', '', ...findingLines(report).map((line) => `- ${line}`), '']
      : []),
  ].join('\n');
}

/** One line a finding. */
export function findingLines(report: Pick<FuzzReport, 'findings'>): string[] {
  return report.findings.map(
    ({ number, format, seedFile, mutator, defects }) =>
      `#${number} ${format} ${seedFile}, ${mutator}: ${defects.slice(0, 3).join(' ## ').slice(0, 900)}`,
  );
}
