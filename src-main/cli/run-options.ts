/** Options of `analyze` as run parameters; every wrong one is named. */
import { GigatileError } from '../contract/errors.ts';
import type { Budget } from '../contract/model-remote.ts';
import {
  jpegDecoderSchema,
  providerChoiceSchema,
  runOrderSchema,
  type RunParameters,
} from '../contract/run.ts';

export interface RunOptions {
  tile?: string | undefined;
  grid?: string | undefined;
  overlap?: string | undefined;
  mpp?: string | undefined;
  workers?: string | undefined;
  tolerate?: string | undefined;
  'min-successful'?: string | undefined;
  'fail-fast'?: boolean | undefined;
  'tile-timeout'?: string | undefined;
  threshold?: string | undefined;
  merge?: string | undefined;
  jpeg?: string | undefined;
  provider?: string | undefined;
  threads?: string | undefined;
  batch?: string | undefined;
  budget?: string | undefined;
  describe?: string | undefined;
  gate?: string | undefined;
  order?: string | undefined;
  'full-image'?: boolean | undefined;
  stain?: string | undefined;
}

function bad(option: string, value: string, wanted: string): GigatileError {
  return new GigatileError('usage', `--${option} ${value} is not ${wanted}`);
}

function positiveInteger(option: string, value: string): number {
  if (!/^[1-9][0-9]{0,6}$/.test(value)) throw bad(option, value, 'a positive whole number');
  return Number(value);
}

function numberWithin(option: string, value: string, low: number, high: number): number {
  const number = value.trim() === '' ? Number.NaN : Number(value);
  if (!(number >= low && number <= high)) throw bad(option, value, `a number from ${low} to ${high}`);
  return number;
}

function wholeWithin(option: string, value: string, low: number, high: number): number {
  const number = /^[0-9]{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= low && number <= high)) throw bad(option, value, `a whole number from ${low} to ${high}`);
  return number;
}

/** "12" tiles, or "2.5%" of them. @param least of tiles; of percents, more than none where it is more than none */
function countOrPercent(option: string, value: string, least: 0 | 1): ['count' | 'percent', number] {
  if (!value.endsWith('%')) {
    if (!/^[0-9]{1,9}$/.test(value) || Number(value) < least) {
      throw bad(option, value, least === 0 ? 'a number of tiles (12) or a percentage (2.5%)' : leastAmount);
    }
    return ['count', Number(value)];
  }
  const percent = numberWithin(option, value.slice(0, -1), 0, 100);
  if (percent === 0 && least > 0) throw bad(option, value, leastAmount);
  return ['percent', percent];
}

const leastAmount = 'a positive number of tiles (500) or a percentage (80%)';

/** @throws {GigatileError} usage */
export function readBudget(value: string): Budget {
  const match = /^([0-9]{1,12}(?:\.[0-9]{1,6})?)(tokens)?$/.exec(value);
  const amount = Number(match?.[1]);
  const isTokens = match?.[2] !== undefined;
  if (!match || !(amount > 0) || (isTokens && !Number.isInteger(amount))) {
    throw bad('budget', value, 'an amount of USD (2.50) or of tokens (200000tokens)');
  }
  return isTokens ? { tokens: amount } : { usd: amount };
}

/** Columns x rows, or SAHI's slices by their size (and overlap ratio) or as it chooses them. */
function readGrid(value: string): Pick<RunParameters, 'grid' | 'slices'> {
  const [, columns, rows] = /^([1-9][0-9]{0,4})x([1-9][0-9]{0,4})$/.exec(value) ?? [];
  if (columns !== undefined && rows !== undefined) {
    return { grid: { columns: Number(columns), rows: Number(rows) } };
  }
  if (value === 'sahi:auto') return { slices: { by: 'auto' } };
  const sahi = /^sahi:([1-9][0-9]{0,4})x([1-9][0-9]{0,4})(?::(0?\.[0-9]{1,6}|0))?$/.exec(value);
  if (!sahi) {
    throw bad(
      'grid',
      value,
      'columns x rows (8x6), sahi:<w>x<h>[:<ratio below 1>] (sahi:512x512:0.2) or sahi:auto',
    );
  }
  const [, width, height, ratio] = sahi;
  return {
    slices: {
      by: 'size',
      width: Number(width),
      height: Number(height),
      ...(ratio !== undefined && { ratio: Number(ratio) }),
    },
  };
}

function readMerge(value: string): NonNullable<RunParameters['merge']> {
  if (value === 'exact') return { mode: 'exact' };
  const match = /^sahi:(NMS|NMM|GREEDYNMM):(IOU|IOS):([0-9.]+)$/.exec(value);
  if (!match) throw bad('merge', value, 'exact or sahi:<NMS|NMM|GREEDYNMM>:<IOU|IOS>:<threshold>');
  const [, type, metric, threshold = ''] = match;
  return {
    mode: 'sahi',
    type: type as 'NMS' | 'NMM' | 'GREEDYNMM',
    metric: metric as 'IOU' | 'IOS',
    threshold: numberWithin('merge', threshold, 0, 1),
  };
}

