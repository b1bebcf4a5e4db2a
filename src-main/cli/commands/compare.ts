/** `gigatile compare`: two runs of a case against each other. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { leastIou, type ComparisonOptions, type ComparisonSummary } from '../../contract/compare.ts';
import { GigatileError } from '../../contract/errors.ts';
import { compareRuns, type ComparedRuns, type RunFindings } from '../../engine/compare/compare-runs.ts';
import { writeDifferences } from '../../engine/compare/write-differences.ts';
import { runIdOf, runNoOf } from '../../engine/run-id.ts';
import { CaseFile } from '../../store/case-file.ts';

export async function compare(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      run: { type: 'string', multiple: true },
      iou: { type: 'string' },
      'any-class': { type: 'boolean', default: false },
      'with-rejected': { type: 'boolean', default: false },
      threshold: { type: 'string', multiple: true },
      out: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [path] = positionals;
  const [runA, runB, ...more] = values.run ?? [];
  if (
    path === undefined ||
    positionals.length > 1 ||
    runA === undefined ||
    runB === undefined ||
    more.length > 0
  ) {
    throw new GigatileError('usage', 'compare takes one case file and two runs: --run a --run b');
  }
  const options: ComparisonOptions = {
    ...(values.iou !== undefined && { iou: numberOf('--iou', values.iou, leastIou) }),
    ...(values['any-class'] && { classAware: false }),
    ...(values['with-rejected'] && { withRejected: true }),
    ...thresholds(values.threshold ?? []),
  };
  const file = CaseFile.openReadOnly(resolve(path));
  try {
    const [a, b] = [runA, runB].map((id): RunFindings => {
      return { run: file.runs.get(runNoOf(id)), findings: file.findings };
    }) as [RunFindings, RunFindings];
    const compared = compareRuns(file, a, b, options);
    if (values.out !== undefined) await writeDifferences(file, compared, values.out);
    if (values.json) process.stdout.write(`${JSON.stringify(compared.summary)}\n`);
    else process.stdout.write(table(compared) + (values.out === undefined ? '' : `wrote ${values.out}\n`));
    return 0;
  } finally {
    file.close();
  }
}

/** One for both runs, or one for each. */
function thresholds(texts: readonly string[]): ComparisonOptions {
  if (texts.length > 2)
    throw new GigatileError('usage', '--threshold can be given twice at most: for A and for B');
  const [a, b = a] = texts.map((text) => numberOf('--threshold', text, 0));
  return a === undefined || b === undefined ? {} : { thresholdA: a, thresholdB: b };
}

function numberOf(option: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= 1) return value;
  throw new GigatileError('usage', `${option} ${text} is not a number from ${least} to 1`);
}

const percent = (part: number | null): string => (part === null ? '–' : part.toFixed(3));

function table({ a, b, summary }: ComparedRuns): string {
  const { options, counts, byClass, reference } = summary;
  const name = ({ run }: RunFindings, threshold: number): string =>
    `${runIdOf(run.no)} (${run.manifest.name} ${run.manifest.version}, from ${threshold})`;
  const rows = [
    ['', 'both', 'only A', 'only B', ...(options.classAware ? [] : ['other class'])],
    ...[{ name: 'all', ...counts }, ...(byClass.length > 1 ? byClass : [])].map((row) => [
      row.name,
      ...[row.both, row.onlyA, row.onlyB, ...(options.classAware ? [] : [row.otherClass])].map(String),
    ]),
  ];
  const first = Math.max(...rows.map(([cell]) => cell!.length));
  const lines = rows.map(
    ([cell, ...numbers]) => cell!.padEnd(first) + numbers.map((n) => n.padStart(13)).join(''),
  );
  return [
    `A ${name(a, options.thresholdA)}`,
    `B ${name(b, options.thresholdB)}`,
    `the same object: IoU at least ${options.iou}, ${options.classAware ? 'of the same class' : 'of any class'}${options.withRejected ? '' : '; rejected findings left out'}`,
    '',
    ...lines,
    '',
    `A as reference: precision ${percent(reference.precision)}, recall ${percent(reference.recall)}, F1 ${percent(reference.f1)}`,
    `mean IoU ${percent(summary.meanIou)}${options.classAware ? '' : `, kappa of the classes ${percent(summary.classKappa)}`}`,
    ...tileLines(summary),
    '',
  ].join('\n');
}

function tileLines({ tiles }: Pick<ComparisonSummary, 'tiles'>): string[] {
  if (tiles === null) return [];
  const { compared, meanDifference, meanAbsoluteDifference, agreed, kappa } = tiles;
  const agreement = agreed === null ? '' : `; ${agreed} agree, kappa ${percent(kappa)}`;
  return [
    `tiles: ${compared} compared, B less A ${meanDifference.toFixed(4)} on average, ${meanAbsoluteDifference.toFixed(4)} without sign${agreement}`,
  ];
}
