/** The options of a new run; what is left empty takes the model's or the engine's value, which the field shows. */
import type { ImageInfo } from '../../src-main/contract/image.ts';
import type { ModelCard, ModelManifest } from '../../src-main/contract/model.ts';
import { useApp } from '../state/app-store.ts';
import { Disclosure } from '../ui/disclosure.tsx';
import { Select } from '../ui/select.tsx';
import { parametersOf, type OptionTexts } from './run-option-values.ts';
import { words } from '../words/words.ts';

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
  { value: 'exact', label: words.runs.exact, hint: words.runs.eachTileOwnsItsCoreNoDuplicates },
  { value: 'sahi-nms', label: words.runs.sahiNms, hint: words.runs.asSlicedInferenceWithNmsIos },
  { value: 'sahi-nmm', label: words.runs.sahiNmm, hint: words.runs.asSlicedInferenceWithNmmIos },
  {
    value: 'sahi-greedynmm',
    label: words.runs.sahiGreedynmm,
    hint: words.runs.asSlicedInferenceWithGreedyNmm,
  },
] as const;

const providerOptions = [
  { value: 'cpu', label: words.runs.processor, hint: words.runs.worksEverywhere },
  { value: 'auto', label: words.runs.theQuickest, hint: words.runs.ofThoseThatWorkHereAndAgree },
  { value: 'webgpu', label: words.runs.webgpu },
  { value: 'cuda', label: words.runs.cuda, hint: words.runs.nvidiaLinuxAndWindows },
  { value: 'dml', label: words.runs.directml, hint: words.runs.windows },
  { value: 'coreml', label: words.runs.coreml, hint: words.runs.macos },
] as const;

const beyondOptions = [
  { value: 'go-on', label: words.runs.goOn, hint: words.runs.everythingIsAnalysedThatCanBeThen },
  { value: 'stop', label: words.runs.stopAtOnce, hint: words.runs.asSoonAsMoreTilesHaveFailed },
] as const;

/** Fields with a choice instead of a text. */
type Chosen =
  'merge' | 'jpeg' | 'provider' | 'gate' | 'gateScope' | 'fullImage' | 'stain' | 'beyond' | 'order' | 'queue';

const fullImageOptions = [
  { value: 'tiles', label: words.runs.tiles, hint: words.runs.atTheSizeThatTheModel },
  {
    value: 'both',
    label: words.runs.tilesAndTheWholeImage,
    hint: words.runs.onceMoreMadeSmallForObjects,
  },
] as const;

const stainOptions = [
  { value: 'fixed', label: words.runs.published, hint: words.runs.bestWhereTheColoursAreTheUsual },
  {
    value: 'macenko',
    label: words.runs.ofThisSlide,
    hint: words.runs.estimatedFromItsTissueMacenkoForUnusual,
  },
] as const;

const gateScopeOptions = [
  { value: 'tiles', label: words.runs.tileByTile, hint: words.runs.whatShowsNoneOfTheClasses },
  { value: 'image', label: words.runs.theWholeImage, hint: words.runs.onceAllTilesAreLetThrough },
] as const;

const orderOptions = [
  {
    value: 'attention',
    label: words.runs.whatYouLookAtFirst,
    hint: words.runs.thenAroundLikelyFindingsThenAlong,
  },
  { value: 'native', label: words.runs.alongTheFile, hint: words.runs.whateverYouLookAt },
] as const;

const jpegOptions = [
  { value: 'fast', label: words.runs.fast, hint: words.runs.within5Of255OfTheExact },
  { value: 'exact', label: words.runs.exact, hint: words.runs.theVeryPixelsThatOpenslideGives },
] as const;

