import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatError, GigatileError } from '../../../src-main/contract/errors.ts';
import { findModel } from '../../../src-main/models/find-models.ts';
import { parseManifest, readModel } from '../../../src-main/models/read-manifest.ts';

const modelsDir = resolve(import.meta.dirname, '../../../models');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gigatile-models-'));
});
afterEach(() => rm(folder, { recursive: true }));

type Json = Record<string, unknown>;

async function valid(id = 'he-nuclei'): Promise<Json> {
  return JSON.parse(await readFile(join(modelsDir, id, 'gigatile.json'), 'utf8')) as Json;
}

async function errorOf(promise: Promise<unknown>): Promise<GigatileError> {
  const error = await promise.then(
    () => null,
    (e: unknown) => e,
  );
  if (!(error instanceof GigatileError)) throw new Error(`expected a GigatileError, got ${String(error)}`);
  return error;
}

async function write(manifest: unknown, model: string | null = 'he-nuclei.onnx'): Promise<void> {
  await writeFile(
    join(folder, 'gigatile.json'),
    typeof manifest === 'string' ? manifest : JSON.stringify(manifest),
  );
  if (model !== null) await copyFile(join(modelsDir, 'he-nuclei/he-nuclei.onnx'), join(folder, model));
}

describe('reading', () => {
  test('a folder, its gigatile.json and its .onnx file are the same model', async () => {
    await write(await valid());
    const byFolder = await readModel(folder);
    expect(await readModel(join(folder, 'gigatile.json'))).toEqual(byFolder);
    expect(await readModel(join(folder, 'he-nuclei.onnx'))).toEqual(byFolder);
    const bytes = await readFile(join(folder, 'he-nuclei.onnx'));
    expect(byFolder.card.sha256).toEqual([createHash('sha256').update(bytes).digest('hex')]);
    expect(byFolder.card.builtIn).toBe(false);
  });

  test('a model by path wins over nothing, an unknown id names the built-in ones', async () => {
    await write(await valid());
    expect((await findModel(folder, modelsDir)).card.builtIn).toBe(false);
    const error = await errorOf(findModel('he-nucleus', modelsDir));
    expect(error.code).toBe('model-not-found');
    expect(formatError(error.toPlain())).toMatch(
      /he-nucleus.*hdab-nuclei, he-nuclei, he-nuclei-adaptive, landcover-rgb/,
    );
  });

  test('an .onnx file without gigatile.json: says what is needed and where', async () => {
    const path = join(folder, 'mine.onnx');
    await copyFile(join(modelsDir, 'he-nuclei/he-nuclei.onnx'), path);
    const error = await errorOf(readModel(path));
    expect(error.code).toBe('model-invalid');
    expect(error.where).toBe(path);
    expect(error.hint).toContain(join(folder, 'gigatile.json'));
    expect(error.hint).toMatch(/input.*outputs.*classes/);
  });

  test('an .onnx file that the gigatile.json beside it does not name', async () => {
    await write(await valid(), 'other.onnx');
    const error = await errorOf(readModel(join(folder, 'other.onnx')));
    expect(error.code).toBe('model-invalid');
    expect(error.hint).toContain('he-nuclei.onnx');
  });

  test('a file that gigatile.json names is missing', async () => {
    await write(await valid(), null);
    const error = await errorOf(readModel(folder));
    expect(error).toMatchObject({ code: 'model-not-found', where: join(folder, 'he-nuclei.onnx') });
  });

  test('a path that is not there', async () => {
    expect((await errorOf(readModel(join(folder, 'none.onnx')))).code).toBe('model-not-found');
  });
});

/** Changes to a valid manifest, and the field that the error must name. */
const wrong: [string, string, (m: Json) => void][] = [
  ['schema of the future', 'schema', (m) => (m['schema'] = 2)],
  ['no task', 'task', (m) => delete m['task']],
  ['unknown task', 'task', (m) => (m['task'] = 'dream')],
  ['id with a space', 'id', (m) => (m['id'] = 'my model')],
  ['no classes', 'classes', (m) => (m['classes'] = [])],
  ['threshold above 1', 'threshold', (m) => (m['threshold'] = 50)],
  ['no files', 'files', (m) => (m['files'] = [])],
  [
    'an unknown image type',
    'files.0.imageTypes.0',
    (m) => (m['files'] = [{ file: 'a.onnx', imageTypes: ['complex64'] }]),
  ],
  ['a file outside', 'files', (m) => (m['files'] = [{ file: '../../etc/passwd', imageTypes: ['uint8'] }])],
  [
    'uint8 graph for uint16 images',
    'files',
    (m) => (m['files'] = [{ file: 'a.onnx', imageTypes: ['uint16'] }]),
  ],
  [
    'a band twice',
    'input.bands',
    (m) => (m['input'] = { ...(m['input'] as Json), bands: ['red', 'red', 'blue'] }),
  ],
  ['scale with uint8', 'input', (m) => (m['input'] = { ...(m['input'] as Json), scale: 0.1 })],
  [
    'two means for three bands',
    'input.mean',
    (m) => (m['input'] = { ...(m['input'] as Json), dtype: 'float32', mean: [1, 2] }),
  ],
  [
    'division by zero',
    'input.std',
    (m) => (m['input'] = { ...(m['input'] as Json), dtype: 'float32', std: [1, 0, 1] }),
  ],
  ['halo as large as the tile', 'halo', (m) => (m['halo'] = 256)],
  ['detect without detections', 'outputs', (m) => (m['outputs'] = {})],
  [
    'probability with one class',
    'classes',
    (m) =>
      Object.assign(m, {
        task: 'segment',
        outputs: { probability: { name: 'p' } },
        tileColor: { by: 'class' },
      }),
  ],
  ['a background class that is none', 'backgroundClass', (m) => (m['backgroundClass'] = 7)],
  [
    'density of a segmenter',
    'tileColor',
    (m) => Object.assign(m, { task: 'segment', outputs: { labels: { name: 'l' } } }),
  ],
  ['class colour of a detector', 'tileColor', (m) => (m['tileColor'] = { by: 'class' })],
  [
    'colour by an unknown value',
    'tileColor.value',
    (m) => (m['tileColor'] = { by: 'value', value: 'x', full: 1 }),
  ],
];

describe('a wrong gigatile.json is refused and its field named', () => {
  test.each(wrong)('%s', async (_, field, change) => {
    const manifest = await valid();
    change(manifest);
    await write(manifest);
    const error = await errorOf(readModel(folder));
    expect(error.code).toBe('model-invalid');
    expect(error.where).toBe(`${join(folder, 'gigatile.json')}, field ${field}`);
  });

  test('no JSON at all', async () => {
    await write('{ "schema": 1,');
    const error = await errorOf(readModel(folder));
    expect(error.code).toBe('model-invalid');
    expect(error.message).toContain('no JSON');
  });

  test('the unchanged one is fine', async () => {
    expect(parseManifest(JSON.stringify(await valid()), 'x').id).toBe('he-nuclei');
  });
});
