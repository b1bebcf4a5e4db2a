/** Reads what an ONNX file says about itself, in memory that does not grow with its weights. */
import { resolve } from 'node:path';
import { GigatileError } from '../../contract/errors.ts';
import type { OnnxFacts } from './facts.ts';
import { looksLike } from './not-onnx.ts';
import { readEntry, readFunction, readGraph, type Collected, type GraphFacts } from './read-graph.ts';
import { WireReader, type Span } from './wire.ts';

/** Metadata: thousand class names are 20 kB. */
const limits = {
  key: 4096,
  value: 4 * 2 ** 20,
  metadata: 16 * 2 ** 20,
  entries: 10_000,
  text: 2 ** 20,
  opsets: 1000,
};

/** The domain of ONNX's own operators has two names. */
export const ownDomain = (domain: string): string => (domain === 'ai.onnx' ? '' : domain);

/**
 * @param path an .onnx file
 * @throws {GigatileError} model-not-found; model-invalid for anything that is no whole ONNX file, with the place in it
 */
export function readOnnx(path: string): OnnxFacts {
  const file = resolve(path);
  const reader = new WireReader(file);
  try {
    return readModelProto(reader, file);
  } catch (cause) {
    const look = looksLike(reader.head(64));
    if (look === null || !(cause instanceof GigatileError)) throw cause;
    throw new GigatileError('model-invalid', `This is no ONNX file: ${look.what}`, {
      where: file,
      hint: look.hint,
      cause,
    });
  } finally {
    reader.close();
  }
}

function readModelProto(reader: WireReader, file: string): OnnxFacts {
  const collected: Collected = {
    operators: new Map(),
    functions: new Set(),
    nodes: 0,
    externalData: new Map(),
  };
  const producer = { name: '', version: '' };
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  let metadataBytes = 0;
  let entries = 0;
  let irVersion: number | null = null;
  let description = '';
  const graphs: GraphFacts[] = [];
  reader.message({ start: 0, end: reader.size }, 'model', (field, value) => {
    if (field === 1) irVersion = reader.int(value, 'ir_version');
    else if (field === 2) producer.name = reader.text(value, 'producer_name', limits.text);
    else if (field === 3) producer.version = reader.text(value, 'producer_version', limits.text);
    else if (field === 6) description = reader.text(value, 'doc_string', limits.text);
    else if (field === 7) {
      if (graphs.length > 0) throw reader.damaged('it has two graphs');
      graphs.push(readGraph(reader, reader.span(value, 'the graph'), collected));
    } else if (field === 8) {
      const [domain, version] = readOpset(reader, reader.span(value, 'an opset'));
      opsets.set(ownDomain(domain), version);
      if (opsets.size > limits.opsets) throw reader.damaged('it imports too many operator sets');
    } else if (field === 14) {
      const span = reader.span(value, 'metadata');
      metadataBytes += span.end - span.start;
      if (++entries > limits.entries || metadataBytes > limits.metadata) {
        throw reader.damaged(
          `its metadata is longer than ${limits.metadata} bytes or ${limits.entries} entries`,
        );
      }
      const [key, text] = readEntry(reader, span, limits.key, limits.value);
      metadata.set(key, text);
    } else if (field === 25) readFunction(reader, reader.span(value, 'a function'), collected);
  });
  const [found] = graphs;
  if (irVersion === null || found === undefined) {
    throw reader.damaged(irVersion === null ? 'its format version is missing' : 'it has no graph', 0);
  }
  if (opsets.size === 0) throw reader.damaged('it does not say which operators it uses (opset_import)', 0);
  return {
    file,
    size: reader.size,
    irVersion,
    opsets: Object.fromEntries([...opsets].sort(([a], [b]) => (a < b ? -1 : 1))),
    producer,
    description: description === '' ? found.description : description,
    metadata,
    graphName: found.name,
    inputs: found.inputs.filter(({ name }) => !found.initializers.has(name)),
    outputs: found.outputs,
    operators: foreignOperators(collected),
    nodes: collected.nodes,
    externalData: collected.externalData,
  };
}

/** OperatorSetIdProto. */
function readOpset(reader: WireReader, span: Span): [string, number] {
  let domain = '';
  let version = 0;
  reader.message(span, 'opset_import', (field, value) => {
    if (field === 1) domain = reader.text(value, "an opset's domain", limits.key);
    else if (field === 2) version = reader.int(value, "an opset's version");
  });
  return [domain, version];
}

/** Without those that the file itself defines. */
function foreignOperators({ operators, functions }: Collected): OnnxFacts['operators'] {
  const byDomain = new Map<string, string[]>();
  for (const [domain, names] of operators) {
    const own = ownDomain(domain);
    const foreign = [...names].filter((name) => !functions.has(`${domain}/${name}`));
    if (foreign.length > 0) byDomain.set(own, [...(byDomain.get(own) ?? []), ...foreign]);
  }
  return Object.fromEntries(
    [...byDomain]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([domain, names]) => [domain, [...new Set(names)].sort()]),
  );
}
