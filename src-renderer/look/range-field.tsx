/** Low and high of a band: two thumbs on one slider under the histogram, and the numbers themselves. */
import { Slider as Base } from '@base-ui/react/slider';
import { useState } from 'react';
import type { Range } from './edits.ts';
import { Histogram, rangeOf } from './histogram.tsx';
import type { Series } from './histogram.tsx';
import { words } from '../words/words.ts';

interface RangeFieldProps {
  /** Names the band for those who do not see the histogram. */
  label: string;
  series: readonly Series[];
  value: Range;
  whole: boolean;
  onChange: (range: Range) => void;
}

export function RangeField({ label, series, value, whole, onChange }: RangeFieldProps) {
  // What the slider reaches grows and never shrinks: it must not change under the hand that moves it.
  const [reach, setReach] = useState(() => rangeOf(series, value));
  const range = { min: Math.min(reach.min, value.low), max: Math.max(reach.max, value.high) };
  if (range.min !== reach.min || range.max !== reach.max) setReach(range);
  const span = range.max - range.min;
  const step = whole ? Math.max(1, Math.round(span / 1000)) : span / 1000;
  const round = (number: number): number => (whole ? Math.round(number) : Number(number.toPrecision(5)));
  return (
    <div className="look-range">
      <Histogram series={series} range={range} set={value} />
      <Base.Root
        value={[value.low, value.high]}
        min={range.min}
        max={range.max}
        step={step}
        largeStep={step * 20}
        minStepsBetweenValues={1}
        onValueChange={([low = value.low, high = value.high]) =>
          onChange({ low: round(low), high: round(high) })
        }
      >
        <Base.Control className="slider-control">
          <Base.Track className="slider-track">
            <Base.Indicator className="slider-fill" />
            <Base.Thumb index={0} className="slider-thumb" getAriaLabel={() => words.look.darkAt(label)} />
            <Base.Thumb index={1} className="slider-thumb" getAriaLabel={() => words.look.brightAt(label)} />
          </Base.Track>
        </Base.Control>
      </Base.Root>
      <div className="look-numbers">
        <NumberInput
          label={words.look.darkAt(label)}
          value={value.low}
          onChange={(low) => onChange({ ...value, low })}
        />
        <NumberInput
          label={words.look.brightAt(label)}
          value={value.high}
          onChange={(high) => onChange({ ...value, high })}
        />
      </div>
    </div>
  );
}

/** Takes effect when it is left or with Enter; text that is no number leaves the value as it was. */
function NumberInput({
  label,
  value,
  onChange,
}: {
  label: string;
  value: number;
  onChange: (value: number) => void;
}) {
  const [text, setText] = useState<string | null>(null);
  const commit = (): void => {
    const number = text === null || text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isFinite(number)) onChange(number);
    setText(null);
  };
  return (
    <input
      className="input look-number numeric"
      inputMode="decimal"
      aria-label={label}
      value={text ?? String(Number(value.toPrecision(7)))}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Enter') commit();
        if (event.key === 'Escape') setText(null);
      }}
    />
  );
}
