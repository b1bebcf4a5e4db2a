/** Histograms of one or more bands over a common range, with what is stretched between dark and bright marked. */
import type { BandStatistics } from '../../src-main/contract/look.ts';
import type { Range } from './edits.ts';

export interface Series {
  statistics: BandStatistics;
  /** CSS colour. */
  color: string;
}

const [width, height] = [256, 44];

/** Values that the sliders of these bands reach: their histograms' range, and where they are set now. */
export function rangeOf(series: readonly Series[], ...set: readonly Range[]): { min: number; max: number } {
  const min = Math.min(...series.map(({ statistics }) => statistics.min), ...set.map(({ low }) => low));
  const max = Math.max(...series.map(({ statistics }) => statistics.max), ...set.map(({ high }) => high));
  return { min, max: max > min ? max : min + 1 };
}

export function Histogram({
  series,
  range,
  set,
}: {
  series: readonly Series[];
  range: { min: number; max: number };
  set: Range;
}) {
  const at = (value: number): number => ((value - range.min) / (range.max - range.min)) * width;
  const [low, high] = [at(set.low), at(set.high)];
  return (
    <svg className="look-histogram" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden>
      {series.map(({ statistics, color }, i) => (
        <path key={i} d={outline(statistics, at)} fill={color} fillOpacity={series.length > 1 ? 0.5 : 0.85} />
      ))}
      <rect className="look-cut" x={0} y={0} width={Math.max(0, low)} height={height} />
      <rect className="look-cut" x={high} y={0} width={Math.max(0, width - high)} height={height} />
    </svg>
  );
}

/** Heights by the square root of counts, so that a signal of few pixels is seen beside its background. */
function outline({ histogram, min, max }: BandStatistics, at: (value: number) => number): string {
  const most = Math.max(1, ...histogram);
  const step = (max - min) / histogram.length;
  const points = histogram.map((count, bin) => {
    const y = height - Math.sqrt(count / most) * (height - 2);
    return `L${at(min + bin * step).toFixed(1)} ${y.toFixed(1)}H${at(min + (bin + 1) * step).toFixed(1)}`;
  });
  return `M${at(min).toFixed(1)} ${height}${points.join('')}V${height}Z`;
}
