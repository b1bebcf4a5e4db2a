/**
 * The graph of an ONNX file as places in its bytes, for what is cut out of a file or put into it: whatever is not touched stays byte
 * for byte what it was. What a file says is read by read-onnx.ts.
 */
import { field, fields, intField, intsOf, textOf, type Field, type Span } from './fields.ts';

/** Field numbers and numbers of types: onnx.proto of ONNX 1.19. */
export const inGraph = { node: 1, name: 2, initializer: 5, input: 11, output: 12, valueInfo: 13 } as const;
const inModel = { graph: 7 } as const;
const inNode = { input: 1, output: 2, operator: 4, attribute: 5, domain: 7 } as const;
const inAttribute = { name: 1, int: 3, graph: 6, ints: 8, graphs: 11 } as const;
const inTensor = { dims: 1, type: 2, floats: 4, name: 8, rawData: 9 } as const;
const inValue = { name: 1, type: 2 } as const;
const inType = { tensor: 1 } as const;
const inTensorType = { element: 1, shape: 2 } as const;
const inShape = { dimension: 1 } as const;
const inDimension = { value: 1 } as const;

/** Numbers of types of elements. */
export const elementTypes = { float32: 1, uint8: 2 } as const;

export interface GraphNode {
  whole: Span;
  /** With its domain in front, where that is not ONNX's own: another domain's operator of the same name is another operator. */
  operator: string;
  inputs: string[];
  /** The first. */
  output: string;
  attributes: Map<string, Field[]>;
  /** False where an attribute is a graph: that may take values by their names. */
  isPlain: boolean;
}

export interface GraphBytes {
  bytes: Uint8Array;
  /** All of the file, and the one field of it that is the graph. */
  model: Field[];
  graph: Field;
  /** All of the graph. */
  fields: Field[];
  nodes: GraphNode[];
  initializers: Map<string, Field>;
  inputs: Map<string, Field>;
  outputs: Set<string>;
  /** Descriptions of values between nodes. */
  described: Map<string, Field>;
}

/** @returns null where the file has no graph, or several */
export function graphBytes(bytes: Uint8Array): GraphBytes | null {
  const model = [...fields(bytes, { start: 0, end: bytes.length })];
  const [graph, ...more] = model.filter(({ number }) => number === inModel.graph);
  if (graph === undefined || more.length > 0) return null;
  const read: GraphBytes = {
    bytes,
    model,
    graph,
    fields: [...fields(bytes, graph.content)],
    nodes: [],
    initializers: new Map(),
    inputs: new Map(),
    outputs: new Set(),
    described: new Map(),
  };
  for (const each of read.fields) {
    const { number, content } = each;
    if (number === inGraph.node) read.nodes.push(readNode(bytes, each));
    else if (number === inGraph.initializer)
      read.initializers.set(nameIn(bytes, content, inTensor.name), each);
    else if (number === inGraph.input) read.inputs.set(nameIn(bytes, content, inValue.name), each);
    else if (number === inGraph.output) read.outputs.add(nameIn(bytes, content, inValue.name));
    else if (number === inGraph.valueInfo) read.described.set(nameIn(bytes, content, inValue.name), each);
  }
  return read;
}

export function bytesOf({ bytes }: GraphBytes, { start, end }: Span): Uint8Array {
  return bytes.subarray(start, end);
}

/** The file with another graph in it. @param parts fields of that graph */
export function withGraph(read: GraphBytes, parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    read.model.map((each) =>
      each === read.graph ? field(inModel.graph, ...parts) : bytesOf(read, each.whole),
    ),
  );
}

/** The nodes that take a value, each once. */
export function takersOf({ nodes }: GraphBytes, name: string): GraphNode[] {
  return nodes.filter(({ inputs }) => inputs.includes(name));
}

/** A whole number that a node's attribute is. */
export function intAttribute({ attributes }: GraphNode, name: string): number | undefined {
  return attributes.get(name)?.find(({ number }) => number === inAttribute.int)?.value ?? undefined;
}

export function intsAttribute({ bytes }: GraphBytes, { attributes }: GraphNode, name: string): number[] {
  return (attributes.get(name) ?? [])
    .filter(({ number }) => number === inAttribute.ints)
    .flatMap((ints) => intsOf(bytes, ints));
}

