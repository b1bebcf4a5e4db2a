/** Graphs, nodes, functions and tensors of an ONNX file: names and types, no weights. Field numbers: onnx.proto of ONNX 1.19. */
import type { OnnxDimension, OnnxValue } from './facts.ts';
import type { FieldValue, Span, WireReader } from './wire.ts';

/** What is collected over a whole file: subgraphs and functions add to it. */
export interface Collected {
  /** `domain` then operator. */
  operators: Map<string, Set<string>>;
  /** `domain/name` of functions that the file defines. */
  functions: Set<string>;
  nodes: number;
  externalData: Map<string, number>;
}

export interface GraphFacts {
  name: string;
  description: string;
  inputs: OnnxValue[];
  outputs: OnnxValue[];
  initializers: Set<string>;
}

/** Lengths and counts that no honest file comes near. */
const limits = {
  name: 4096,
  text: 2 ** 20,
  values: 4096,
  initializers: 1_000_000,
  nodes: 1_000_000,
  dims: 64,
  kinds: 4096,
  files: 10_000,
};

/** TensorProto.DataType, as onnxruntime names them. */
const dtypes: Record<number, string> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
  17: 'float8e4m3fn',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
  21: 'uint4',
  22: 'int4',
  23: 'float4e2m1',
};

/** Bits of an element, where one of them may lie in a file of its own. */
const bitsOf: Record<string, number> = {
  float32: 32,
  uint8: 8,
  int8: 8,
  uint16: 16,
  int16: 16,
  int32: 32,
  int64: 64,
  bool: 8,
  float16: 16,
  float64: 64,
  uint32: 32,
  uint64: 64,
  complex64: 64,
  complex128: 128,
  bfloat16: 16,
  uint4: 4,
  int4: 4,
  float4e2m1: 4,
};

export function readGraph(reader: WireReader, span: Span, collected: Collected): GraphFacts {
  const facts: GraphFacts = { name: '', description: '', inputs: [], outputs: [], initializers: new Set() };
  reader.message(span, 'graph', (field, value) => {
    if (field === 1) readNode(reader, reader.span(value, 'a node'), collected);
    else if (field === 2) facts.name = reader.text(value, "the graph's name", limits.text);
    else if (field === 5) addInitializer(reader, value, facts, collected);
    else if (field === 10) facts.description = reader.text(value, "the graph's description", limits.text);
    else if (field === 11) addValue(reader, value, facts.inputs, 'input');
    else if (field === 12) addValue(reader, value, facts.outputs, 'output');
    else if (field === 15) addSparse(reader, value, facts, collected);
  });
  return facts;
}

function addInitializer(
  reader: WireReader,
  value: FieldValue,
  facts: GraphFacts,
  collected: Collected,
): void {
  if (facts.initializers.size >= limits.initializers) {
    throw reader.damaged(`it has more than ${limits.initializers} initializers`);
  }
  facts.initializers.add(readTensor(reader, reader.span(value, 'an initializer'), collected));
}

/** SparseTensorProto: its name is that of its values. */
function addSparse(reader: WireReader, value: FieldValue, facts: GraphFacts, collected: Collected): void {
  reader.message(reader.span(value, 'a sparse initializer'), 'sparse_initializer', (field, part) => {
    if (field === 1) addInitializer(reader, part, facts, collected);
    else if (field === 2) readTensor(reader, reader.span(part, 'indices'), collected);
  });
}

function addValue(reader: WireReader, value: FieldValue, into: OnnxValue[], what: string): void {
  if (into.length >= limits.values) throw reader.damaged(`it has more than ${limits.values} ${what}s`);
  into.push(readValue(reader, reader.span(value, `an ${what}`), what));
}

/** ValueInfoProto. */
function readValue(reader: WireReader, span: Span, what: string): OnnxValue {
  let name = '';
  let type: Pick<OnnxValue, 'dtype' | 'dims'> = { dtype: 'unknown', dims: null };
  reader.message(span, what, (field, value) => {
    if (field === 1) name = reader.text(value, `the name of an ${what}`, limits.name);
    else if (field === 2) type = readType(reader, reader.span(value, 'a type'));
  });
  return { name, ...type };
}

function readType(reader: WireReader, span: Span): Pick<OnnxValue, 'dtype' | 'dims'> {
  let dtype = 'unknown';
  let dims: OnnxDimension[] | null = null;
  reader.message(span, 'type', (field, value) => {
    // Sequences, maps and the like are left `unknown`: no convention uses them.
    if (field !== 1) return;
    reader.message(reader.span(value, 'a tensor type'), 'tensor_type', (inner, part) => {
      if (inner === 1) dtype = dtypes[reader.int(part, 'an element type')] ?? 'unknown';
      else if (inner === 2) dims = readShape(reader, reader.span(part, 'a shape'));
    });
  });
  return { dtype, dims };
}

