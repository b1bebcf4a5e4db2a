/** The options of a new run; what is left empty takes the model's or the engine's value, which the field shows. */
import { ChevronDown } from 'lucide-react';
import { useId, useState } from 'react';
import type { ImageInfo } from '../../src-main/contract/image.ts';
import type { ModelCard, ModelManifest } from '../../src-main/contract/model.ts';
import { useApp } from '../state/app-store.ts';
import { Select } from '../ui/select.tsx';
import { parametersOf, type OptionTexts } from './run-option-values.ts';

interface RunOptionsProps {
  manifest: ModelManifest;
  /** null: many images. */
  image: ImageInfo | null;
  /** Classifiers that can look first. */
  gates: readonly { value: string; card: ModelCard }[];
  texts: OptionTexts;
  onChange: (texts: OptionTexts) => void;
}

/** No address of a queue is so short. */
const otherQueue = '…';

const mergeOptions = [
  { value: 'exact', label: 'Exact', hint: 'Each tile owns its core; no duplicates, nothing lost' },
  { value: 'sahi-nms', label: 'SAHI NMS', hint: 'As sliced inference with NMS, IOS 0.5' },
  { value: 'sahi-nmm', label: 'SAHI NMM', hint: 'As sliced inference with NMM, IOS 0.5' },
  { value: 'sahi-greedynmm', label: 'SAHI GREEDYNMM', hint: 'As sliced inference with greedy NMM, IOS 0.5' },
] as const;

const providerOptions = [
  { value: 'cpu', label: 'Processor', hint: 'Works everywhere' },
  { value: 'auto', label: 'The quickest', hint: 'Of those that work here and agree with the processor' },
  { value: 'webgpu', label: 'WebGPU' },
  { value: 'cuda', label: 'CUDA', hint: 'NVIDIA, Linux and Windows' },
  { value: 'dml', label: 'DirectML', hint: 'Windows' },
  { value: 'coreml', label: 'CoreML', hint: 'macOS' },
] as const;

const beyondOptions = [
  { value: 'go-on', label: 'Go on', hint: 'Everything is analysed that can be; then the run has failed' },
  { value: 'stop', label: 'Stop at once', hint: 'As soon as more tiles have failed than are tolerated' },
] as const;

/** Fields with a choice instead of a text. */
type Chosen =
  'merge' | 'jpeg' | 'provider' | 'gate' | 'gateScope' | 'fullImage' | 'stain' | 'beyond' | 'order' | 'queue';

const fullImageOptions = [
  { value: 'tiles', label: 'Tiles', hint: 'At the size that the model is given' },
  {
    value: 'both',
    label: 'Tiles and the whole image',
    hint: 'Once more, made small: for objects larger than a tile',
  },
] as const;

const stainOptions = [
  { value: 'fixed', label: 'Published', hint: 'Best where the colours are the usual ones' },
  {
    value: 'macenko',
    label: 'Of this slide',
    hint: 'Estimated from its tissue (Macenko), for unusual colours',
  },
] as const;

const gateScopeOptions = [
  { value: 'tiles', label: 'Tile by tile', hint: 'What shows none of the classes is skipped' },
  { value: 'image', label: 'The whole image', hint: 'Once: all tiles are let through, or none' },
] as const;

const orderOptions = [
  {
    value: 'attention',
    label: 'What you look at first',
    hint: 'Then around likely findings, then along the file; the results are the same',
  },
  { value: 'native', label: 'Along the file', hint: 'Whatever you look at' },
] as const;

const jpegOptions = [
  { value: 'fast', label: 'Fast', hint: 'Within 5 of 255 of the exact pixels, on average within 1' },
  { value: 'exact', label: 'Exact', hint: 'The very pixels that OpenSlide gives; slower' },
] as const;