/** `[image:]<id|file>:<class>[,<class>…][@<probability>]` */
function readGate(option: string): NonNullable<RunParameters['gate']> {
  const ofImage = option.startsWith('image:');
  const value = ofImage ? option.slice('image:'.length) : option;
  // A drive letter is no end of a path.
  const match = /^((?:[A-Za-z]:[\\/])?[^:]+):([^:@]+)(?:@([^@]*))?$/.exec(value);
  const accept = match?.[2]?.split(',').map((name) => name.trim()) ?? [];
  if (!match || accept.some((name) => name === '')) {
    throw bad(
      'gate',
      option,
      '[image:]<model>:<class>[,<class> …][@<probability>], for instance tissue.onnx:tumour,stroma@0.3',
    );
  }
  const from = match[3] === undefined ? undefined : numberWithin('gate', match[3], 0, 1);
  return {
    model: match[1] ?? '',
    accept,
    ...(from !== undefined && { from }),
    ...(ofImage && { scope: 'image' }),
  };
}

/** Those that need no image: regions are read for each (./region-files.ts). @throws {GigatileError} usage */
export function readRunOptions(options: RunOptions): RunParameters {
  const parameters: RunParameters = {};
  if (options.tile !== undefined && options.grid !== undefined) {
    throw new GigatileError('usage', '--tile and --grid exclude each other');
  }
  if (options.tile !== undefined) parameters.tileSize = positiveInteger('tile', options.tile);
  if (options.grid !== undefined) {
    Object.assign(parameters, readGrid(options.grid));
  }
  if (options.overlap !== undefined) {
    const percent = options.overlap.endsWith('%');
    parameters.overlap = percent
      ? { unit: 'percent', value: numberWithin('overlap', options.overlap.slice(0, -1), 0, 90) }
      : { unit: 'px', value: Math.trunc(numberWithin('overlap', options.overlap, 0, 100_000)) };
  }
  if (options.mpp !== undefined) parameters.mpp = numberWithin('mpp', options.mpp, 1e-4, 1e4);
  if (options.workers !== undefined) {
    parameters.workers = Math.trunc(numberWithin('workers', options.workers, 1, 64));
  }
  if (options.tolerate !== undefined) {
    const [kind, value] = countOrPercent('tolerate', options.tolerate, 0);
    parameters.tolerate = { kind, value };
  }
  const { 'min-successful': least, 'fail-fast': failFast, 'tile-timeout': timeout } = options;
  if (least !== undefined) {
    const [kind, value] = countOrPercent('min-successful', least, 1);
    parameters.minSuccessful = { kind, value };
  }
  if (failFast) parameters.failFast = true;
  if (timeout !== undefined) parameters.tileTimeout = wholeWithin('tile-timeout', timeout, 1, 86_400);
  if (options.threshold !== undefined)
    parameters.threshold = numberWithin('threshold', options.threshold, 0, 1);
  if (options.merge !== undefined) parameters.merge = readMerge(options.merge);
  if (options.jpeg !== undefined) {
    const jpeg = jpegDecoderSchema.safeParse(options.jpeg);
    if (!jpeg.success) throw bad('jpeg', options.jpeg, 'fast or exact');
    parameters.jpeg = jpeg.data;
  }
  if (options.stain !== undefined) {
    if (options.stain !== 'fixed' && options.stain !== 'macenko')
      throw bad('stain', options.stain, 'fixed or macenko');
    parameters.stain = options.stain;
  }
  if (options['full-image'] === true) parameters.fullImage = true;
  if (options.gate !== undefined) parameters.gate = readGate(options.gate);
  if (options.order !== undefined) {
    const order = runOrderSchema.safeParse(options.order);
    if (!order.success) throw bad('order', options.order, 'attention or native');
    parameters.order = order.data;
  }
  if (options.provider !== undefined) {
    const provider = providerChoiceSchema.safeParse(options.provider);
    if (!provider.success)
      throw bad('provider', options.provider, `one of ${providerChoiceSchema.options.join(', ')}`);
    parameters.provider = provider.data;
  }
  if (options.budget !== undefined) parameters.budget = readBudget(options.budget);
  if (options.describe !== undefined) {
    if (options.describe !== 'rules' && options.describe !== 'remote')
      throw bad('describe', options.describe, 'rules or remote');
    parameters.describe = options.describe;
  }
  for (const option of ['threads', 'batch'] as const) {
    const value = options[option];
    if (value !== undefined) parameters[option] = wholeWithin(option, value, 1, 256);
  }
  return parameters;
}