/**
 * A weight of at most so many finite float32 numbers that a run cannot be given otherwise.
 * @returns null where the name is none
 */
export function floatWeight(
  { bytes, initializers, inputs }: GraphBytes,
  name: string,
  most: number,
): { dims: number[]; numbers: number[] } | null {
  const weight = initializers.get(name);
  // A weight that is an input too can be given other numbers.
  if (weight === undefined || inputs.has(name)) return null;
  const dims: number[] = [];
  const numbers: number[] = [];
  let isFloat = false;
  for (const each of fields(bytes, weight.content)) {
    const { number, content } = each;
    if (number === inTensor.dims) dims.push(...intsOf(bytes, each));
    else if (number === inTensor.type) isFloat = each.value === elementTypes.float32;
    else if (number === inTensor.rawData || number === inTensor.floats) {
      if (content.end - content.start > most * Float32Array.BYTES_PER_ELEMENT) return null;
      const view = new DataView(bytes.buffer, bytes.byteOffset + content.start, content.end - content.start);
      for (let at = 0; at + 4 <= view.byteLength; at += 4) numbers.push(view.getFloat32(at, true));
    }
  }
  const size = dims.reduce((product, dim) => product * dim, 1);
  return isFloat && size === numbers.length && numbers.every(Number.isFinite) ? { dims, numbers } : null;
}

/** The dimensions of an input of this type, as fields: numbers or names. None where it is of another. */
export function dimensionsOf({ bytes, inputs }: GraphBytes, name: string, type: number): Field[] {
  const inside = (span: Span | undefined, number: number): Field | undefined =>
    span && [...fields(bytes, span)].find((each) => each.number === number);
  const value = inputs.get(name)?.content;
  const tensor = inside(inside(value, inValue.type)?.content, inType.tensor)?.content;
  if (inside(tensor, inTensorType.element)?.value !== type) return [];
  const shape = inside(tensor, inTensorType.shape)?.content;
  return shape === undefined ? [] : [...fields(bytes, shape)];
}

/** The number that a dimension is; null for a name. */
export function sizeOf({ bytes }: GraphBytes, { content }: Field): number | null {
  const [size] = [...fields(bytes, content)];
  return size?.number === inDimension.value ? size.value : null;
}

export function dimension(size: number): Uint8Array {
  return field(inShape.dimension, intField(inDimension.value, size));
}

/** The description of an input or output. @param dimensions as they stand in a shape */
export function describedValue(
  number: typeof inGraph.input | typeof inGraph.output,
  name: string,
  type: number,
  dimensions: readonly Uint8Array[],
): Uint8Array {
  const shape = field(inTensorType.shape, ...dimensions);
  const tensor = field(inType.tensor, intField(inTensorType.element, type), shape);
  return field(number, field(inValue.name, Buffer.from(name)), field(inValue.type, tensor));
}

function readNode(bytes: Uint8Array, { whole, content }: Field): GraphNode {
  const node: GraphNode = {
    whole,
    operator: '',
    inputs: [],
    output: '',
    attributes: new Map(),
    isPlain: true,
  };
  for (const each of fields(bytes, content)) {
    if (each.number === inNode.input) node.inputs.push(textOf(bytes, each.content));
    else if (each.number === inNode.output) node.output ||= textOf(bytes, each.content);
    else if (each.number === inNode.operator) node.operator = textOf(bytes, each.content);
    else if (each.number === inNode.domain) {
      const domain = textOf(bytes, each.content);
      if (domain !== '' && domain !== 'ai.onnx') node.operator = `${domain}:${node.operator}`;
    } else if (each.number === inNode.attribute) {
      const attribute = [...fields(bytes, each.content)];
      node.attributes.set(nameIn(bytes, each.content, inAttribute.name), attribute);
      const hasGraph = attribute.some(
        ({ number }) => number === inAttribute.graph || number === inAttribute.graphs,
      );
      if (hasGraph) node.isPlain = false;
    }
  }
  return node;
}

function nameIn(bytes: Uint8Array, message: Span, number: number): string {
  const found = [...fields(bytes, message)].find((each) => each.number === number);
  return found === undefined ? '' : textOf(bytes, found.content);
}
