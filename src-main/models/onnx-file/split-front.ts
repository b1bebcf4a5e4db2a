/**
 * Many models begin by turning the bytes of an RGB picture into planes of float32: Transpose, Cast, a factor, a logarithm. The kernel
 * that puts tiles together does that several times quicker than onnxruntime's operators, each of which goes through all of the tile once
 * more: what becomes of a byte is a factor and a term, or else stands in a table of 256 numbers, which onnxruntime's own operators
 * make. So this part is taken off the front of a graph, where the very same numbers come of it. (A logarithm of numbers that fill no
 * vector of the processor is another one of onnxruntime's, which can differ in the last place: in tiles of a multiple of 16 pixels there
 * are none.)
 */
import { field } from './fields.ts';
import { colours, frontChain, planesShape, type FrontChain, type Linear } from './front-chain.ts';
import {
  bytesOf,
  describedValue,
  dimension,
  elementTypes,
  graphBytes,
  inGraph,
  takersOf,
  withGraph,
} from './graph-bytes.ts';
import type { GraphBytes, GraphNode } from './graph-bytes.ts';

/** What was taken off, and what is left. */
export interface Front {
  /** The file without it; it takes float32 planes [N, 3, height, width]. */
  bytes: Uint8Array;
  /** The name of the input that takes them. */
  name: string;
  /** Whether other parts of the graph take the bytes too, under the name that they had. */
  keepsBytes: boolean;
  /** How planes are made of bytes. */
  work: Linear | Table;
}

/** A graph from `tableShape` bytes to the planes of them: what each byte becomes in each colour. */
export interface Table {
  graph: Uint8Array;
}

/** [N, height, width, colours] of the bytes that a table is made of, each of 0 to 255 once a colour. */
export const tableShape = [1, 16, 16, colours] as const;

/** Larger models take so long for a tile that nothing is felt of this, and a second copy of them would be. */
const mostBytes = 2 ** 28;

/**
 * What may take planes that lie in memory of the caller's. Operators that would work in place on planes that onnxruntime has made need
 * memory of their own for these: with those, more is lost than the kernel wins.
 */
const takers = new Set([
  'Conv',
  'AveragePool',
  'MaxPool',
  'Gather',
  'Pad',
  'ReduceMax',
  'ReduceMean',
  'ReduceMin',
  'ReduceSum',
  'Slice',
  'Split',
]);

/**
 * @param bytes of a file that was checked (check-onnx.ts)
 * @param input the name of the input that takes uint8 [N, height, width, 3]
 * @returns null where the graph does not begin like this
 */
export function splitFront(bytes: Uint8Array, input: string): Front | null {
  if (bytes.length > mostBytes) return null;
  const graph = graphBytes(bytes);
  const shape = graph && planesShape(graph, input);
  if (!graph || !shape || !graph.nodes.every(({ isPlain }) => isPlain)) return null;
  const chain = frontChain(graph, input);
  if (chain === null) return null;
  const { last, linear } = chain;
  const after = takersOf(graph, last);
  const isWorth = after.every(({ operator, inputs }) => {
    // Cast and Transpose alone are worth it before a convolution only, which reads the planes into an order of its own.
    const isOne = linear === null ? takers.has(operator) : operator === 'Conv';
    return isOne && inputs[0] === last && inputs.lastIndexOf(last) === 0;
  });
  if (!isWorth) return null;
  const gone = goneNodes(graph, chain);
  const keepsBytes = takersOf(graph, input).some((node) => !gone.has(node));
  const planes = describedValue(inGraph.input, last, elementTypes.float32, shape);
  const goneFields = new Set(
    [...gone].flatMap(({ whole, output }) => [whole.start, graph.described.get(output)?.whole.start]),
  );
  const rest = graph.fields.flatMap((each) => {
    const same = bytesOf(graph, each.whole);
    if (each === graph.inputs.get(input)) return keepsBytes ? [same, planes] : [planes];
    return goneFields.has(each.whole.start) ? [] : [same];
  });
  return {
    bytes: withGraph(graph, rest),
    name: last,
    keepsBytes,
    work: linear ?? { graph: tableGraph(graph, chain, input) },
  };
}

/** The nodes of a chain that nothing else needs: the last, and each before it whose value only such take. */
function goneNodes(graph: GraphBytes, { nodes }: FrontChain): Set<GraphNode> {
  const gone = new Set<GraphNode>(nodes.slice(-1));
  for (const node of nodes.slice(0, -1).toReversed()) {
    if (!takersOf(graph, node.output).every((taker) => gone.has(taker))) break;
    gone.add(node);
  }
  return gone;
}

/** The chain by itself. */
function tableGraph(graph: GraphBytes, { nodes, last }: FrontChain, input: string): Uint8Array {
  const [batch, height, width, bands] = tableShape.map(dimension) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const names = new Set(nodes.flatMap(({ inputs }) => inputs));
  const weights = [...graph.initializers].filter(([name]) => names.has(name));
  return withGraph(graph, [
    ...nodes.map(({ whole }) => bytesOf(graph, whole)),
    field(inGraph.name, Buffer.from('front')),
    ...weights.map(([, { whole }]) => bytesOf(graph, whole)),
    describedValue(inGraph.input, input, elementTypes.uint8, [batch, height, width, bands]),
    describedValue(inGraph.output, last, elementTypes.float32, [batch, bands, height, width]),
  ]);
}
