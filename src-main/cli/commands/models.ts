/** `gigatile models`: the list, what one model is and where that was read, and what a person says of one that does not say it. */
import { parseArgs } from 'node:util';
import { GigatileError, formatError } from '../../contract/errors.ts';
import type { ModelCard } from '../../contract/model.ts';
import { ChildWorkerHost } from '../../engine/child-worker-host.ts';
import { requireWithin, selfTest } from '../../engine/self-test.ts';
import { findDescription, listModels } from '../../models/find-models.ts';
import { shapeLine } from '../../models/graph-draft.ts';
import type { FileDescription } from '../../models/describe-model.ts';
import { fileSha256 } from '../../models/model-files.ts';
import { readOnnx } from '../../models/onnx-file/read-onnx.ts';
import type { ModelDescription } from '../../models/read-manifest.ts';
import { writeManifest } from '../../models/write-manifest.ts';
import { modelsDir } from '../environment.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const field = (name: string, text: string): void => print(`${name.padEnd(13)} ${text}`);

export async function models(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      set: { type: 'string', multiple: true, default: [] },
      replace: { type: 'boolean', default: false },
      'self-test': { type: 'boolean', default: false },
    },
  });
  const [name] = positionals;
  if (positionals.length > 1) throw new GigatileError('usage', 'models takes at most one name');
  if (name === undefined) {
    if (values.set.length > 0)
      throw new GigatileError('usage', '--set needs the .onnx file that it is about');
    if (values['self-test'])
      throw new GigatileError('usage', '--self-test needs the .onnx file of the model');
    for (const { card } of await listModels(modelsDir)) printShort(card, values.json);
    return 0;
  }
  if (values.set.length > 0) {
    const { path } = await writeManifest(name, answersOf(values.set), { replace: values.replace });
    if (!values.json) print(`Written: ${path}`);
  }
  if (values['self-test']) return runSelfTest(name, values.json);
  const description = await findDescription(name, modelsDir);
  if (values.json) print(JSON.stringify(await asJson(description)));
  else await printLong(description);
  return 0;
}

/** The model against the answer that was published with it; an error where they differ by more than it allows. */
async function runSelfTest(name: string, json: boolean): Promise<number> {
  const test = await selfTest(new ChildWorkerHost(), name);
  if (json) print(JSON.stringify(test));
  else {
    print(
      `${test.output}: largest difference ${test.largest.toPrecision(3)} (${test.largestRelative.toPrecision(3)} of the number), ${test.mismatched} of ${test.total} numbers beyond ${test.tolerance.absolute} + ${test.tolerance.relative} of the number`,
    );
  }
  requireWithin(test, name);
  return 0;
}

/** `--set classes=water,land` */
function answersOf(set: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    set.map((each) => {
      const at = each.indexOf('=');
      if (at < 1) throw new GigatileError('usage', `--set ${each} is not fact=answer`);
      return [each.slice(0, at).trim(), each.slice(at + 1)];
    }),
  );
}

function printShort(card: ModelCard, json: boolean): void {
  const { id, name, version, task } = card.manifest;
  print(json ? JSON.stringify(card) : `${id.padEnd(18)} ${name} ${version}: ${task}`);
}

interface GraphLines {
  inputs: string[];
  outputs: string[];
  producer: string;
  opsets: Record<string, number>;
}

function graphOf(facts: FileDescription['facts']): GraphLines {
  const { inputs, outputs, producer, opsets } = facts;
  return {
    inputs: inputs.map(shapeLine),
    outputs: outputs.map(shapeLine),
    producer: `${producer.name} ${producer.version}`.trim(),
    opsets,
  };
}

/** A card's fields where the model is ready; the draft, what is missing and the graph in any case. */
async function asJson({ found, convention, file }: ModelDescription): Promise<Record<string, unknown>> {
  const graph = file === null ? firstGraph(found?.files) : graphOf(file.facts);
  const shared = { convention, missing: file?.missing ?? [], problem: file?.problem ?? null, graph };
  if (found !== null) return { ...found.card, ...shared };
  return {
    manifest: null,
    builtIn: false,
    sha256: file === null ? [] : [await fileSha256(file.file)],
    readFrom: file?.readFrom ?? {},
    ...shared,
    draft: file?.draft ?? null,
    notes: file?.notes ?? [],
  };
}

/** A model on another computer names no graph as its file. */
function firstGraph(files: readonly string[] | undefined): GraphLines | null {
  const first = files?.[0];
  return first === undefined || !/\.onnx$/i.test(first) ? null : graphOf(readOnnx(first));
}

async function printLong(description: ModelDescription): Promise<void> {
  const { found, convention, file } = description;
  if (found !== null) printCard(found.card);
  else print(`${file?.file ?? ''}: ${convention ?? 'nobody describes this model'}`);
  if (found !== null) field('described by', convention ?? '');
  const graph = file === null ? firstGraph(found?.files) : graphOf(file.facts);
  for (const line of graph?.inputs ?? []) field('takes', line);
  for (const line of graph?.outputs ?? []) field('gives', line);
  if (found === null && file !== null) field('file', `sha256 ${await fileSha256(file.file)}`);
  const readFrom = found?.card.readFrom ?? file?.readFrom ?? {};
  for (const [what, where] of Object.entries(readFrom)) field('read', `${what} from ${where}`);
  for (const note of file?.notes ?? []) field('note', note);
  if (file?.problem) field('wrong', formatError(file.problem));
  for (const { fact, question, choices, suggestion } of file?.missing ?? []) {
    field('missing', `${fact}: ${question}${suggestion === undefined ? '' : ` (${suggestion}?)`}`);
    for (const { value, label } of choices ?? []) print(`${''.padEnd(16)}${value.padEnd(28)} ${label}`);
  }
  if (found === null && file !== null) {
    print(
      `Say it with: gigatile models ${file.file} ${file.missing.map(({ fact }) => `--set "${fact}=…"`).join(' ')}`,
    );
  }
}

function printCard(card: ModelCard): void {
  const { manifest } = card;
  const { input } = manifest;
  print(
    `${manifest.id}: ${manifest.name} ${manifest.version} (${manifest.task}, ${manifest.license || 'licence not stated'})`,
  );
  if (manifest.description !== '') print(manifest.description);
  const metres = manifest.metresPerPixel ?? null;
  field(
    'resolution',
    manifest.mpp !== null ? `${manifest.mpp} µm per px` : metres !== null ? `${metres} m per px` : 'any',
  );
  const height = input.tileHeight ?? input.tileSize;
  field(
    'input',
    `${input.bands.join(', ')}; tiles of ${height === input.tileSize ? height : `${input.tileSize} x ${height}`} px; halo ${manifest.halo} px`,
  );
  const names = manifest.classes.map(({ name }) => name);
  field(
    'classes',
    names.length > 20 ? `${names.slice(0, 20).join(', ')} … (${names.length})` : names.join(', '),
  );
  for (const limit of manifest.limits) field('limit', limit);
  manifest.files.forEach((each, i) => field('file', `${each.file} sha256 ${card.sha256[i] ?? ''}`));
  for (const { file, sha256 } of card.externalData ?? []) field('weights', `${file} sha256 ${sha256}`);
}
