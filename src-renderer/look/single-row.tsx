/** One band in grey or through a palette. */
import type { CaseView } from '../../src-main/contract/api.ts';
import { singlePalettes } from '../../src-main/contract/look.ts';
import type { DisplayLook, ImageLook, SinglePalette } from '../../src-main/contract/look.ts';
import { Select } from '../ui/select.tsx';
import { withPalette, withRange } from './edits.ts';
import { bandName } from './presets.ts';
import { RangeField } from './range-field.tsx';
import { words } from '../words/words.ts';

const paletteNames: Readonly<Record<SinglePalette, string>> = {
  gray: words.look.grey,
  'gray-inverted': words.look.greyInverted,
  viridis: words.look.viridis,
  cividis: words.look.cividis,
};

interface SingleRowProps {
  image: CaseView['image'];
  description: ImageLook;
  look: Extract<DisplayLook, { mode: 'single' }>;
  onChange: (look: DisplayLook) => void;
}

export function SingleRow({ image, description, look, onChange }: SingleRowProps) {
  const name = bandName(image, look.band.band);
  const statistics = description.bands[look.band.band];
  return (
    <div className="look-row" role="group" aria-label={name}>
      <div className="look-row-head">
        <span className="label">{name}</span>
        <Select
          className="button-small look-band"
          label={words.look.palette}
          value={look.palette}
          options={singlePalettes.map((palette) => ({ value: palette, label: paletteNames[palette] }))}
          onChange={(palette) => onChange(withPalette(look, palette))}
        />
      </div>
      {statistics !== undefined && (
        <RangeField
          key={look.band.band}
          label={name}
          series={[{ statistics, color: 'var(--text-2)' }]}
          value={look.band}
          whole={!image.dtype.startsWith('float')}
          onChange={(range) => onChange(withRange(look, [0], range))}
        />
      )}
    </div>
  );
}
