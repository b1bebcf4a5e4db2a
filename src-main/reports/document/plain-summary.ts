/** The report in a few sentences, put together by rules from its numbers; and what a remote model said, marked as what it is. */
import type { ReportData } from '../report-data.ts';
import type { ReportSummary } from '../summary.ts';
import { between, count, dateTime, listed, measure, percent, plural } from '../words.ts';
import type { Block, Section } from './document.ts';
import { outcomeOf } from './outcome.ts';
import { summaryFigures } from './summary-figures.ts';

/** @param listsFigures whether this report lists what a remote model was given */
export function plainSummary(data: ReportData, summary: ReportSummary, listsFigures: boolean): Section {
  const by = 'Put together by rules from the numbers of this report; no model wrote it.';
  return {
    id: 'summary',
    title: 'Summary',
    blocks: [
      { kind: 'figures', items: figures(data, summary) },
      { kind: 'paragraph', text: sentences(data, summary).join(' ') },
      { kind: 'paragraph', isNote: true, text: by },
      ...remoteWords(data, summary, listsFigures),
      ...scene(data),
    ],
  };
}

/** The numbers that are read first. */
function figures(data: ReportData, summary: ReportSummary): { label: string; value: string; note: string }[] {
  const { counts, analysed, intervals } = summary;
  const isDetector = data.model.manifest.task === 'detect';
  const tiles = plural(data.run.tiles.done, 'tile');
  return [
    {
      label: isDetector
        ? 'Findings'
        : data.model.manifest.task === 'segment'
          ? 'Regions'
          : 'Tiles of interest',
      value: count(counts.total),
      note: `at a score of ${measure(data.threshold)} or more`,
    },
    ...(summary.density === null || analysed === null || !isDetector
      ? []
      : [
          {
            label: 'Density',
            value: measure(summary.density),
            note:
              intervals.density === null
                ? `per ${analysed.unit} analysed`
                : `per ${analysed.unit}; 95 %: ${between(intervals.density.low, intervals.density.high)}`,
          },
        ]),
    analysed === null
      ? { label: 'Analysed', value: count(data.run.tiles.done), note: `${tiles}, no physical size known` }
      : { label: 'Analysed', value: `${measure(analysed.value)} ${analysed.unit}`, note: tiles },
    {
      label: 'Reviewed',
      value: count(counts.accepted + counts.rejected),
      note: `${count(counts.accepted)} accepted, ${count(counts.rejected)} rejected`,
    },
  ];
}

function sentences(data: ReportData, summary: ReportSummary): string[] {
  const { run, model } = data;
  const { counts, analysed, failedArea } = summary;
  const attempted = data.tiles.states.length - run.tiles.skipped;
  const part = attempted === 0 ? 0 : run.tiles.done / attempted;
  const said: string[] = [];
  said.push(
    attempted === 0
      ? `${model.manifest.name} was given no tile of this image to look at: all were skipped.`
      : `${model.manifest.name} looked at ${extent(part, attempted)}${analysed === null ? '' : `, ${measure(analysed.value)} ${analysed.unit} of the image`}.`,
  );
  said.push(results(data, summary));
  const spot = summary.hotspots[0];
  if (spot !== undefined && summary.hotspotArea !== null) {
    // The window is cut where the image is smaller.
    const area = spot.count / spot.density;
    said.push(
      `They lie densest in a rectangle of ${measure(area)} ${summary.hotspotArea.unit}: ${count(spot.count)}, or ${measure(spot.density)} per ${summary.hotspotArea.unit}.`,
    );
  }
  const reviewed = counts.accepted + counts.rejected;
  if (counts.total > 0) {
    said.push(
      reviewed === 0
        ? 'Nobody has reviewed any of this yet.'
        : `${percent(reviewed / counts.total)} of it is reviewed: ${count(counts.accepted)} accepted, ${count(counts.rejected)} rejected, which leaves ${count(counts.total - counts.rejected)}.`,
    );
  }
  if (run.tiles.failed > 0) {
    said.push(
      `${plural(run.tiles.failed, 'tile')}${failedArea === null ? '' : ` (${measure(failedArea.value)} ${failedArea.unit})`} failed and ${run.tiles.failed === 1 ? 'is' : 'are'} in none of these numbers.`,
    );
  }
  if (summary.unreached > 0) said.push(`${outcomeOf(data, summary).title}.`);
  return said;
}

