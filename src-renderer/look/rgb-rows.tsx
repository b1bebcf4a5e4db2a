/** Three bands as red, green and blue. */
import { useState } from 'react';
import type { CaseView } from '../../src-main/contract/api.ts';
import type { DisplayLook, ImageLook } from '../../src-main/contract/look.ts';
import { Select } from '../ui/select.tsx';
import { SwitchRow } from '../ui/switch-row.tsx';
import { withBand, withRange } from './edits.ts';
import type { Series } from './histogram.tsx';
import { bandName, startingStretch } from './presets.ts';
import { RangeField } from './range-field.tsx';
import { words } from '../words/words.ts';

const colours = [
  { name: words.look.red, css: 'var(--look-red)' },
  { name: words.look.green, css: 'var(--look-green)' },
  { name: words.look.blue, css: 'var(--look-blue)' },
] as const;

interface RgbRowsProps {
  image: CaseView['image'];
  description: ImageLook;
  look: Extract<DisplayLook, { mode: 'rgb' }>;
  onChange: (look: DisplayLook) => void;
}

export function RgbRows({ image, description, look, onChange }: RgbRowsProps) {
  const [first] = look.bands;
  const isEqual = look.bands.every(({ low, high }) => low === first.low && high === first.high);
  // The colours of a photograph stay true only while its bands are stretched alike.
  const [together, setTogether] = useState(image.dtype === 'uint8' && isEqual);
  const whole = !image.dtype.startsWith('float');
  const bands = Array.from({ length: image.bands }, (_, band) => ({
    value: String(band),
    label: bandName(image, band),
  }));
  const series = look.bands.flatMap(({ band }, place): Series[] => {
    const statistics = description.bands[band];
    return statistics === undefined ? [] : [{ statistics, color: colours[place]?.css ?? '' }];
  });
  return (
    <>
      {look.bands.map((stretch, place) => {
        const colour = colours[place] ?? colours[0];
        const own = series[place];
        return (
          <div className="look-row" key={colour.name} role="group" aria-label={colour.name}>
            <div className="look-row-head">
              <span className="swatch" style={{ background: colour.css }} />
              <span className="label">{colour.name}</span>
              <Select
                className="button-small look-band"
                label={words.look.bandShownAs(colour.name.toLowerCase())}
                value={String(stretch.band)}
                options={bands}
                onChange={(band) =>
                  onChange(withBand(look, place, startingStretch(description, Number(band))))
                }
              />
            </div>
            {!together && own !== undefined && (
              <RangeField
                key={stretch.band}
                label={colour.name}
                series={[own]}
                value={stretch}
                whole={whole}
                onChange={(range) => onChange(withRange(look, [place], range))}
              />
            )}
          </div>
        );
      })}
      {together && (
        <RangeField
          key={look.bands.map(({ band }) => band).join()}
          label={words.look.allBands}
          series={series}
          value={first}
          whole={whole}
          onChange={(range) => onChange(withRange(look, [0, 1, 2], range))}
        />
      )}
      <SwitchRow
        label={words.look.sameContrastForAllThree}
        checked={together}
        onChange={(next) => {
          setTogether(next);
          if (next && !isEqual) onChange(withRange(look, [0, 1, 2], first));
        }}
      />
    </>
  );
}