export function RunOptions({ manifest, image, gates, texts, onChange }: RunOptionsProps) {
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
    <section className="options" aria-label={words.runs.options}>
      {needsMpp &&
        text(
          'mpp',
          words.runs.resolutionOfTheImageMPx,
          words.runs.forInstance025,
          words.runs.theFileDoesNotSayIt,
        )}
      <Disclosure label={words.runs.advanced} bodyClassName="options-grid">
        {text('threshold', words.runs.threshold, String(manifest.threshold))}
        {text(
          'tileSize',
          words.runs.tileSizePx,
          String(manifest.input.tileSize),
          undefined,
          manifest.input.fixedSize,
        )}
        {text('overlap', words.runs.overlapPxOr, String(manifest.halo * 2))}
        {text('workers', words.runs.workers, words.runs.automatic)}
        {text('threads', words.runs.threadsAWorker, words.runs.automatic)}
        {text('batch', words.runs.tilesAtOnce, words.runs.automatic)}
        {manifest.remote !== undefined &&
          text('budget', words.runs.budget, words.runs.none, words.runs.dollarsSuchAs250Or200000)}
        {text('tolerate', words.runs.failedTilesTolerated, '5 %', words.runs.aNumberOrAPercentageSuch)}
        {text(
          'minSuccessful',
          words.runs.tilesThatAreEnough,
          'all',
          words.runs.aNumberOrAPercentageTheRunEndsThere,
        )}
        <div className="field">
          <span className="label">{words.runs.beyondTheTolerance}</span>
          <Select
            label={words.runs.beyondTheTolerance}
            value={texts.beyond}
            options={beyondOptions}
            onChange={(beyond) => onChange({ ...texts, beyond })}
            className="select-wide"
          />
        </div>
        {!needsMpp &&
          manifest.mpp !== null &&
          text('mpp', words.runs.imageMPx, image?.mpp?.x.toPrecision(4) ?? words.runs.asEachFileSays)}
        <div className="field">
          <span className="label">{words.runs.mergeAcrossTiles}</span>
          <Select
            label={words.runs.mergeAcrossTiles}
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
              <span className="label">{words.runs.looksAt}</span>
              <Select
                label={words.runs.looksAt}
                value={texts.fullImage}
                options={fullImageOptions}
                onChange={(fullImage) => onChange({ ...texts, fullImage })}
                className="select-wide"
              />
            </div>
          )}
        {manifest.stains !== undefined && (
          <div className="field">
            <span className="label">{words.runs.stains}</span>
            <Select
              label={words.runs.stains}
              value={texts.stain}
              options={stainOptions}
              onChange={(stain) => onChange({ ...texts, stain })}
              className="select-wide"
            />
          </div>
        )}
        <div className="field">
          <span className="label">{words.runs.order}</span>
          <Select
            label={words.runs.order}
            value={texts.order}
            options={orderOptions}
            onChange={(order) => onChange({ ...texts, order })}
            className="select-wide"
          />
        </div>
        {manifest.remote === undefined && (
          <div className="field">
            <span className="label">{words.runs.machines}</span>
            <Select
              label={words.runs.machines}
              value={texts.queue}
              options={[
                { value: '', label: words.runs.thisOne },
                ...(queue === null
                  ? []
                  : [{ value: queue, label: words.runs.workersOfTheQueue, hint: queue }]),
                {
                  value: otherQueue,
                  label: queue === null ? words.runs.chooseAQueue : words.runs.workersAndRuns,
                },
              ]}
              onChange={(chosen) =>
                chosen === otherQueue ? setDialog('machines') : onChange({ ...texts, queue: chosen })
              }
              className="select-wide"
            />
          </div>
        )}
        <div className="field">
          <span className="label">{words.runs.runsOn}</span>
          <Select
            label={words.runs.runsOn}
            value={texts.provider}
            options={providerOptions}
            onChange={(provider) => onChange({ ...texts, provider })}
            className="select-wide"
          />
        </div>
        {gates.length > 0 && (
          <div className="field">
            <span className="label">{words.runs.contentGate}</span>
            <Select
              label={words.runs.contentGate}
              value={texts.gate}
              options={[
                { value: '', label: words.runs.none, hint: words.runs.everyTileThatIsNotBackground },
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
            words.runs.letThrough,
            words.runs.classesWithCommas,
            words.runs.of(gate.manifest.classes.map(({ name }) => name).join(', ')),
          )}
        {gate !== undefined && (
          <div className="field">
            <span className="label">{words.runs.theGateLooksAt}</span>
            <Select
              label={words.runs.theGateLooksAt}
              value={texts.gateScope}
              options={gateScopeOptions}
              onChange={(gateScope) => onChange({ ...texts, gateScope })}
              className="select-wide"
            />
          </div>
        )}
        {(image === null || image.compression === 'jpeg') && (
          <div className="field">
            <span className="label">{words.runs.jpegDecoder}</span>
            <Select
              label={words.runs.jpegDecoder}
              value={texts.jpeg}
              options={jpegOptions}
              onChange={(jpeg) => onChange({ ...texts, jpeg })}
              className="select-wide"
            />
          </div>
        )}
      </Disclosure>
    </section>
  );
}