export function RunOptions({ manifest, image, gates, texts, onChange }: RunOptionsProps) {
  const [open, setOpen] = useState(false);
  const advanced = useId();
  const queue = useApp((state) => state.info?.queue ?? null);
  const setDialog = useApp((state) => state.setDialog);
  const gate = gates.find(({ value }) => value === texts.gate)?.card;
  const parsed = parametersOf(texts);
  const errors = parsed.ok ? {} : parsed.errors;
  const needsMpp = manifest.mpp !== null && image?.mpp === null;
  const text = (
    field: Exclude<keyof OptionTexts, Chosen>,
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
        {text('threads', 'Threads a worker', 'automatic')}
        {text('batch', 'Tiles at once', 'automatic')}
        {manifest.remote !== undefined &&
          text('budget', 'Budget', 'none', 'Dollars, such as 2.50, or 200000 tokens: the run pauses there')}
        {text('tolerate', 'Failed tiles tolerated', '5 %', 'A number, or a percentage such as 1 %')}
        {text(
          'minSuccessful',
          'Tiles that are enough',
          'all',
          'A number, or a percentage: the run ends there',
        )}
        <div className="field">
          <span className="label">Beyond the tolerance</span>
          <Select
            label="Beyond the tolerance"
            value={texts.beyond}
            options={beyondOptions}
            onChange={(beyond) => onChange({ ...texts, beyond })}
            className="select-wide"
          />
        </div>
        {!needsMpp &&
          manifest.mpp !== null &&
          text('mpp', 'Image µm/px', image?.mpp?.x.toPrecision(4) ?? 'as each file says')}
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
        {manifest.task === 'detect' &&
          manifest.remote === undefined &&
          manifest.mpp === null &&
          (manifest.metresPerPixel ?? null) === null && (
            <div className="field">
              <span className="label">Looks at</span>
              <Select
                label="Looks at"
                value={texts.fullImage}
                options={fullImageOptions}
                onChange={(fullImage) => onChange({ ...texts, fullImage })}
                className="select-wide"
              />
            </div>
          )}
        {manifest.stains !== undefined && (
          <div className="field">
            <span className="label">Stains</span>
            <Select
              label="Stains"
              value={texts.stain}
              options={stainOptions}
              onChange={(stain) => onChange({ ...texts, stain })}
              className="select-wide"
            />
          </div>
        )}
        <div className="field">
          <span className="label">Order</span>
          <Select
            label="Order"
            value={texts.order}
            options={orderOptions}
            onChange={(order) => onChange({ ...texts, order })}
            className="select-wide"
          />
        </div>
        {manifest.remote === undefined && (
          <div className="field">
            <span className="label">Machines</span>
            <Select
              label="Machines"
              value={texts.queue}
              options={[
                { value: '', label: 'This one' },
                ...(queue === null ? [] : [{ value: queue, label: 'Workers of the queue', hint: queue }]),
                { value: otherQueue, label: queue === null ? 'Choose a queue…' : 'Workers and runs…' },
              ]}
              onChange={(chosen) =>
                chosen === otherQueue ? setDialog('machines') : onChange({ ...texts, queue: chosen })
              }
              className="select-wide"
            />
          </div>
        )}
        <div className="field">
          <span className="label">Runs on</span>
          <Select
            label="Runs on"
            value={texts.provider}
            options={providerOptions}
            onChange={(provider) => onChange({ ...texts, provider })}
            className="select-wide"
          />
        </div>
        {gates.length > 0 && (
          <div className="field">
            <span className="label">Content gate</span>
            <Select
              label="Content gate"
              value={texts.gate}
              options={[
                { value: '', label: 'None', hint: 'Every tile that is not background is looked at' },
                ...gates.map(({ value, card }) => ({ value, label: card.manifest.name })),
              ]}
              onChange={(gate) => onChange({ ...texts, gate, gateAccept: '' })}
              className="select-wide"
            />
          </div>
        )}
        {gate !== undefined &&
          text(
            'gateAccept',
            'Let through',
            'classes, with commas',
            `Of ${gate.manifest.classes.map(({ name }) => name).join(', ')}`,
          )}
        {gate !== undefined && (
          <div className="field">
            <span className="label">The gate looks at</span>
            <Select
              label="The gate looks at"
              value={texts.gateScope}
              options={gateScopeOptions}
              onChange={(gateScope) => onChange({ ...texts, gateScope })}
              className="select-wide"
            />
          </div>
        )}
        {(image === null || image.compression === 'jpeg') && (
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
