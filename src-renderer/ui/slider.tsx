/** A labelled slider for one number. */
import { Slider as Base } from '@base-ui/react/slider';
import type { ReactNode } from 'react';

interface SliderProps {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  /** The value as it is shown. */
  format: (value: number) => string;
  onChange: (value: number) => void;
  /** Stands over the track, as wide as it is, and is moved along as the track is. */
  children?: ReactNode;
  /** The hand has left the slider. */
  onCommit?: (value: number) => void;
}

export function Slider({ label, value, min, max, step, format, onChange, onCommit, children }: SliderProps) {
  return (
    <Base.Root
      className="slider"
      value={value}
      min={min}
      max={max}
      step={step}
      largeStep={step * 10}
      onValueChange={(next) => onChange(next)}
      {...(onCommit === undefined ? {} : { onValueCommitted: (next: number) => onCommit(next) })}
    >
      <div className="slider-head">
        <Base.Label className="label">{label}</Base.Label>
        <span className="label numeric">{format(value)}</span>
      </div>
      <Base.Control className="slider-control">
        {children}
        <Base.Track className="slider-track">
          <Base.Indicator className="slider-fill" />
          <Base.Thumb className="slider-thumb" getAriaValueText={() => format(value)} />
        </Base.Track>
      </Base.Control>
    </Base.Root>
  );
}