function extent(part: number, attempted: number): string {
  if (attempted === 1) return part === 1 ? 'the one tile that was to be looked at' : 'none of its one tile';
  return `${part === 1 ? 'all' : percent(part)} of the ${plural(attempted, 'tile')} that were to be looked at`;
}

function results(data: ReportData, summary: ReportSummary): string {
  const { manifest } = data.model;
  const { counts, fractions } = summary;
  if (fractions.length > 0) {
    const largest = fractions
      .filter((_, c) => c !== manifest.backgroundClass)
      .toSorted((a, b) => b.fraction - a.fraction)
      .slice(0, 3);
    return `Of what it looked at, ${listed(largest.map(({ name, fraction }) => `${percent(fraction)} is ${name}`))}.`;
  }
  const score = `at a score of ${measure(data.threshold)} or more`;
  if (counts.total === 0) return `It reported nothing ${score}.`;
  const byClass = manifest.classes
    .map(({ name }, c) => ({ name, n: counts.byClass[c] ?? 0 }))
    .filter(({ n }) => n > 0)
    .toSorted((a, b) => b.n - a.n);
  const named =
    byClass.length > 1
      ? `: ${listed(byClass.slice(0, 4).map(({ name, n }) => `${count(n)} ${name}`))}${byClass.length > 4 ? ' among others' : ''}`
      : '';
  const what = plural(
    counts.total,
    manifest.task === 'detect' ? 'finding' : 'tile of interest',
    manifest.task === 'detect' ? 'findings' : 'tiles of interest',
  );
  return `It reported ${what} ${score}${named}.`;
}

/** What a remote model wrote of these figures; what it wrote of others is not shown. */
function remoteWords(data: ReportData, summary: ReportSummary, listsFigures: boolean): Block[] {
  const { remoteSummary: written } = data;
  if (written === undefined) return [];
  const figures = summaryFigures(data, summary);
  if (figures.join('\n') !== written.figures.join('\n')) {
    const text = `A remote model summed up this run on ${dateTime(written.at)}. The figures are others by now, so what it wrote is left out.`;
    return [{ kind: 'paragraph', isNote: true, text }];
  }
  return [
    { kind: 'heading', text: 'Summary by a remote model' },
    { kind: 'paragraph', text: written.text },
    {
      kind: 'paragraph',
      isNote: true,
      text: [
        { text: 'Written by a remote model, and checked by nobody:', as: 'strong' },
        ' ',
        { text: written.model, as: 'code' },
        ' at ',
        { text: written.endpoint, as: 'code' },
        `, on ${dateTime(written.at)}.${costWords(written.usage)} The prompt: “${written.prompt}” Beside it the model was given figures and nothing else; ${listsFigures ? 'they are listed under “How this was made”' : 'the case keeps them'}.`,
      ],
    },
  ];
}

/** What a remote model said of the image as a whole; nothing where the model runs on the machine itself. */
function scene({ run }: ReportData): Block[] {
  const { scene: said, usage } = run;
  if (said === undefined) return [];
  const by =
    said.by === 'remote'
      ? 'Written by a remote model'
      : 'Put together by rules from what a remote model wrote';
  return [
    { kind: 'heading', text: 'Description' },
    { kind: 'paragraph', text: said.text },
    ...(said.problem === null
      ? []
      : [
          {
            kind: 'paragraph' as const,
            text: [{ text: 'Not written by the endpoint:', as: 'strong' as const }, ` ${said.problem}`],
          },
        ]),
    {
      kind: 'paragraph',
      text: [
        { text: `${by}:`, as: 'strong' },
        ' ',
        { text: said.model, as: 'code' },
        ' at ',
        { text: said.endpoint, as: 'code' },
        `, from ${plural(said.regions, 'region')}; SHA-256 of the prompt `,
        { text: said.promptSha256, as: 'code' },
        `.${usage === undefined ? '' : costWords(usage)}`,
      ],
    },
  ];
}

function costWords({
  requests,
  inputTokens,
  outputTokens,
  usd,
}: NonNullable<ReportData['run']['usage']>): string {
  const money = usd === null ? '' : `, ${usd.toFixed(usd < 0.1 ? 4 : 2)} USD`;
  return ` ${plural(requests, 'answer')}, ${count(inputTokens)} tokens sent and ${count(outputTokens)} received${money}.`;
}
