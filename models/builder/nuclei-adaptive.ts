/**
 * `he-nuclei-adaptive`: nuclei as spots that take more red light than what lies around them. Eosin and blood let red pass, so neither
 * the colours of the stains nor a white ground is needed. Two sizes of spot compete; the larger is preferred, so that a large nucleus
 * with a coarse texture is hit once. No training.
 */
import { GraphBuilder, type Tensor } from './graph.ts';
import { gaussian, negatedSecondDerivative } from './kernels.ts';
import { detections, peaks, shared, start, tileValues } from './nuclei-graph.ts';
import { stains, unmixing } from '../../src-main/core/stains.ts';

/** Lengths in pixels of 0.5 µm. */
export const adaptive = {
  ...shared,
  /** That of he-nuclei, and half an octave above: spots of radius 3 µm and 4.25 µm answer strongest. */
  sigmas: [shared.sigma, 6],
  /** Where all kernels are cut off: 3 times the larger sigma. */
  radius: 18,
  /** The answer of the larger sigma counts this much. */
  preferLarge: 1.15,
  /** Half the edge of the boxes: sigma * sqrt(2). */
  boxRadii: [shared.boxRadius, 8.5],
  /** Response at which the confidence is 0.5, in optical density of red. */
  response: 0.04,
  /** Mean optical density of red over the peak's window. */
  red: 0.15,
  /** That, relative to the mean of blue: 2.2 for pure haematoxylin, 0.6 for pure eosin (Ruifrok). */
  overBlue: 0.9,
} as const;

/** What a peak needs around it: the filters' radius and the peak window's. */
export const adaptiveHalo = adaptive.radius + (adaptive.peakWindow - 1) / 2;

/** Laplacian of Gaussian at both sizes, [N, 1, H, W] each, by separable filters with mirrored borders. */
function spots(graph: GraphBuilder, channel: Tensor): { small: Tensor; large: Tensor } {
  const r = adaptive.radius;
  const padded = graph.op('Pad', [channel, graph.ints([0, 0, r, r, 0, 0, r, r])], { mode: 'reflect' });
  const weights = [1, adaptive.preferLarge];
  const [small, large] = adaptive.sigmas.map((sigma, i) => {
    const smooth = gaussian(sigma, r);
    const sharp = negatedSecondDerivative(sigma, r);
    const length = smooth.length;
    const across = graph.op('Conv', [padded, graph.floats([...smooth, ...sharp], [2, 1, 1, length])], {
      kernel_shape: [1, length],
    });
    const down = [...sharp, ...smooth].map((weight) => weight * (weights[i] ?? 1));
    return graph.op('Conv', [across, graph.floats(down, [1, 2, length, 1])], { kernel_shape: [length, 1] });
  }) as [Tensor, Tensor];
  return { small, large };
}

/** Tile values as of he-nuclei: tissue, nuclei per mm² of it, mean of both stains. */
export function buildAdaptive(): Uint8Array {
  const graph = new GraphBuilder();
  const {
    density,
    first: hematoxylin,
    second: eosin,
    tissue,
  } = start(graph, unmixing(stains.hematoxylin, stains.eosin));
  const red = graph.channels(density, 0, 1);
  const { small, large } = spots(graph, red);
  const response = graph.op('Max', [small, large]);
  const meanRed = graph.mean(red, adaptive.peakWindow);
  const meanBlue = graph.mean(graph.channels(density, 2, 3), adaptive.peakWindow);
  const gates = [
    graph.op('Greater', [meanRed, graph.floats([adaptive.red])]),
    graph.op('Greater', [meanRed, graph.op('Mul', [meanBlue, graph.floats([adaptive.overBlue])])]),
    tissue,
  ];
  const chosen = gates.reduce((a, b) => graph.op('And', [a, b]), peaks(graph, response, adaptive.response));
  const [smallReach, largeReach] = adaptive.boxRadii;
  const reach = graph.op('Where', [
    graph.op('Greater', [large, small]),
    graph.floats([largeReach]),
    graph.floats([smallReach]),
  ]);
  detections(
    graph,
    chosen,
    response,
    adaptive.response,
    (_, batch) => graph.op('Mul', [batch, graph.floats([0])]),
    (positions) => graph.op('Unsqueeze', [graph.op('GatherND', [reach, positions]), graph.ints([1])]),
  );
  const sure = graph.op('And', [chosen, graph.op('Greater', [response, graph.floats([adaptive.response])])]);
  tileValues(graph, tissue, [sure], [hematoxylin, eosin]);
  return graph.toBytes(
    'he-nuclei-adaptive',
    'Nuclei in haematoxylin and eosin of any tint at 0.5 µm per pixel',
    {
      task: 'detect',
      mpp: String(adaptive.mpp),
      license: 'Apache-2.0',
    },
  );
}
