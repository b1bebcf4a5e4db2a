/**
 * Nuclei as blobs of stain: optical density, unmixing, Laplacian of Gaussian at the size of a nucleus, peaks, gates.
 * Everything from the uint8 pixels on happens in the graph. No training: each constant is published or stated here.
 */
import { GraphBuilder, type Tensor } from './graph.ts';
import { gaussian, negatedSecondDerivative } from './kernels.ts';
import { detections, peaks, shared, start, tileValues } from './nuclei-graph.ts';
import { stains, unmixing } from '../../src-main/core/stains.ts';

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
