/**
 * Many models begin by turning the bytes of an RGB picture into planes of float32: Transpose, Cast, and a factor. The kernel that puts
 * tiles together does that several times quicker than onnxruntime's operators, each of which goes through all of the tile once more.
 * So this part is taken off the front of a graph, where the kernel gives the very same numbers, and where a convolution comes next,
 * which reads the planes into an order of its own. Operators that work in place on planes that onnxruntime has made would need memory of
 * their own for planes that it was given: he-nuclei takes 2 % longer so.
 */
import { fields, field, intField, intsOf, textOf, type Field, type Span } from './fields.ts';

/** What was taken off: value = byte * scale + offset, in float32, then planes in the place of interleaved bytes. */
export interface Front {
  /** The file without it; its input takes float32 [N, 3, height, width]. */
  bytes: Uint8Array;
  /** The name of that input. */
  name: string;
  scale: number;
  offsets: [number, number, number];
}

/** Field numbers and numbers of types: onnx.proto of ONNX 1.19. */
const inModel = { graph: 7 } as const;
const inGraph = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13 } as const;
const inNode = { input: 1, output: 2, operator: 4, attribute: 5, domain: 7 } as const;
const inAttribute = { name: 1, int: 3, graph: 6, ints: 8, graphs: 11 } as const;
const inTensor = { dims: 1, type: 2, floats: 4, name: 8, rawData: 9 } as const;
const inValue = { name: 1, type: 2 } as const;
const inType = { tensor: 1 } as const;
const inTensorType = { element: 1, shape: 2 } as const;
const types = { float32: 1, uint8: 2 } as const;

/** Larger models take so long for a tile that nothing is felt of this, and a second copy of them would be. */
const mostBytes = 2 ** 28;
const colours = 3;

interface Node {
  whole: Span;
  operator: string;
  inputs: string[];
  output: string;
  attributes: Map<string, Field[]>;
  /** Its subgraphs may take values by their names. */
  isPlain: boolean;
}

interface Graph {
  nodes: Node[];
  initializers: Map<string, Span>;
  inputs: Map<string, Field>;
  outputs: Set<string>;
  /** Descriptions of values between nodes. */
  described: Map<string, Field>;
  fields: Field[];
}

/**
 * @param bytes of a file that was checked (check-onnx.ts)
 * @param inputName of the input that takes uint8 [N, height, width, 3]
 * @returns null where the graph does not begin like this
 */
export function splitFront(bytes: Uint8Array, inputName: string): Front | null {
  if (bytes.length > mostBytes) return null;
  const model = [...fields(bytes, { start: 0, end: bytes.length })];
  const [graphField, ...more] = model.filter(({ number }) => number === inModel.graph);
  if (graphField === undefined || more.length > 0) return null;
  const graph = readGraph(bytes, graphField.content);
  const input = graph.inputs.get(inputName);
  const shape = input && shapeOfBytes(bytes, input.content);
  if (!shape || !graph.nodes.every(({ isPlain }) => isPlain)) return null;
  const front = walk(bytes, graph, inputName);
  if (front === null) return null;
  const { last, taken, scale, offsets } = front;
  const whole = (span: Span): Uint8Array => bytes.subarray(span.start, span.end);
  const gone = new Set([...taken.map((node) => node.whole.start), graph.described.get(last)?.whole.start]);
  const kept = graph.fields.flatMap((each) => {
    if (each.whole.start === input.whole.start) return [floatInput(last, shape.map(whole))];
    return gone.has(each.whole.start) ? [] : [whole(each.whole)];
  });
  const parts = model.map((each) =>
    each === graphField ? field(inModel.graph, ...kept) : whole(each.whole),
  );
  return { bytes: Buffer.concat(parts), name: last, scale, offsets };
}

/** What nodes follow the input, as long as they are what the kernel does. */
function walk(
  bytes: Uint8Array,
  graph: Graph,
  inputName: string,
): { last: string; taken: Node[]; scale: number; offsets: [number, number, number] } | null {
  const taken: Node[] = [];
  let last = inputName;
  let [isFloat, isPlanes] = [false, false];
  let scale: number | null = null;
  let offsets: [number, number, number] | null = null;
  for (;;) {
    const takers = takersOf(graph, last);
    const [node] = takers;
    // A value that something else takes too must stay.
    if (node === undefined || takers.length > 1 || graph.outputs.has(last)) break;
    const { operator, inputs, attributes } = node;
    const int = (name: string): number | undefined =>
      attributes.get(name)?.find(({ number }) => number === inAttribute.int)?.value ?? undefined;
    if (operator === 'Cast' && !isFloat && int('to') === types.float32) isFloat = true;
    else if (operator === 'Transpose' && !isPlanes && isToPlanes(bytes, attributes.get('perm')))
      isPlanes = true;
    else if (isFloat && attributes.size > 0) {
      // Before opset 7 they said along which axis a weight lies.
      break;
    } else if (isFloat && scale === null && offsets === null && operator === 'Mul') {
      const factors = constants(bytes, graph, otherInput(inputs, last), isPlanes);
      if (factors === null || factors.some((factor) => factor !== factors[0])) break;
      scale = factors[0];
    } else if (isFloat && offsets === null && (operator === 'Add' || operator === 'Sub')) {
      // `c - x` is something else than `x - c`.
      if (operator === 'Sub' && inputs[0] !== last) break;
      const terms = constants(bytes, graph, otherInput(inputs, last), isPlanes);
      if (terms === null) break;
      const [r, g, b] = operator === 'Add' ? terms : terms.map((term) => -term);
      offsets = [r ?? 0, g ?? 0, b ?? 0];
    } else break;
    taken.push(node);
    last = node.output;
  }
  if (!isFloat || !isPlanes || graph.outputs.has(last)) return null;
  const isNext = takersOf(graph, last).every(
    ({ operator, inputs }) => operator === 'Conv' && inputs[0] === last,
  );
  return !isNext ? null : { last, taken, scale: scale ?? 1, offsets: offsets ?? [0, 0, 0] };
}

