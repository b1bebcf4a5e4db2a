/**
 * What the graphs of all nuclei models have in common: optical density and unmixing before, peaks, rows of detections and values of
 * tiles behind.
 */
import type { GraphBuilder, Tensor } from './graph.ts';
import type { unmixing } from '../../src-main/core/stains.ts';

/** Constants that the models share; lengths in pixels of 0.5 µm. */
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

/** Name of the weights that unmix two stains: a run may give those of its slide instead (gigatile.json, stains). */
export const unmixingWeights = 'unmixing';

export interface Start {
  /** Optical density of red, green, blue, [N, 3, H, W]. */
  density: Tensor;
  /** Amounts of both stains, [N, 1, H, W] each, negative amounts cut off. */
  first: Tensor;
  second: Tensor;
  /** Boolean [N, 1, H, W]. */
  tissue: Tensor;
}

export function start(graph: GraphBuilder, rows: ReturnType<typeof unmixing>): Start {
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

export function peaks(graph: GraphBuilder, response: Tensor, halfAt: number): Tensor {
  const size = shared.peakWindow;
  const pad = (size - 1) / 2;
  const highest = graph.op('MaxPool', [response], { kernel_shape: [size, size], pads: [pad, pad, pad, pad] });
  const lowest = -halfAt * Math.log2(1 - shared.keepFrom);
  return graph.op('And', [
    graph.op('GreaterOrEqual', [response, highest]),
    graph.op('Greater', [response, graph.floats([lowest])]),
  ]);
}

/**
 * Writes `detections` from the chosen pixels. `classOf` answers a float32 [K, 1] for the positions [K, 4].
 * @param reachOf half the edges of the boxes, float32 [K, 1] for the positions; without it all are of one size
 */
export function detections(
  graph: GraphBuilder,
  chosen: Tensor,
  response: Tensor,
  halfAt: number,
  classOf: (positions: Tensor, batch: Tensor) => Tensor,
  reachOf?: (positions: Tensor) => Tensor,
): void {
  const positions = graph.op('Transpose', [graph.op('NonZero', [chosen])], { perm: [1, 0] });
  const found = graph.op('GatherND', [response, positions]);
  const missing = graph.op('Exp', [graph.op('Mul', [found, graph.floats([-Math.LN2 / halfAt])])]);
  const confidence = graph.op('Unsqueeze', [graph.op('Sub', [graph.floats([1]), missing]), graph.ints([1])]);
  const numbers = graph.cast(positions, 'float32');
  const column = (i: number): Tensor => graph.op('Gather', [numbers, graph.ints([i])], { axis: 1 });
  const [batch, y, x] = [column(0), column(2), column(3)];
  // The centre of pixel x lies at x + 0.5.
  const reach = reachOf?.(positions);
  const edge = (operator: 'Sub' | 'Add', offset: number): Tensor =>
    reach === undefined ? graph.floats([offset]) : graph.op(operator, [graph.floats([0.5]), reach]);
  const low = edge('Sub', 0.5 - shared.boxRadius);
  const high = edge('Add', 0.5 + shared.boxRadius);
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
export function tileValues(
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
