/** Scores of the findings as bars, which are the threshold's slider: what moving it would let in or out. */
import { useMemo } from 'react';
import { useCase } from '../state/case-store.ts';
import { useView } from '../state/view-store.ts';
import { count, score } from '../ui/format.ts';
import { Slider } from '../ui/slider.tsx';
import { words } from '../words/words.ts';

const bins = 48;

export function ThresholdHistogram({ keepFrom }: { keepFrom: number }) {
  const findings = useCase((state) => state.findings);
  const threshold = useView((state) => state.threshold);
  const set = useView((state) => state.set);
  const bars = useMemo(
    () => findings?.histogram(bins, keepFrom) ?? new Uint32Array(bins),
    [findings, keepFrom],
  );
  const shown = useMemo(() => findings?.countFrom(threshold) ?? 0, [findings, threshold]);
  // The root keeps rare scores visible beside common ones.
  const highest = Math.max(1, ...bars);
  return (
    <Slider
      label={words.findings.threshold}
      value={threshold}
      min={keepFrom}
      max={1}
      step={0.01}
      format={score}
      onChange={(next) => set({ threshold: next })}
    >
      <svg
        className="histogram"
        viewBox={`0 0 ${bins} 32`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words.findings.scoresOfFindingsAtOrAbove(count(findings?.count ?? 0), count(shown))}
      >
        {Array.from(bars, (value, bin) => {
          const height = value === 0 ? 0 : Math.max(1.5, 31 * Math.sqrt(value / highest));
          const middle = keepFrom + ((bin + 0.5) / bins) * (1 - keepFrom);
          return (
            <rect
              key={bin}
              x={bin + 0.1}
              y={32 - height}
              width={0.8}
              height={height}
              className={middle >= threshold ? 'bar bar-in' : 'bar'}
            />
          );
        })}
      </svg>
    </Slider>
  );
}