function readShape(reader: WireReader, span: Span): OnnxDimension[] {
  const dims: OnnxDimension[] = [];
  reader.message(span, 'shape', (field, value) => {
    if (field !== 1) return;
    if (dims.length >= limits.dims) throw reader.damaged(`a shape has more than ${limits.dims} dimensions`);
    let dim: OnnxDimension = null;
    reader.message(reader.span(value, 'a dimension'), 'dim', (inner, part) => {
      // A negative size is how some exporters write "any".
      if (inner === 1) dim = ((size) => (size >= 0 ? size : null))(reader.int(part, 'a dimension'));
      else if (inner === 2) dim = reader.text(part, 'a dimension', limits.name) || null;
    });
    dims.push(dim);
  });
  return dims;
}

function readNode(reader: WireReader, span: Span, collected: Collected): void {
  if (++collected.nodes > limits.nodes) throw reader.damaged(`it has more than ${limits.nodes} nodes`);
  let operator = '';
  let domain = '';
  reader.message(span, 'node', (field, value) => {
    if (field === 4) operator = reader.text(value, "a node's operator", limits.name);
    else if (field === 5) readAttribute(reader, reader.span(value, 'an attribute'), collected);
    else if (field === 7) domain = reader.text(value, "a node's domain", limits.name);
  });
  let known = collected.operators.get(domain);
  if (known === undefined) collected.operators.set(domain, (known = new Set()));
  known.add(operator);
  if (known.size > limits.kinds || collected.operators.size > limits.kinds) {
    throw reader.damaged(`it uses more than ${limits.kinds} kinds of operators`);
  }
}

/** Only what can hold nodes or external data. */
function readAttribute(reader: WireReader, span: Span, collected: Collected): void {
  reader.message(span, 'attribute', (field, value) => {
    if (field === 5 || field === 10) readTensor(reader, reader.span(value, 'a tensor'), collected);
    else if (field === 6 || field === 11) readGraph(reader, reader.span(value, 'a graph'), collected);
    else if (field === 22 || field === 23) {
      reader.message(reader.span(value, 'a sparse tensor'), 'sparse_tensor', (inner, part) => {
        if (inner === 1 || inner === 2) readTensor(reader, reader.span(part, 'a tensor'), collected);
      });
    }
  });
}

/** FunctionProto: operators that the file brings with it, made of other ones. */
export function readFunction(reader: WireReader, span: Span, collected: Collected): void {
  let name = '';
  let domain = '';
  reader.message(span, 'function', (field, value) => {
    if (field === 1) name = reader.text(value, "a function's name", limits.name);
    else if (field === 7) readNode(reader, reader.span(value, 'a node'), collected);
    else if (field === 10) domain = reader.text(value, "a function's domain", limits.name);
  });
  collected.functions.add(`${domain}/${name}`);
  if (collected.functions.size > limits.initializers) throw reader.damaged('it has too many functions');
}

/** @returns its name; what it holds is jumped over, and where that lies in another file is noted */
function readTensor(reader: WireReader, span: Span, collected: Collected): string {
  let name = '';
  let type = 0;
  let isExternal = false;
  const dims: number[] = [];
  const entries = new Map<string, string>();
  reader.message(span, 'tensor', (field, value) => {
    if (field === 1) dims.push(...reader.ints(value, 'dims', limits.dims));
    else if (field === 2) type = reader.int(value, 'a data type');
    else if (field === 8) name = reader.text(value, "a tensor's name", limits.name);
    else if (field === 13) {
      const [key, entry] = readEntry(reader, reader.span(value, 'external data'), limits.name, limits.name);
      entries.set(key, entry);
    } else if (field === 14) isExternal = reader.int(value, 'a data location') === 1;
    if (dims.length > limits.dims) throw reader.damaged(`a tensor has more than ${limits.dims} dimensions`);
    if (entries.size > limits.dims) throw reader.damaged('a tensor names too much about its external data');
  });
  if (!isExternal) return name;
  const location = entries.get('location') ?? '';
  const whole = (key: string): number | undefined => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    if (!/^\d{1,15}$/.test(text)) throw reader.damaged(`${key} of external data is no number`, span.start);
    return Number(text);
  };
  const bits = bitsOf[dtypes[type] ?? ''] ?? 8;
  const length = whole('length') ?? Math.ceil((dims.reduce((product, dim) => product * dim, 1) * bits) / 8);
  const end = (whole('offset') ?? 0) + length;
  collected.externalData.set(location, Math.max(collected.externalData.get(location) ?? 0, end));
  if (collected.externalData.size > limits.files) throw reader.damaged('it names too many external files');
  return name;
}

/** StringStringEntryProto. */
export function readEntry(
  reader: WireReader,
  span: Span,
  longestKey: number,
  longest: number,
): [string, string] {
  let key = '';
  let text = '';
  reader.message(span, 'entry', (field, value) => {
    if (field === 1) key = reader.text(value, 'a key', longestKey);
    else if (field === 2) text = reader.text(value, `the value of ${key}`, longest);
  });
  return [key, text];
}
