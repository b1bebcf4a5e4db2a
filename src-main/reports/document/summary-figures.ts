/**
 * The figures of a report as lines of text: all that a remote model is given to sum up. Nothing that somebody typed, no names, no
 * places, no pixels; names of classes and of the model are those of its description.
 */
import type { ReportData } from '../report-data.ts';
import type { ReportSummary } from '../summary.ts';
import { between, count, measure, percent, plural } from '../words.ts';
import { outcomeOf } from './outcome.ts';

export function summaryFigures(data: ReportData, summary: ReportSummary): string[] {
  const { run, model, threshold } = data;
  const { counts, analysed, failedArea, intervals } = summary;
  const { manifest } = model;
  return [
    `Model: ${manifest.name} ${manifest.version} (${manifest.task}). ${manifest.description}`,
    ...manifest.limits.map((limit) => `Known limit of the model: ${limit}`),
    `How the run ended: ${outcomeOf(data, summary).title}.`,
    `Tiles: ${count(data.tiles.states.length)} in all, ${count(run.tiles.done)} analysed, ${count(run.tiles.skipped)} skipped on purpose, ${count(run.tiles.failed)} failed, ${count(summary.unreached)} not reached.`,
    ...(analysed === null
      ? ['The image has no known physical size.']
      : [`Area analysed: ${measure(analysed.value)} ${analysed.unit}.`]),
    ...(failedArea !== null && failedArea.value > 0
      ? [`Area of the failed tiles, in none of the numbers: ${measure(failedArea.value)} ${failedArea.unit}.`]
      : []),
    `Results at a score of ${measure(threshold)} or more: ${count(counts.total)}.`,
    ...manifest.classes.flatMap(({ name }, c) => classLine(name, c, summary)),
    ...(summary.density === null || analysed === null
      ? []
      : [
          `Density: ${measure(summary.density)} per ${analysed.unit}${intervals.density === null ? '' : `, 95 % interval ${between(intervals.density.low, intervals.density.high)}`}.`,
        ]),
    ...summary.fractions.map(
      ({ name, fraction }) => `Part of the analysed area that is ${name}: ${percent(fraction)}.`,
    ),
    ...summary.meanValues.map(
      ({ name, mean }) => `Mean over the analysed tiles of ${name}: ${measure(mean)}.`,
    ),
    ...summary.hotspots
      .slice(0, 1)
      .map(
        ({ density, gaps }) =>
          `Densest window of ${measure(summary.hotspotArea?.value ?? 0)} ${summary.hotspotArea?.unit ?? ''}: ${measure(density)} per ${summary.hotspotArea?.unit ?? ''}${gaps === 0 ? '' : `, with ${plural(gaps, 'tile')} in it that have no result`}.`,
      ),
    `Reviewed: ${count(counts.accepted + counts.rejected)}; accepted ${count(counts.accepted)}, rejected ${count(counts.rejected)}, given another class ${count(summary.relabelled)}.`,
    ...(data.quality.judged === 0
      ? []
      : [
          `Out of focus: ${count(data.quality.blurred)} of ${plural(data.quality.judged, 'tile')} that could be judged.`,
        ]),
  ];
}

function classLine(name: string, c: number, { counts, densityByClass, analysed }: ReportSummary): string[] {
  const n = counts.byClass[c] ?? 0;
  const density = densityByClass[c] ?? null;
  if (n === 0) return [];
  return [
    `${name}: ${count(n)}${density === null || analysed === null ? '' : `, ${measure(density)} per ${analysed.unit}`}.`,
  ];
}
