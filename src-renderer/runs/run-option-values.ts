/** Run options as a person types them, and the parameters they mean. Empty fields leave the choice to the model or engine. */
import type { Merge, ProviderChoice, RunOrder, RunParameters } from '../../src-main/contract/run.ts';
import { words } from '../words/words.ts';

export interface OptionTexts {
  threshold: string;
  tileSize: string;
  overlap: string;
  mpp: string;
  workers: string;
  /** Remote models: `2.50` USD, or `200000 tokens`. */
  budget: string;
  threads: string;
  batch: string;
  /** `3` or `1%`. */
  tolerate: string;
  /** The run ends when so many are done: `500` or `80%`. */
  minSuccessful: string;
  /** What happens when more fail than are tolerated. */
  beyond: 'go-on' | 'stop';
  jpeg: 'fast' | 'exact';
  merge: 'exact' | 'sahi-nms' | 'sahi-nmm' | 'sahi-greedynmm';
  /** Detectors of things of any size: whether the whole image is looked at once too. */
  fullImage: 'tiles' | 'both';
  /** Models that take stains apart. */
  stain: 'fixed' | 'macenko';
  order: RunOrder;
  /** The queue whose machines analyse the tiles; empty for this machine. */
  queue: string;
  provider: ProviderChoice;
  /** Model of the content gate, by what a run is started with; empty for none. */
  gate: string;
  /** Names of its classes that let a tile through, with commas. */
  gateAccept: string;
  gateScope: 'tiles' | 'image';
}

export const defaultOptions: OptionTexts = {
  threshold: '',
  tileSize: '',
  overlap: '',
  mpp: '',
  workers: '',
  budget: '',
  threads: '',
  batch: '',
  tolerate: '',
  minSuccessful: '',
  beyond: 'go-on',
  jpeg: 'fast',
  merge: 'exact',
  fullImage: 'tiles',
  stain: 'fixed',
  order: 'attention',
  queue: '',
  provider: 'cpu',
  gate: '',
  gateAccept: '',
  gateScope: 'tiles',
};

export type FieldErrors = Partial<Record<keyof OptionTexts, string>>;
export type ParsedOptions = { ok: true; value: RunParameters } | { ok: false; errors: FieldErrors };

const merges = {
  exact: null,
  'sahi-nms': 'NMS',
  'sahi-nmm': 'NMM',
  'sahi-greedynmm': 'GREEDYNMM',
} as const;

/** `64`, `64 px` or `10 %`. */
function amount(text: string): { value: number; percent: boolean } | null {
  const match = /^(\d+(?:\.\d+)?)\s*(%|px)?$/.exec(text.trim());
  return match === null ? null : { value: Number(match[1]), percent: match[2] === '%' };
}

