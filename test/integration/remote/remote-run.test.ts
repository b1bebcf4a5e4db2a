/** Runs of remote models from end to end: real workers, a real case file, a real HTTP server that behaves badly. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import type { RunParameters, RunView } from '../../../src-main/contract/run.ts';
import type { CaseSession } from '../../../src-main/engine/case-session.ts';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import { MemorySecretStore } from '../../../src-main/engine/secret-store.ts';
import { createEngine, type EngineParts } from '../../../src-main/engine/engine.ts';
import { writeExport } from '../../../src-main/engine/export-run.ts';
import { Cleanup } from '../../support/cleanup.ts';
import { gigatile } from '../../support/cli.ts';
import { remoteManifest, writeRemoteModel } from '../../support/remote-model.ts';
import {
  region,
  sendChat,
  sendJson,
  startVisionServer,
  type VisionServer,
} from '../../support/vision-server.ts';

const key = 'sk-planted-fedcba9876543210';
const cleanup = new Cleanup();
let folder: string;
let image: string;
let server: VisionServer;
let engine: EngineParts;

/** 256 x 192: twelve tiles of 64, no two alike. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-remote-'));
  cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
  server = await startVisionServer(({ response }) => sendChat(response, region));
  cleanup.add(() => server.close());
  process.env['GIGATILE_TEST_KEY'] = key;
  cleanup.add(() => delete process.env['GIGATILE_TEST_KEY']);
  image = join(folder, 'secret patient name.png');
  const pixels = Uint8Array.from({ length: 256 * 192 * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % 256, Math.floor(i / 768)];
    return i % 3 === 0 ? Math.floor(x / 64) * 60 : i % 3 === 1 ? Math.floor(y / 64) * 60 : (x * y) % 97;
  });
  await sharp(pixels, { raw: { width: 256, height: 192, channels: 3 } })
    .png()
    .toFile(image);
  engine = await createEngine({
    host: new ChildWorkerHost(),
    shell: { kind: 'web', secrets },
    dataDir: join(folder, 'data'),
    modelsDir: resolve(import.meta.dirname, '../../../models'),
    version: 'test',
  });
  cleanup.add(() => engine.close());
});

afterAll(cleanup.run);

const secrets = new MemorySecretStore('for tests');

let models = 0;

function modelFor(remote: Record<string, unknown> = {}): string {
  return writeRemoteModel(
    join(folder, `model-${++models}`),
    remoteManifest({
      baseUrl: `${server.origin}/v1`,
      apiKeyVariable: 'GIGATILE_TEST_KEY',
      timeoutSeconds: 60,
      ...remote,
    }),
  );
}

async function openCase(name: string): Promise<CaseSession> {
  server.asked.length = 0;
  server.mostAtOnce = 0;
  return engine.cases.open(image, join(folder, `${name}.gigatile`));
}

async function run(session: CaseSession, model: string, parameters: RunParameters = {}): Promise<RunView> {
  await session.consent(model, 'Dr. Agreed');
  const conductor = await session.startRun(model, parameters);
  await conductor.ended;
  return conductor.event().run;
}

/** The picture that a question is about. */
function pictureOf(body: Record<string, unknown>): string {
  return /data:image\/jpeg;base64,([^"]+)/.exec(JSON.stringify(body))?.[1] ?? '';
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

it('takes the key that a person gave to the program, and writes it nowhere', async () => {
  const given = 'sk-given-in-the-settings';
  const model = modelFor({ apiKeyVariable: 'GIVEN_IN_SETTINGS' });
  const session = await openCase('given');
  expect((await run(session, model)).reason).toMatch(/key for the endpoint is not set/);
  expect(server.asked).toEqual([]);
  await secrets.set('GIVEN_IN_SETTINGS', given);
  expect((await run(session, model)).state).toBe('complete');
  expect(new Set(server.asked.map(({ headers }) => headers.authorization))).toEqual(
    new Set([`Bearer ${given}`]),
  );
  for (const file of filesBelow(folder)) expect(readFileSync(file).includes(given), file).toBe(false);
});

it('sends nothing before somebody agreed for this case, and says what would be sent', async () => {
  const session = await openCase('consent');
  const model = modelFor();
  const refusal = await session.startRun(model, {}).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(GigatileError);
  expect(refusal).toMatchObject({ code: 'consent-needed', where: server.origin });
  expect((refusal as GigatileError).hint).toMatch(/JPEG.*512 px.*Not sent: the file's name/);
  expect(await session.leaves(model)).toMatchObject({ agreed: false, endpoint: server.origin });
  expect(session.file.runs.list()).toEqual([]);
  expect(server.asked).toEqual([]);

  await session.consent(model, 'Dr. Agreed');
  expect(session.file.events.list(null).at(-1)).toMatchObject({
    kind: 'remote-consent',
    data: { who: 'Dr. Agreed', endpoint: server.origin, model: 'test-vision' },
  });
  expect(await session.leaves(model)).toMatchObject({ agreed: true });
  // Another model at that address, or another address, is another question; so is another case.
  await expect(session.startRun(modelFor({ model: 'other' }), {})).rejects.toMatchObject({
    code: 'consent-needed',
  });
  const other = await engine.cases.open(image, join(folder, 'consent-2.gigatile'));
  await expect(other.startRun(model, {})).rejects.toMatchObject({ code: 'consent-needed' });
});

it('gets through throttling, failures, stalls and nonsense; what is left failed is told, and no key is anywhere', async () => {
  const session = await openCase('rough');
  const turns = new Map<string, number>();
  let throttledAt = 0;
  let meanwhile = 0;
  const knownAfterMs = 300;
  const troubles: VisionServer['answer'][] = [
    ({ response }) => {
      throttledAt = performance.now();
      sendJson(response, 429, { error: { message: `slow down, ${key}` } }, { 'retry-after': '1' });
    },
    // Those that were asked beside it are answered later: before it knows that it is throttled, nobody could hold back the next one.
    ({ response }) =>
      void setTimeout(() => sendJson(response, 500, { error: { message: `crash ${key}` } }), knownAfterMs),
    ({ response }) => {
      response.writeHead(200, { 'content-length': '999' });
      response.write('{"choices"');
      setTimeout(() => response.destroy(), knownAfterMs);
    },
    () => undefined,
    ({ response }) => sendChat(response, 'What a lovely picture!'),
    ({ response }) => sendChat(response, { trees: [] }),
  ];
  const order: string[] = [];
  server.answer = (asked) => {
    const picture = pictureOf(asked.body);
    const turn = (turns.get(picture) ?? 0) + 1;
    turns.set(picture, turn);
    if (turn === 1) order.push(picture);
    const no = order.indexOf(picture);
    const since = performance.now() - throttledAt;
    if (throttledAt > 0 && since < 980) meanwhile++;
    // Two tiles never get an answer that can be used; six get trouble once; the rest is well.
    if (no === 10) return sendChat(asked.response, 'never JSON');
    if (no === 11) {
      asked.response.writeHead(200);
      asked.response.end('x'.repeat(5 * 2 ** 20));
      return undefined;
    }
    const trouble = turn === 1 ? troubles[no] : undefined;
    if (trouble) return trouble(asked);
    return sendChat(asked.response, region);
  };
  const ended = await run(session, modelFor({ timeoutSeconds: 2 }), {
    tolerate: { kind: 'count', value: 2 },
  });
  expect(ended).toMatchObject({
    state: 'complete-with-gaps',
    tiles: { total: 12, done: 10, failed: 2, waiting: 0, pending: 0 },
    findings: 10,
    provider: server.origin,
  });
  expect(server.mostAtOnce).toBeLessThanOrEqual(4);
  const no = session.file.runs.list()[0]?.no ?? -1;
  const failures = session.file.tiles.failures(no);
  expect(failures.map(({ code, count }) => [code, count])).toEqual([
    ['endpoint-failed', 1],
    ['endpoint-failed', 1],
  ]);
  expect(failures.map(({ message }) => message).join()).toMatch(/4 MB/);
  // Nothing was asked while the endpoint wanted to be left alone, but what was under way already.
  expect(meanwhile).toBeLessThanOrEqual(3);
  const waits = session.file.events.list(no).filter(({ kind }) => kind === 'tile-waits');
  expect(waits.length).toBeGreaterThanOrEqual(4);
  // Ten good answers, two that were mended, two of the tile that never gave one; the others said nothing of tokens. More where
  // this machine was too slow for an answer.
  const requests = ended.usage?.requests ?? 0;
  expect(requests).toBeGreaterThanOrEqual(14);
  expect(ended.usage).toEqual({
    requests,
    inputTokens: requests * 1000,
    outputTokens: requests * 100,
    usd: null,
  });
  expect(ended.scene).toMatchObject({ by: 'rules', regions: 10, objects: [{ name: 'tree', count: 10 }] });

  const done = [...session.file.tiles.load(no)].find(({ state }) => state === 2);
  expect(session.file.tiles.note(no, done?.idx ?? -1)).toMatchObject({ label: 'meadow' });

  const out = join(folder, 'data', 'exports');
  for (const format of ['html', 'geojson', 'csv', 'coco'] as const) {
    await writeExport(session, engine.images, no, format, `${out}.${format}`);
  }
  const html = readFileSync(`${out}.html`, 'utf8');
  expect(html).toContain('Put together by rules from what a remote model wrote');
  expect(html).toContain(ended.scene?.promptSha256);
  const files = filesBelow(folder);
  expect(files.length).toBeGreaterThan(6);
  for (const file of files) expect(readFileSync(file).includes(key), file).toBe(false);
  // Nor does anything but tiles and the prompt leave.
  const sent = server.asked.map(({ raw }) => raw).join();
  expect(sent).not.toMatch(/secret|patient|Agreed|rough/);
});

it('pauses at its budget and goes on with a larger one, asking for no tile twice', async () => {
  const session = await openCase('budget');
  server.answer = ({ response }) => sendChat(response, region);
  const model = modelFor({ concurrency: 3 });
  const paused = await run(session, model, { budget: { tokens: 5000 } });
  expect(paused).toMatchObject({ state: 'paused', tiles: { done: 4, failed: 0 } });
  expect(paused.reason).toContain('5000 tokens');
  expect(paused.usage).toMatchObject({ requests: 4, inputTokens: 4000, outputTokens: 400 });

  // The same budget again lets nothing through.
  const no = Number(paused.id.replace(/\D/g, ''));
  const same = session.resumeRun(no, false);
  await same.ended;
  expect(same.event().run).toMatchObject({ state: 'paused', tiles: { done: 4 } });
  expect(server.asked).toHaveLength(4);

  const more = session.resumeRun(no, false, { tokens: 100_000 });
  await more.ended;
  expect(more.event().run).toMatchObject({ state: 'complete', usage: { requests: 12 } });
  expect(new Set(server.asked.map(({ body }) => pictureOf(body))).size).toBe(12);
  expect(server.asked).toHaveLength(12);

  // Money needs prices.
  await expect(session.startRun(model, { budget: { usd: 1 } })).rejects.toMatchObject({ code: 'usage' });
});

it('stops at once where it is not let in, and no tile has failed', async () => {
  const session = await openCase('refused');
  server.answer = ({ response }) => sendJson(response, 401, { error: { message: 'bad key' } });
  const ended = await run(session, modelFor({ concurrency: 2 }));
  expect(ended).toMatchObject({ state: 'paused', tiles: { failed: 0, done: 0, pending: 12 } });
  expect(ended.reason).toMatch(/does not let us in.*GIGATILE_TEST_KEY/);
  expect(server.asked.length).toBeLessThanOrEqual(2);
});

it('is stopped while the endpoint is silent; nothing is lost, and how long to wait is kept', async () => {
  const session = await openCase('stopped');
  server.answer = ({ no, response }) => {
    if (no <= 2) sendChat(response, region);
    if (no === 3) sendJson(response, 429, {}, { 'retry-after': '1800' });
  };
  const model = modelFor();
  await session.consent(model, 'Dr. Agreed');
  const conductor = await session.startRun(model, {});
  await expect.poll(() => conductor.event().run.tiles).toMatchObject({ done: 2, waiting: 1 });
  const before = Date.now();
  await conductor.stop({ state: 'paused', reason: null });
  expect(conductor.event().run).toMatchObject({
    state: 'paused',
    tiles: { done: 2, pending: 9, waiting: 1, failed: 0 },
  });
  const waiting = [...session.file.tiles.load(conductor.no)].filter(({ wakeMs }) => wakeMs !== null);
  expect(waiting).toHaveLength(1);
  expect(waiting[0]?.wakeMs).toBeGreaterThan(before + 1_700_000);
});

it('by a coarse grid tiles are sent small, and the endpoint describes the whole from the texts', async () => {
  const session = await openCase('scene');
  const whole = 'Meadows from end to end, <b>with</b> trees.';
  server.answer = ({ response, body }) =>
    sendChat(response, pictureOf(body) === '' ? { description: whole } : region);
  const model = modelFor({ imageEdge: 32, pricePerMillionInputTokens: 3, pricePerMillionOutputTokens: 15 });
  const ended = await run(session, model, {
    grid: { columns: 3, rows: 3 },
    describe: 'remote',
    budget: { usd: 1 },
  });
  expect(ended).toMatchObject({
    state: 'complete',
    grid: { columns: 3, rows: 3 },
    tiles: { done: 9 },
    scene: { by: 'remote', text: whole, problem: null },
  });
  expect(ended.usage?.usd).toBeCloseTo(10 * (1000 * 3 + 100 * 15) * 1e-6, 9);
  const pictures = server.asked.map(({ body }) => pictureOf(body)).filter((picture) => picture !== '');
  for (const picture of pictures) {
    const { width, height, format, exif, icc } = await sharp(Buffer.from(picture, 'base64')).metadata();
    expect(Math.max(width, height)).toBeLessThanOrEqual(32);
    expect({ format, exif, icc }).toEqual({ format: 'jpeg', exif: undefined, icc: undefined });
  }
  // The box of the tile in the middle, in pixels of the image.
  const boxes = session.file.findings.page(1, {
    threshold: 0.5,
    offset: 0,
    limit: 20,
    sort: 'position',
    verdict: 'all',
  });
  const middle = boxes.findings.find(({ tile }) => tile === 4);
  const { scaleX, tileWidth = 0, tileHeight = 0 } = ended.grid ?? { scaleX: 0 };
  expect(middle?.x).toBeCloseTo((tileWidth + tileWidth / 4) * scaleX, 3);
  expect(middle?.y).toBeCloseTo((tileHeight + tileHeight / 4) * scaleX, 3);
  const path = join(folder, 'scene.html');
  await writeExport(session, engine.images, 1, 'html', path);
  const html = readFileSync(path, 'utf8');
  expect(html).toContain('Written by a remote model');
  expect(html).toContain('&lt;b&gt;with&lt;/b&gt;');
});

it('a key that is not set is told by its variable, on the command line', () => {
  const model = modelFor({ apiKeyVariable: 'GIGATILE_TEST_KEY_MISSING' });
  const args = ['analyze', image, '--model', model, '--allow-remote', '--budget', '1000tokens', '--json'];
  const noKey = gigatile(join(folder, 'cli'), args);
  expect(noKey.code).toBe(1);
  expect(noKey.stderr).toContain('GIGATILE_TEST_KEY_MISSING');
  expect(noKey.json().at(-1)).toMatchObject({ event: 'finished', state: 'interrupted' });
});
