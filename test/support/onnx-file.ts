/** ONNX files for tests, written by onnx-proto: layouts that nobody may download here, and files that no exporter writes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;
const elementTypes = { float32: 1, uint8: 2, uint16: 4, int32: 6, int64: 7, float16: 10 } as const;

type Dim = number | string | null;
export type TensorSpec = readonly [name: string, type: keyof typeof elementTypes, dims: readonly Dim[]];

export interface OnnxSpec {
  inputs?: readonly TensorSpec[];
  outputs?: readonly TensorSpec[];
  metadata?: Readonly<Record<string, string>>;
  irVersion?: number;
  opsets?: readonly { domain: string; version: number }[];
  /** Anything else of the graph, as onnx-proto takes it. */
  graph?: onnxProto.onnx.IGraphProto;
  functions?: onnxProto.onnx.IFunctionProto[];
}

/** An attribute that holds a graph, as If and Loop have them. */
export function branch(g: onnxProto.onnx.IGraphProto): onnxProto.onnx.IAttributeProto {
  return { name: 'branch', type: onnx.AttributeProto.AttributeType.GRAPH, g };
}

/** An attribute that holds a tensor, as Constant has it. */
export function constant(t: onnxProto.onnx.ITensorProto): onnxProto.onnx.IAttributeProto {
  return { name: 'value', type: onnx.AttributeProto.AttributeType.TENSOR, t };
}

/** Four float32 in another file. */
export function externalTensor(entries: Readonly<Record<string, string>>): onnxProto.onnx.ITensorProto {
  return {
    name: 'w',
    dataType: elementTypes.float32,
    dims: [4],
    dataLocation: onnx.TensorProto.DataLocation.EXTERNAL,
    externalData: Object.entries(entries).map(([key, text]) => ({ key, value: text })),
  };
}

function value([name, type, dims]: TensorSpec): onnxProto.onnx.IValueInfoProto {
  const dim = dims.map((d) => (d === null ? {} : typeof d === 'number' ? { dimValue: d } : { dimParam: d }));
  return { name, type: { tensorType: { elemType: elementTypes[type], shape: { dim } } } };
}

/** Its graph describes tensors and computes nothing: enough for what is read before a model is loaded. */
export function onnxBytes(spec: OnnxSpec = {}): Uint8Array {
  const model = onnx.ModelProto.create({
    irVersion: spec.irVersion ?? 8,
    producerName: 'test',
    opsetImport: [...(spec.opsets ?? [{ domain: '', version: 17 }])],
    metadataProps: Object.entries(spec.metadata ?? {}).map(([key, text]) => ({ key, value: text })),
    functions: spec.functions ?? [],
    graph: {
      name: 'graph',
      node: [{ opType: 'Identity', input: ['a'], output: ['b'] }],
      ...spec.graph,
      input: (spec.inputs ?? [['images', 'float32', [1, 3, 640, 640]]]).map(value),
      output: (spec.outputs ?? [['output0', 'float32', [1, 84, 8400]]]).map(value),
    },
  });
  return onnx.ModelProto.encode(model).finish();
}

/** @returns the path */
export function writeOnnx(folder: string, spec: OnnxSpec = {}, name = 'model.onnx'): string {
  const path = join(folder, name);
  writeFileSync(path, onnxBytes(spec));
  return path;
}