function takersOf(graph: Graph, name: string): Node[] {
  return graph.nodes.filter(({ inputs }) => inputs.includes(name));
}

/** Of a node with two; none where both are the same. */
function otherInput(inputs: readonly string[], one: string): string | undefined {
  return inputs.length === 2 ? inputs.find((name) => name !== one) : undefined;
}

function isToPlanes(bytes: Uint8Array, perm: readonly Field[] = []): boolean {
  const order = perm
    .filter(({ number }) => number === inAttribute.ints)
    .flatMap((ints) => intsOf(bytes, ints));
  return order.join(' ') === '0 3 1 2';
}

/** A weight as one finite number for each colour; null where it is something else. */
function constants(
  bytes: Uint8Array,
  graph: Graph,
  name: string | undefined,
  isPlanes: boolean,
): [number, number, number] | null {
  const span = name === undefined ? undefined : graph.initializers.get(name);
  // A weight that is an input too can be given other numbers.
  if (name === undefined || span === undefined || graph.inputs.has(name)) return null;
  const dims: number[] = [];
  const numbers: number[] = [];
  let isFloat = false;
  for (const each of fields(bytes, span)) {
    const { number, content } = each;
    if (number === inTensor.dims) dims.push(...intsOf(bytes, each));
    else if (number === inTensor.type) isFloat = each.value === types.float32;
    else if (number === inTensor.rawData || number === inTensor.floats) {
      const view = new DataView(bytes.buffer, bytes.byteOffset + content.start, content.end - content.start);
      for (let at = 0; at + 4 <= view.byteLength; at += 4) numbers.push(view.getFloat32(at, true));
    }
  }
  if (!isFloat || !numbers.every(Number.isFinite) || dims.length > 4) return null;
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (size !== numbers.length) return null;
  const [first = 0] = numbers;
  if (size === 1) return [first, first, first];
  // One a colour lies along the axis of colours, which is the third from the end in planes, and else the last.
  const along = isPlanes ? dims.at(-3) : dims.at(-1);
  const [r, g, b] = numbers;
  return size === colours && along === colours && r !== undefined && g !== undefined && b !== undefined
    ? [r, g, b]
    : null;
}

function readGraph(bytes: Uint8Array, span: Span): Graph {
  const graph: Graph = {
    nodes: [],
    initializers: new Map(),
    inputs: new Map(),
    outputs: new Set(),
    described: new Map(),
    fields: [...fields(bytes, span)],
  };
  for (const each of graph.fields) {
    const { number, content } = each;
    if (number === inGraph.node) graph.nodes.push(readNode(bytes, each));
    else if (number === inGraph.initializer)
      graph.initializers.set(nameIn(bytes, content, inTensor.name), content);
    else if (number === inGraph.input) graph.inputs.set(nameIn(bytes, content, inValue.name), each);
    else if (number === inGraph.output) graph.outputs.add(nameIn(bytes, content, inValue.name));
    else if (number === inGraph.valueInfo) graph.described.set(nameIn(bytes, content, inValue.name), each);
  }
  return graph;
}

function readNode(bytes: Uint8Array, { whole, content }: Field): Node {
  const node: Node = { whole, operator: '', inputs: [], output: '', attributes: new Map(), isPlain: true };
  for (const each of fields(bytes, content)) {
    if (each.number === inNode.input) node.inputs.push(textOf(bytes, each.content));
    else if (each.number === inNode.output) node.output ||= textOf(bytes, each.content);
    else if (each.number === inNode.operator) node.operator = textOf(bytes, each.content);
    else if (each.number === inNode.domain) {
      const domain = textOf(bytes, each.content);
      // Another domain's operator of the same name is another operator.
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

/** The dimensions of an input that takes uint8 [N, height, width, 3], in the order of planes; null for any other. */
function shapeOfBytes(bytes: Uint8Array, value: Span): Span[] | null {
  const inside = (span: Span | undefined, number: number): Field | undefined =>
    span && [...fields(bytes, span)].find((each) => each.number === number);
  const tensor = inside(inside(value, inValue.type)?.content, inType.tensor)?.content;
  if (inside(tensor, inTensorType.element)?.value !== types.uint8) return null;
  const shape = inside(tensor, inTensorType.shape)?.content;
  const [batch, height, width, bands, ...more] = shape === undefined ? [] : [...fields(bytes, shape)];
  if (!batch || !height || !width || !bands || more.length > 0) return null;
  const [count] = [...fields(bytes, bands.content)];
  if (count?.value !== colours) return null;
  return [batch, bands, height, width].map(({ whole }) => whole);
}

function floatInput(name: string, dimensions: readonly Uint8Array[]): Uint8Array {
  const shape = field(inTensorType.shape, ...dimensions);
  const tensor = field(inType.tensor, intField(inTensorType.element, types.float32), shape);
  return field(inGraph.input, field(inValue.name, Buffer.from(name)), field(inValue.type, tensor));
}
