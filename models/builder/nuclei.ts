/**
 * Nuclei as blobs of stain: optical density, unmixing, Laplacian of Gaussian at the size of a nucleus, peaks, gates.
 * Everything from the uint8 pixels on happens in the graph. No training: each constant is published or stated here.
 */
import { GraphBuilder, type Tensor } from './graph.ts';
import { gaussian, negatedSecondDerivative } from './kernels.ts';
import { stains, unmixing } from '../../src-main/core/stains.ts';

/** Constants that both models share; lengths in pixels of 0.5 µm. */
export const shared = {
  mpp: 0.5,
  /** 2.1 µm: a blob of radius sigma * sqrt(2) = 3 µm answers strongest. */
  sigma: 4.25,
  /** Where the kernels are cut off: 3.06 sigma. */
  radius: 13,
  /** Two peaks are at least (window + 1) / 2 px apart. */
  peakWindow: 9,
  /** Half the edge of a detection's box: 3 µm. */
  boxRadius: 6,
  /** Candidates are given from this confidence on. */
  keepFrom: 0.3,
  /** Tissue: mean optical density and saturation (max - min of red, green, blue) over the window. */
  tissueDensity: 0.06,
  tissueSaturation: 12,
} as const;

export const he = {
  ...shared,
  /** Response at which the confidence is 0.5. */
  response: 0.12,
  /** Smoothed haematoxylin at a peak. */
  hematoxylin: 0.15,
  /** Smoothed haematoxylin relative to the mean of eosin over the window: removes collagen edges and red cells. */
  overEosin: 1.5,
} as const;

export const hdab = {
  ...shared,
  response: 0.06,
  /** The response of both stains together counts this much: brown texture that is no nucleus answers weakly. */
  bothWeight: 0.5,
  /** Smoothed haematoxylin + DAB at a peak. */
  stain: 0.05,
  /** Smoothed DAB from which a nucleus is positive: QuPath's default for "1+" (mean nuclear DAB OD 0.2). */
  positive: 0.2,
} as const;

/** What a peak needs around it: the filter's radius and the peak window's. */
export const nucleiHalo = shared.radius + (shared.peakWindow - 1) / 2;

/** Name of the weights that unmix two stains: a run may give those of its slide instead (gigatile.json, stains). */
export const unmixingWeights = 'unmixing';

interface Start {
  /** Optical density of red, green, blue, [N, 3, H, W]. */
  density: Tensor;
  /** Amounts of both stains, [N, 1, H, W] each, negative amounts cut off. */
  first: Tensor;
  second: Tensor;
  /** Boolean [N, 1, H, W]. */
  tissue: Tensor;
}

function start(graph: GraphBuilder, rows: ReturnType<typeof unmixing>): Start {
  const image = graph.input('image', 'uint8', ['batch', 'height', 'width', 3]);
  const pixels = graph.op('Transpose', [graph.cast(image, 'float32')], { perm: [0, 3, 1, 2] });
  const light = graph.op('Mul', [graph.op('Max', [pixels, graph.floats([1])]), graph.floats([1 / 255])]);
  const density = graph.op('Mul', [graph.op('Log', [light]), graph.floats([-1 / Math.LN10])]);
  const amounts = graph.op('Relu', [
    graph.op('Conv', [density, graph.floats(rows.flat(), [2, 3, 1, 1], unmixingWeights)], {
      kernel_shape: [1, 1],
    }),
  ]);
  const saturation = graph.op('Sub', [
    graph.op('ReduceMax', [pixels], { axes: [1], keepdims: 1 }),
    graph.op('ReduceMin', [pixels], { axes: [1], keepdims: 1 }),
  ]);
  const meanDensity = graph.op('ReduceMean', [density], { axes: [1], keepdims: 1 });
  const tissue = graph.op('And', [
    graph.op('Greater', [graph.mean(meanDensity, shared.peakWindow), graph.floats([shared.tissueDensity])]),
    graph.op('Greater', [graph.mean(saturation, shared.peakWindow), graph.floats([shared.tissueSaturation])]),
  ]);
  return {
    density,
    first: graph.channels(amounts, 0, 1),
    second: graph.channels(amounts, 1, 2),
    tissue,
  };
}

/**
 * Laplacian of Gaussian and Gaussian of each of `count` channels, by separable filters with mirrored borders.
 * Answers [N, 2 * count, H, W]: all Laplacians, then all Gaussians.
 */