export function parametersOf(texts: OptionTexts): ParsedOptions {
  const errors: FieldErrors = {};
  const value: RunParameters = {};
  const number = (
    field: 'threshold' | 'tileSize' | 'mpp' | 'workers' | 'threads' | 'batch',
    allowed: (number: number) => boolean,
    otherwise: string,
  ) => {
    const text = texts[field].trim();
    if (text === '') return;
    const parsed = Number(text);
    if (Number.isFinite(parsed) && allowed(parsed)) value[field] = parsed;
    else errors[field] = otherwise;
  };
  number('threshold', (n) => n >= 0 && n <= 1, words.runs.aNumberFrom0To1);
  number('tileSize', (n) => Number.isInteger(n) && n >= 16 && n <= 8192, words.runs.aWholeNumberFrom16To8192);
  number('mpp', (n) => n > 0 && n < 1000, words.runs.micrometresPerPixelAbove0);
  number('workers', (n) => Number.isInteger(n) && n >= 1 && n <= 64, words.runs.aWholeNumberFrom1To64);

  for (const field of ['threads', 'batch'] as const) {
    number(field, (n) => Number.isInteger(n) && n >= 1 && n <= 256, words.runs.aWholeNumberFrom1To256);
  }
  if (texts.budget.trim() !== '') {
    const match = /^\$?\s*(\d+(?:\.\d+)?)\s*(tokens)?$/.exec(texts.budget.trim());
    const most = Number(match?.[1] ?? 0);
    if (most > 0) value.budget = match?.[2] === undefined ? { usd: most } : { tokens: Math.ceil(most) };
    else errors.budget = words.runs.usDollarsOrSoManyTokens;
  }
  if (texts.fullImage === 'both') value.fullImage = true;
  if (texts.stain === 'macenko') value.stain = 'macenko';
  if (texts.order !== 'attention') value.order = texts.order;
  if (texts.queue !== '') value.queue = texts.queue;
  if (texts.provider !== 'cpu') value.provider = texts.provider;
  if (texts.gate !== '') {
    const accept = texts.gateAccept.split(',').flatMap((name) => name.trim() || []);
    const scope = texts.gateScope === 'image' ? ({ scope: 'image' } as const) : {};
    if (accept.length > 0) value.gate = { model: texts.gate, accept, ...scope };
    else errors.gateAccept = words.runs.atLeastOneClass;
  }

  if (texts.overlap.trim() !== '') {
    const overlap = amount(texts.overlap);
    if (overlap?.percent === true && overlap.value <= 90) {
      value.overlap = { unit: 'percent', value: overlap.value };
    } else if (overlap?.percent === false && Number.isInteger(overlap.value)) {
      value.overlap = { unit: 'px', value: overlap.value };
    } else errors.overlap = words.runs.pixelsOrUpTo90;
  }
  if (texts.tolerate.trim() !== '') {
    const tolerate = amount(texts.tolerate);
    if (tolerate?.percent === true && tolerate.value <= 100) {
      value.tolerate = { kind: 'percent', value: tolerate.value };
    } else if (tolerate?.percent === false && Number.isInteger(tolerate.value)) {
      value.tolerate = { kind: 'count', value: tolerate.value };
    } else errors.tolerate = words.runs.aNumberOfTilesOrAPercentage;
  }
  if (texts.minSuccessful.trim() !== '') {
    const least = amount(texts.minSuccessful);
    if (least?.percent === true && least.value > 0 && least.value <= 100) {
      value.minSuccessful = { kind: 'percent', value: least.value };
    } else if (least?.percent === false && Number.isInteger(least.value) && least.value > 0) {
      value.minSuccessful = { kind: 'count', value: least.value };
    } else errors.minSuccessful = words.runs.aNumberOfTilesOrAPercentage;
  }
  if (texts.beyond === 'stop') value.failFast = true;
  if (texts.jpeg === 'exact') value.jpeg = 'exact';
  const type = merges[texts.merge];
  if (type !== null) {
    const merge: Merge = { mode: 'sahi', type, metric: 'IOS', threshold: 0.5 };
    value.merge = merge;
  }
  return Object.keys(errors).length > 0 ? { ok: false, errors } : { ok: true, value };
}

/** The other way round: parameters as a person would have typed them, and those that no field of the form says. */
export function optionTexts(parameters: RunParameters): { texts: OptionTexts; rest: RunParameters } {
  const texts: OptionTexts = { ...defaultOptions };
  const rest: RunParameters = { ...parameters };
  const take = <Field extends keyof RunParameters>(
    field: Field,
    write: (value: NonNullable<RunParameters[Field]>) => void,
  ): void => {
    const value = parameters[field];
    if (value === undefined) return;
    write(value);
    delete rest[field];
  };
  for (const field of ['threshold', 'tileSize', 'mpp', 'workers', 'threads', 'batch'] as const) {
    take(field, (value) => (texts[field] = String(value)));
  }
  take('overlap', ({ unit, value }) => (texts.overlap = unit === 'px' ? String(value) : `${value} %`));
  take('tolerate', ({ kind, value }) => (texts.tolerate = kind === 'count' ? String(value) : `${value} %`));
  take('minSuccessful', ({ kind, value }) => {
    texts.minSuccessful = kind === 'count' ? String(value) : `${value} %`;
  });
  take('budget', (budget) => {
    texts.budget = 'usd' in budget ? String(budget.usd) : words.runs.tokens(budget.tokens);
  });
  take('failFast', (value) => (texts.beyond = value ? 'stop' : 'go-on'));
  take('jpeg', (value) => (texts.jpeg = value));
  take('fullImage', (value) => (texts.fullImage = value ? 'both' : 'tiles'));
  take('stain', (value) => (texts.stain = value));
  take('order', (value) => (texts.order = value));
  take('queue', (value) => (texts.queue = value));
  take('provider', (value) => (texts.provider = value));
  const { merge, gate } = parameters;
  const known = Object.entries(merges).find(([, type]) => merge?.mode === 'sahi' && type === merge.type)?.[0];
  const isUsual = merge?.mode === 'sahi' && merge.metric === 'IOS' && merge.threshold === 0.5;
  if (merge?.mode === 'exact' || (isUsual && known !== undefined)) {
    texts.merge = merge.mode === 'exact' ? 'exact' : (known as OptionTexts['merge']);
    delete rest.merge;
  }
  if (gate !== undefined && gate.from === undefined && gate.accept.every((name) => !name.includes(','))) {
    texts.gate = gate.model;
    texts.gateAccept = gate.accept.join(', ');
    texts.gateScope = gate.scope ?? 'tiles';
    delete rest.gate;
  }
  return { texts, rest };
}
