/**
 * Land cover by spectral indices: each class has a margin (index minus its threshold, steep), the largest margin wins, and
 * "other" has the margin 0.
 */
import { GraphBuilder, type Tensor } from './graph.ts';

/**
 * NDVI (vegetation): Rouse et al. 1974. NDWI (open water): McFeeters 1996. Thresholds are for values in [0, 1] after
 * `value = max(0, DN * gain + offset)`.
 */
export interface Calibration {
  gain: number;
  offset: number;
  ndvi: number;
  ndwi: number;
  /** Mean of red, green and blue above which a pixel is cloud, snow or another bright surface. */
  bright: number;
  /** Mean of red, green and blue from which water becomes unlikely: thin cloud has a high NDWI too. */
  brightForWater: number;
}

/** Raw 8-bit numbers, as of Landsat 7 ETM+: not reflectance, hence other thresholds. */
export const raw8: Calibration = {
  gain: 1 / 255,
  offset: 0,
  ndvi: 0.08,
  ndwi: 0.25,
  bright: 0.55,
  brightForWater: 0.44,
};

/** Landsat 8 and 9 Level-1 numbers: top-of-atmosphere reflectance = DN * 2e-5 - 0.1 (USGS Landsat 8 Data Users Handbook). */
export const landsat8: Calibration = {
  gain: 2e-5,
  offset: -0.1,
  ndvi: 0.25,
  ndwi: 0.05,
  bright: 0.25,
  brightForWater: 0.2,
};

/** RGB only. Excess green on chromatic coordinates: Woebbecke et al. 1995. */
export const rgb = {
  /** Pixels are averaged over this window first. */
  window: 5,
  excessGreen: 0.05,
  /** Smallest of red, green and blue above which a pixel is cloud or snow. */
  bright: 190,
} as const;

export const rgbHalo = (rgb.window - 1) / 2;

/** How steeply a margin grows: only their relation matters, where two classes compete for a pixel. */
const steep = { noData: 100, index: 18, bright: 40, excessGreen: 60, brightRgb: 0.12 } as const;

function above(graph: GraphBuilder, value: Tensor, threshold: number, slope: number): Tensor {
  return graph.op('Mul', [graph.op('Sub', [value, graph.floats([threshold])]), graph.floats([slope])]);
}

/** Margin that is positive where every band of the raw pixel is 0. */
function noData(graph: GraphBuilder, pixels: Tensor): Tensor {
  const highest = graph.op('ReduceMax', [pixels], { axes: [1], keepdims: 1 });
  return graph.op('Mul', [graph.op('Sub', [graph.floats([0.5]), highest]), graph.floats([steep.noData])]);
}

/** Writes `labels` uint8 [N, H, W] and `fractions` float32 [N, C] from margins [N, C, H, W]. */
function winners(graph: GraphBuilder, margins: readonly Tensor[]): void {
  const all = graph.op('Concat', margins, { axis: 1 });
  const winner = graph.op('ArgMax', [all], { axis: 1, keepdims: 0 });
  graph.cast(winner, 'uint8', 'labels');
  const classes = graph.floats(
    margins.map((_, i) => i),
    [1, margins.length, 1, 1],
  );
  const number = graph.op('Unsqueeze', [graph.cast(winner, 'float32'), graph.ints([1])]);
  const one = graph.cast(graph.op('Equal', [number, classes]), 'float32');
  graph.op('ReduceMean', [one], { axes: [2, 3], keepdims: 0 }, 'fractions');
  graph.output('labels', 'uint8', ['batch', 'height', 'width']);
  graph.output('fractions', 'float32', ['batch', margins.length]);
}

function start(graph: GraphBuilder, type: 'uint8' | 'uint16', bands: number): Tensor {
  const image = graph.input('image', type, ['batch', 'height', 'width', bands]);
  return graph.op('Transpose', [graph.cast(image, 'float32')], { perm: [0, 3, 1, 2] });
}

/** Classes: no data, vegetation, water, bright, other. Input bands: red, green, blue, near infrared. */
export function buildRgbn(type: 'uint8' | 'uint16', calibration: Calibration): Uint8Array {
  const graph = new GraphBuilder();
  const pixels = start(graph, type, 4);
  const scaled = graph.op('Add', [
    graph.op('Mul', [pixels, graph.floats([calibration.gain])]),
    graph.floats([calibration.offset]),
  ]);
  const values = graph.op('Max', [scaled, graph.floats([0])]);
  const [red, green, nir] = [0, 1, 3].map((i) => graph.channels(values, i, i + 1)) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  // (a - b) / (a + b); the smallest denominator keeps dark pixels at 0 instead of dividing by nothing.
  const index = (a: Tensor, b: Tensor): Tensor =>
    graph.op('Div', [
      graph.op('Sub', [a, b]),
      graph.op('Max', [graph.op('Add', [a, b]), graph.floats([1e-4])]),
    ]);
  const brightness = graph.op('ReduceMean', [graph.channels(values, 0, 3)], { axes: [1], keepdims: 1 });
  const tooBright = graph.op('Relu', [above(graph, brightness, calibration.brightForWater, steep.bright)]);
  winners(graph, [
    noData(graph, pixels),
    above(graph, index(nir, red), calibration.ndvi, steep.index),
    graph.op('Sub', [above(graph, index(green, nir), calibration.ndwi, steep.index), tooBright]),
    above(graph, brightness, calibration.bright, steep.bright),
    graph.op('Mul', [brightness, graph.floats([0])]),
  ]);
  return graph.toBytes('landcover-rgbn', 'Land cover from red, green, blue and near infrared', {
    task: 'segment',
    license: 'Apache-2.0',
  });
}

/** Classes: no data, vegetation, cloud or snow, other. */
export function buildRgb(): Uint8Array {
  const graph = new GraphBuilder();
  const pixels = start(graph, 'uint8', 3);
  const mean = graph.mean(pixels, rgb.window);
  const sum = graph.op('ReduceSum', [mean, graph.ints([1])], { keepdims: 1 });
  const share = graph.op('Div', [graph.channels(mean, 1, 2), graph.op('Max', [sum, graph.floats([1])])]);
  // With r + g + b = 1, excess green 2g - r - b is 3g - 1; a black window has no colour and gets -1.
  const excessGreen = graph.op('Sub', [graph.op('Mul', [share, graph.floats([3])]), graph.floats([1])]);
  const lowest = graph.op('ReduceMin', [mean], { axes: [1], keepdims: 1 });
  winners(graph, [
    noData(graph, pixels),
    above(graph, excessGreen, rgb.excessGreen, steep.excessGreen),
    above(graph, lowest, rgb.bright, steep.brightRgb),
    graph.op('Mul', [lowest, graph.floats([0])]),
  ]);
  return graph.toBytes('landcover-rgb', 'Land cover from red, green and blue', {
    task: 'segment',
    license: 'Apache-2.0',
  });
}