function blobs(graph: GraphBuilder, channels: Tensor, count: number): Tensor {
  const smooth = gaussian(shared.sigma, shared.radius);
  const sharp = negatedSecondDerivative(shared.sigma, shared.radius);
  const none = smooth.map(() => 0);
  const length = smooth.length;
  const r = shared.radius;
  const padded = graph.op('Pad', [channels, graph.ints([0, 0, r, r, 0, 0, r, r])], { mode: 'reflect' });
  const indexes = Array.from({ length: count }, (_, i) => i);
  const across = graph.op(
    'Conv',
    [
      padded,
      graph.floats(
        indexes.flatMap(() => [...smooth, ...sharp]),
        [2 * count, 1, 1, length],
      ),
    ],
    { kernel_shape: [1, length], group: count },
  );
  const down = (channel: number, ofSmooth: number[], ofSharp: number[]): number[] =>
    indexes.flatMap((i) => (i === channel ? [...ofSmooth, ...ofSharp] : [...none, ...none]));
  const weights = [
    ...indexes.flatMap((i) => down(i, sharp, smooth)),
    ...indexes.flatMap((i) => down(i, smooth, none)),
  ];
  return graph.op('Conv', [across, graph.floats(weights, [2 * count, 2 * count, length, 1])], {
    kernel_shape: [length, 1],
  });
}

function peaks(graph: GraphBuilder, response: Tensor, halfAt: number): Tensor {
  const size = shared.peakWindow;
  const pad = (size - 1) / 2;
  const highest = graph.op('MaxPool', [response], { kernel_shape: [size, size], pads: [pad, pad, pad, pad] });
  const lowest = -halfAt * Math.log2(1 - shared.keepFrom);
  return graph.op('And', [
    graph.op('GreaterOrEqual', [response, highest]),
    graph.op('Greater', [response, graph.floats([lowest])]),
  ]);
}

/** Writes `detections` from the chosen pixels. `classOf` answers a float32 [K, 1] for the positions [K, 4]. */
function detections(
  graph: GraphBuilder,
  chosen: Tensor,
  response: Tensor,
  halfAt: number,
  classOf: (positions: Tensor, batch: Tensor) => Tensor,
): void {
  const positions = graph.op('Transpose', [graph.op('NonZero', [chosen])], { perm: [1, 0] });
  const found = graph.op('GatherND', [response, positions]);
  const missing = graph.op('Exp', [graph.op('Mul', [found, graph.floats([-Math.LN2 / halfAt])])]);
  const confidence = graph.op('Unsqueeze', [graph.op('Sub', [graph.floats([1]), missing]), graph.ints([1])]);
  const numbers = graph.cast(positions, 'float32');
  const column = (i: number): Tensor => graph.op('Gather', [numbers, graph.ints([i])], { axis: 1 });
  const [batch, y, x] = [column(0), column(2), column(3)];
  // The centre of pixel x lies at x + 0.5.
  const low = graph.floats([0.5 - shared.boxRadius]);
  const high = graph.floats([0.5 + shared.boxRadius]);
  graph.op(
    'Concat',
    [
      batch,
      graph.op('Add', [x, low]),
      graph.op('Add', [y, low]),
      graph.op('Add', [x, high]),
      graph.op('Add', [y, high]),
      confidence,
      classOf(positions, batch),
    ],
    { axis: 1 },
    'detections',
  );
  graph.output('detections', 'float32', ['count', 7]);
}

/** Writes `tile_values` [N, V]: the tissue fraction, then what `perTissue` gives, each a sum over [N, 1, H, W]. */
function tileValues(
  graph: GraphBuilder,
  tissue: Tensor,
  counted: readonly Tensor[],
  measured: readonly Tensor[],
): void {
  const mask = graph.cast(tissue, 'float32');
  const all = graph.ints([1, 2, 3]);
  const sum = (of: Tensor): Tensor => graph.op('ReduceSum', [of, all], { keepdims: 0 });
  // A tile without tissue has 0 nuclei per mm², not a division by zero: one pixel of tissue is assumed.
  const area = graph.op('Max', [sum(mask), graph.floats([1])]);
  const perMm2 = graph.floats([(1000 / shared.mpp) ** 2]);
  const values = [
    graph.op('ReduceMean', [mask], { axes: [1, 2, 3], keepdims: 0 }),
    ...counted.map((of) =>
      graph.op('Div', [graph.op('Mul', [sum(graph.cast(of, 'float32')), perMm2]), area]),
    ),
    ...measured.map((of) => graph.op('Div', [sum(graph.op('Mul', [of, mask])), area])),
  ];
  const columns = values.map((v) => graph.op('Unsqueeze', [v, graph.ints([1])]));
  graph.op('Concat', columns, { axis: 1 }, 'tile_values');
  graph.output('tile_values', 'float32', ['batch', values.length]);
}

