/** The options of a new run; what is left empty takes the model's or the engine's value, which the field shows. */
import { ChevronDown } from 'lucide-react';
import { useId, useState } from 'react';
import type { ImageInfo } from '../../src-main/contract/image.ts';
import type { ModelManifest } from '../../src-main/contract/model.ts';
import { Select } from '../ui/select.tsx';
import { parametersOf, type OptionTexts } from './run-option-values.ts';

interface RunOptionsProps {
  manifest: ModelManifest;
  image: ImageInfo;
  texts: OptionTexts;
  onChange: (texts: OptionTexts) => void;
}

const mergeOptions = [
  { value: 'exact', label: 'Exact', hint: 'Each tile owns its core; no duplicates, nothing lost' },
  { value: 'sahi-nms', label: 'SAHI NMS', hint: 'As sliced inference with NMS, IOS 0.5' },
  { value: 'sahi-nmm', label: 'SAHI NMM', hint: 'As sliced inference with NMM, IOS 0.5' },
  { value: 'sahi-greedynmm', label: 'SAHI GREEDYNMM', hint: 'As sliced inference with greedy NMM, IOS 0.5' },
] as const;

const jpegOptions = [
  { value: 'fast', label: 'Fast', hint: 'Within 5 of 255 of the exact pixels, on average within 1' },
  { value: 'exact', label: 'Exact', hint: 'The very pixels that OpenSlide gives; slower' },
] as const;

export function RunOptions({ manifest, image, texts, onChange }: RunOptionsProps) {
  const [open, setOpen] = useState(false);
  const advanced = useId();
  const parsed = parametersOf(texts);
  const errors = parsed.ok ? {} : parsed.errors;
  const needsMpp = manifest.mpp !== null && image.mpp === null;
  const text = (
    field: Exclude<keyof OptionTexts, 'merge' | 'jpeg'>,
    label: string,
    placeholder: string,
    hint?: string,
    disabled = false,
  ) => (
    <label className="field">
      <span className="label">{label}</span>
      <input
        className="input"
        inputMode="decimal"
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder}
        disabled={disabled}
        value={texts[field]}
        aria-invalid={errors[field] !== undefined}
        onChange={(event) => onChange({ ...texts, [field]: event.target.value })}
      />
      {errors[field] !== undefined ? (
        <span className="field-error">{errors[field]}</span>
      ) : (
        hint !== undefined && <span className="field-hint">{hint}</span>
      )}
    </label>
  );
  return (
    <section className="options" aria-label="Options">
      {needsMpp &&
        text('mpp', 'Resolution of the image, µm/px', 'for instance 0.25', 'The file does not say it.')}
      <button
        type="button"
        className="disclosure"
        aria-expanded={open}
        aria-controls={advanced}
        onClick={() => setOpen(!open)}
      >
        <ChevronDown aria-hidden />
        Advanced
      </button>
      <div id={advanced} hidden={!open} className="options-grid">
        {text('threshold', 'Threshold', String(manifest.threshold))}
        {text(
          'tileSize',
          'Tile size, px',
          String(manifest.input.tileSize),
          undefined,
          manifest.input.fixedSize,
        )}
        {text('overlap', 'Overlap, px or %', String(manifest.halo * 2))}
        {text('workers', 'Workers', 'automatic')}
        {text('tolerate', 'Failed tiles tolerated', '5 %', 'A number, or a percentage such as 1 %')}
        {!needsMpp && manifest.mpp !== null && text('mpp', 'Image µm/px', image.mpp?.x.toPrecision(4) ?? '')}
        <div className="field">
          <span className="label">Merge across tiles</span>
          <Select
            label="Merge across tiles"
            value={texts.merge}
            options={mergeOptions}
            onChange={(merge) => onChange({ ...texts, merge })}
            className="select-wide"
          />
        </div>
        {image.compression === 'jpeg' && (
          <div className="field">
            <span className="label">JPEG decoder</span>
            <Select
              label="JPEG decoder"
              value={texts.jpeg}
              options={jpegOptions}
              onChange={(jpeg) => onChange({ ...texts, jpeg })}
              className="select-wide"
            />
          </div>
        )}
      </div>
    </section>
  );
}
