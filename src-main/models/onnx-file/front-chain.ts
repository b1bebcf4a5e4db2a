/** The nodes that follow an input of RGB bytes, as far as what they make of a byte depends on nothing but the byte and its colour. */
import {
  dimensionsOf,
  elementTypes,
  floatWeight,
  intAttribute,
  intsAttribute,
  sizeOf,
  takersOf,
} from './graph-bytes.ts';
import type { GraphBytes, GraphNode } from './graph-bytes.ts';

export const colours = 3;

export interface FrontChain {
  nodes: GraphNode[];
  /** The value that they end in, float32 [N, 3, height, width]. */
  last: string;
  /** Where it is byte * scale + offset in float32; null where it is something else. */
  linear: Linear | null;
}

export interface Linear {
  scale: number;
  offsets: [number, number, number];
}

/** One number for each number, and nothing but attributes beside. */
const ofOne = new Set([
  'Abs',
  'Ceil',
  'Exp',
  'Floor',
  'Log',
  'Neg',
  'Reciprocal',
  'Relu',
  'Round',
  'Sigmoid',
  'Softplus',
  'Sqrt',
  'Tanh',
]);
/** The same with weights beside. */
const withWeights = new Set(['Add', 'Clip', 'Div', 'Max', 'Min', 'Mul', 'Pow', 'Sub']);

/** @returns null where the bytes do not become planes of floats */
export function frontChain(graph: GraphBytes, input: string): FrontChain | null {
  const nodes: GraphNode[] = [];
  let last = input;
  let isFloat = false;
  let isPlanes = false;
  let scale: number | null = null;
  let offsets: Linear['offsets'] | null = null;
  let isLinear = true;
  // A value that is given away is made by the graph, and so is all before it.
  while (!graph.outputs.has(last)) {
    const next = takersOf(graph, last).filter((node) => isStep(graph, node, last, { isFloat, isPlanes }));
    const [node] = next;
    // Where two go on there are two fronts, of which none is the one.
    if (node === undefined || next.length > 1) break;
    const { operator } = node;
    if (operator === 'Cast') isFloat = true;
    else if (operator === 'Transpose') isPlanes = true;
    else if (operator === 'Mul' && scale === null && offsets === null) {
      const factors = weightOf(graph, node, last, isPlanes);
      if (factors?.every((factor) => factor === factors[0])) [scale = 1] = factors;
      else isLinear = false;
    } else if ((operator === 'Add' || (operator === 'Sub' && node.inputs[0] === last)) && offsets === null) {
      const terms = weightOf(graph, node, last, isPlanes);
      const [r = 0, g = 0, b = 0] = terms?.map((term) => (operator === 'Add' ? term : -term)) ?? [];
      if (terms) offsets = [r, g, b];
      else isLinear = false;
    } else isLinear = false;
    nodes.push(node);
    last = node.output;
  }
  if (!isFloat || !isPlanes || graph.outputs.has(last)) return null;
  const linear = isLinear
    ? { scale: scale ?? 1, offsets: offsets ?? ([0, 0, 0] as Linear['offsets']) }
    : null;
  return { nodes, last, linear };
}

function isStep(
  graph: GraphBytes,
  node: GraphNode,
  last: string,
  { isFloat, isPlanes }: { isFloat: boolean; isPlanes: boolean },
): boolean {
  const { operator, inputs, attributes } = node;
  const others = inputs.filter((name) => name !== last && name !== '');
  if (operator === 'Cast') return !isFloat && intAttribute(node, 'to') === elementTypes.float32;
  if (operator === 'Transpose')
    return !isPlanes && intsAttribute(graph, node, 'perm').join(' ') === '0 3 1 2';
  if (!isFloat) return false;
  if (ofOne.has(operator)) return inputs.length === 1;
  if (!withWeights.has(operator)) return false;
  // Before opset 7 an attribute said along which axis a weight lies; Clip's were its limits, which are the same for all.
  if (attributes.size > 0 && operator !== 'Clip') return false;
  // One that takes the value twice is a node of one number too, but no common one.
  if (inputs.filter((name) => name === last).length > 1) return false;
  return others.every((name) => perColour(graph, name, isPlanes) !== null);
}

/** The one weight of a node with two inputs; null where it has none, or more. */
function weightOf(graph: GraphBytes, { inputs }: GraphNode, last: string, isPlanes: boolean) {
  const other = inputs.length === 2 ? inputs.find((name) => name !== last) : undefined;
  return other === undefined ? null : perColour(graph, other, isPlanes);
}

/** A weight as one number for each colour; null where it is something else. */
function perColour(graph: GraphBytes, name: string, isPlanes: boolean): [number, number, number] | null {
  const weight = floatWeight(graph, name, colours);
  if (weight === null || weight.dims.length > 4) return null;
  const { dims, numbers } = weight;
  const [first = 0] = numbers;
  if (numbers.length === 1) return [first, first, first];
  // One a colour lies along the axis of colours, which is the third from the end in planes, and else the last.
  const along = isPlanes ? dims.at(-3) : dims.at(-1);
  const [r, g, b] = numbers;
  return numbers.length === colours &&
    along === colours &&
    r !== undefined &&
    g !== undefined &&
    b !== undefined
    ? [r, g, b]
    : null;
}

/** The dimensions of an input that takes uint8 [N, height, width, 3], in the order of planes; null for any other. */
export function planesShape(graph: GraphBytes, input: string): Uint8Array[] | null {
  const [batch, height, width, bands, ...more] = dimensionsOf(graph, input, elementTypes.uint8);
  if (!batch || !height || !width || !bands || more.length > 0) return null;
  if (sizeOf(graph, bands) !== colours) return null;
  return [batch, bands, height, width].map(({ whole }) => graph.bytes.subarray(whole.start, whole.end));
}