/** `he-nuclei`: haematoxylin blobs that are not eosin. Tile values: tissue, nuclei per mm² of it, mean of both stains. */
export function buildHe(): Uint8Array {
  const graph = new GraphBuilder();
  const {
    first: hematoxylin,
    second: eosin,
    tissue,
  } = start(graph, unmixing(stains.hematoxylin, stains.eosin));
  const filtered = blobs(graph, hematoxylin, 1);
  const response = graph.channels(filtered, 0, 1);
  const smooth = graph.channels(filtered, 1, 2);
  const overEosin = graph.op('Mul', [graph.mean(eosin, he.peakWindow), graph.floats([he.overEosin])]);
  const gates = [
    graph.op('Greater', [smooth, graph.floats([he.hematoxylin])]),
    graph.op('Greater', [smooth, overEosin]),
    tissue,
  ];
  const chosen = gates.reduce((a, b) => graph.op('And', [a, b]), peaks(graph, response, he.response));
  detections(graph, chosen, response, he.response, (_, batch) => graph.op('Mul', [batch, graph.floats([0])]));
  const sure = graph.op('And', [chosen, graph.op('Greater', [response, graph.floats([he.response])])]);
  tileValues(graph, tissue, [sure], [hematoxylin, eosin]);
  return graph.toBytes('he-nuclei', 'Nuclei in haematoxylin and eosin at 0.5 µm per pixel', {
    task: 'detect',
    mpp: String(shared.mpp),
    license: 'Apache-2.0',
  });
}

/**
 * `hdab-nuclei`: blobs of haematoxylin, or of haematoxylin + DAB where that is stronger (a strongly positive nucleus can hide
 * its haematoxylin); class 0 positive, 1 negative by the DAB at the peak.
 * Tile values: tissue, positive and negative nuclei per mm² of it, mean of both stains.
 */
export function buildHdab(): Uint8Array {
  const graph = new GraphBuilder();
  const { first: hematoxylin, second: dab, tissue } = start(graph, unmixing(stains.hematoxylin, stains.dab));
  const both = graph.op('Add', [hematoxylin, dab]);
  const filtered = blobs(graph, graph.op('Concat', [hematoxylin, both], { axis: 1 }), 2);
  const ofBoth = graph.op('Mul', [graph.channels(filtered, 1, 2), graph.floats([hdab.bothWeight])]);
  const response = graph.op('Max', [graph.channels(filtered, 0, 1), ofBoth]);
  const smoothHematoxylin = graph.channels(filtered, 2, 3);
  const smoothBoth = graph.channels(filtered, 3, 4);
  const smoothDab = graph.op('Sub', [smoothBoth, smoothHematoxylin]);
  const gates = [graph.op('Greater', [smoothBoth, graph.floats([hdab.stain])]), tissue];
  const chosen = gates.reduce((a, b) => graph.op('And', [a, b]), peaks(graph, response, hdab.response));
  const negative = graph.op('LessOrEqual', [smoothDab, graph.floats([hdab.positive])]);
  const negativeNumber = graph.cast(negative, 'float32');
  detections(graph, chosen, response, hdab.response, (positions) =>
    graph.op('Unsqueeze', [graph.op('GatherND', [negativeNumber, positions]), graph.ints([1])]),
  );
  const sure = graph.op('And', [chosen, graph.op('Greater', [response, graph.floats([hdab.response])])]);
  tileValues(
    graph,
    tissue,
    [graph.op('And', [sure, graph.op('Not', [negative])]), graph.op('And', [sure, negative])],
    [hematoxylin, dab],
  );
  return graph.toBytes(
    'hdab-nuclei',
    'Positive and negative nuclei in haematoxylin and DAB at 0.5 µm per pixel',
    {
      task: 'detect',
      mpp: String(shared.mpp),
      license: 'Apache-2.0',
    },
  );
}
