/** What an ONNX file says about itself, read without loading its weights. */

/** A dimension of a graph's input or output: fixed, named by a symbol, or `null` where the file leaves it open. */
export type OnnxDimension = number | string | null;

export interface OnnxValue {
  name: string;
  /** As onnxruntime names them: float32, float16, uint8, int64, bool, string …; `unknown` where it is no tensor. */
  dtype: string;
  /** `null` where the file does not even say how many dimensions there are. */
  dims: readonly OnnxDimension[] | null;
}

export interface OnnxFacts {
  /** Absolute path. */
  file: string;
  /** Bytes of the file, without external data. */
  size: number;
  irVersion: number;
  /** Version by operator domain; the domain of ONNX itself is ''. */
  opsets: Readonly<Record<string, number>>;
  producer: { name: string; version: string };
  /** `doc_string` of model or graph; '' where there is none. */
  description: string;
  /** metadata_props, in the order of the file; of a key that is there twice, the last counts. */
  metadata: ReadonlyMap<string, string>;
  graphName: string;
  /** What must be given at each run: inputs that have an initializer are left out. */
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
  /** Operator types by domain, sorted; operators that the file itself defines as functions are left out. */
  operators: Readonly<Record<string, readonly string[]>>;
  /** Number of nodes, subgraphs and functions included. */
  nodes: number;
  /** Files, relative to the model's folder, that hold initializers, with the bytes that must be in them. */
  externalData: ReadonlyMap<string, number>;
}
