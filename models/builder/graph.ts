/** A small writer of ONNX graphs: opset 17, IR 8, weights as raw data, the same bytes for the same calls. */
import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;

const elementTypes = { float32: 1, uint8: 2, uint16: 4, int32: 6, int64: 7, bool: 9, float16: 10 } as const;
export type ElementType = keyof typeof elementTypes;

/** Attributes of a node: whole numbers and lists of them; strings. No operator used here needs others. */
export type Attributes = Record<string, number | readonly number[] | string>;

/** A dimension: fixed, or named where it may differ from call to call. */
export type Dimension = number | string;

/** The name of a tensor in the graph. */
export type Tensor = string;

interface TensorInfo {
  name: string;
  type: ElementType;
  shape: readonly Dimension[];
}

export class GraphBuilder {
  readonly #nodes: onnxProto.onnx.INodeProto[] = [];
  readonly #weights: onnxProto.onnx.ITensorProto[] = [];
  /** Equal weights are stored once; key: type, shape and bytes. */
  readonly #weightNames = new Map<string, Tensor>();
  readonly #inputs: TensorInfo[] = [];
  readonly #outputs: TensorInfo[] = [];
  #counter = 0;

  input(name: string, type: ElementType, shape: readonly Dimension[]): Tensor {
    this.#inputs.push({ name, type, shape });
    return name;
  }

  /** One node with one output, named after its operator unless `output` says otherwise. */
  op(operator: string, inputs: readonly Tensor[], attributes: Attributes = {}, output?: string): Tensor {
    const name = output ?? `${operator}_${this.#counter++}`;
    this.#nodes.push({
      opType: operator,
      name: `node_${name}`,
      input: [...inputs],
      output: [name],
      attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    });
    return name;
  }

  /** @param name for weights that others are to find in the file; they are not shared then */
  floats(values: readonly number[], shape: readonly number[] = [], name?: string): Tensor {
    return this.#weight('float32', shape, new Uint8Array(Float32Array.from(values).buffer), name);
  }

  ints(values: readonly number[]): Tensor {
    return this.#weight(
      'int64',
      [values.length],
      new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer),
    );
  }

  /** Channels [from, to) of an NCHW tensor. */
  channels(of: Tensor, from: number, to: number): Tensor {
    return this.op('Slice', [of, this.ints([from]), this.ints([to]), this.ints([1])]);
  }

  cast(of: Tensor, to: ElementType, output?: string): Tensor {
    return this.op('Cast', [of], { to: elementTypes[to] }, output);
  }

  /** Mean over a square window; the image's border does not count as zeros. */
  mean(of: Tensor, size: number): Tensor {
    const pad = (size - 1) / 2;
    return this.op('AveragePool', [of], {
      kernel_shape: [size, size],
      pads: [pad, pad, pad, pad],
      count_include_pad: 0,
    });
  }

  output(name: string, type: ElementType, shape: readonly Dimension[]): void {
    this.#outputs.push({ name, type, shape });
  }

  /** The finished model file. `metadata` is written in the order given. */
  toBytes(name: string, description: string, metadata: Readonly<Record<string, string>>): Uint8Array {
    const model = onnx.ModelProto.create({
      irVersion: 8,
      producerName: 'gigatile',
      docString: description,
      opsetImport: [{ domain: '', version: 17 }],
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      graph: {
        name,
        node: this.#nodes,
        initializer: this.#weights,
        input: this.#inputs.map(valueInfo),
        output: this.#outputs.map(valueInfo),
      },
    });
    return onnx.ModelProto.encode(model).finish();
  }

  #weight(type: ElementType, shape: readonly number[], bytes: Uint8Array, as?: string): Tensor {
    const key = `${as ?? ''} ${type} ${shape.join('x')} ${Buffer.from(bytes).toString('base64')}`;
    const known = this.#weightNames.get(key);
    if (known !== undefined) return known;
    const name = as ?? `weight_${this.#weights.length}`;
    this.#weights.push({ name, dataType: elementTypes[type], dims: [...shape], rawData: bytes });
    this.#weightNames.set(key, name);
    return name;
  }
}

function attribute(name: string, value: Attributes[string]): onnxProto.onnx.IAttributeProto {
  const kinds = onnx.AttributeProto.AttributeType;
  if (typeof value === 'number') return { name, type: kinds.INT, i: value };
  if (typeof value === 'string') return { name, type: kinds.STRING, s: new TextEncoder().encode(value) };
  return { name, type: kinds.INTS, ints: [...value] };
}

function valueInfo({ name, type, shape }: TensorInfo): onnxProto.onnx.IValueInfoProto {
  const dim = shape.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }));
  return { name, type: { tensorType: { elemType: elementTypes[type], shape: { dim } } } };
}
