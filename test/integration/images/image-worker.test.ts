/** The image worker as a real process. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImageAnswer, ImageRequest, ImageValue } from '../../../src-main/core/worker-protocol.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import { testData } from '../../support/test-data.ts';
import { run, scratchFolder } from './oracles.ts';

const codecs = await createCodecs();
const entry = resolve(import.meta.dirname, '../../../src-main/workers/image.entry.ts');

type Question = ImageRequest extends infer R ? (R extends ImageRequest ? Omit<R, 'id'> : never) : never;

class Worker {
  readonly process: ChildProcess;
  #next = 1;
  readonly #waiting = new Map<number, (answer: ImageAnswer) => void>();

  constructor(execArgv: string[] = []) {
    this.process = fork(entry, { serialization: 'advanced', execArgv });
    this.process.on('message', (answer: ImageAnswer) => this.#waiting.get(answer.id)?.(answer));
  }

  ask(question: Question): Promise<ImageAnswer> {
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.process.send({ ...question, id });
    });
  }

  async value(question: Question): Promise<ImageValue> {
    const answer = await this.ask(question);
    if (!answer.ok) throw new Error(answer.error.message);
    return answer.value;
  }

  async open(path: string): Promise<Extract<ImageValue, { op: 'open' }>> {
    const value = await this.value({ op: 'open', path });
    if (value.op !== 'open') throw new Error(value.op);
    return value;
  }
}

const folder = scratchFolder();
let worker: Worker;
let slide: string;

beforeAll(() => {
  worker = new Worker();
  slide = join(folder, 'slide.tif');
  const flat = join(folder, 'noise.v');
  run('vips', 'gaussnoise', flat, '1500', '900', '--mean', '128', '--sigma', '40');
  const bytes = join(folder, 'noise.png');
  run('vips', 'cast', flat, bytes, 'uchar');
  run(
    'vips',
    ...`tiffsave ${bytes} ${slide} --tile --tile-width 256 --tile-height 256 --compression jpeg --pyramid`.split(
      ' ',
    ),
  );
});

afterAll(() => worker.process.kill());

describe('requests', () => {
  test('open, tiles, crops, thumbnails and pictures, many at once', async () => {
    const { image, info, fingerprint } = await worker.open(slide);
    expect(info).toMatchObject({ width: 1500, height: 900, display: { passthrough: true } });
    expect(fingerprint).toMatch(/^[\da-f]{64}$/);
    if (process.platform === 'linux') {
      const mapped = readFileSync(`/proc/${worker.process.pid}/maps`, 'utf8');
      expect(mapped).toContain('turbojpeg');
      expect(mapped, 'a slide of JPEG tiles needs no libvips').not.toContain('libvips');
    }
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, i) =>
        worker.value({ op: 'tile', image, level: 0, column: i % 6, row: Math.floor(i / 6) }),
      ),
    );
    for (const answer of answers) {
      if (answer.op !== 'bytes') throw new Error(answer.op);
      expect(answer.type).toBe('image/jpeg');
      expect([...answer.bytes.subarray(0, 2), ...answer.bytes.subarray(-2)]).toEqual([
        0xff, 0xd8, 0xff, 0xd9,
      ]);
      // Passed through: what the file has, bit for bit, behind the spliced header.
      expect(readFileSync(slide).includes(Buffer.from(answer.bytes.subarray(-200)))).toBe(true);
    }
    expect(await worker.value({ op: 'tile', image, level: 0, column: 6, row: 0 })).toEqual({ op: 'none' });
    const crop = { x: 100, y: 100, width: 300, height: 200 };
    expect(await worker.value({ op: 'render', image, rect: crop, width: 150, height: 100 })).toMatchObject({
      op: 'bytes',
      type: 'image/jpeg',
    });
    const png = await worker.value({ op: 'png', width: 2, height: 1, bands: 3, data: new Uint8Array(6) });
    expect(png).toMatchObject({ op: 'bytes', type: 'image/png' });
    await worker.value({ op: 'close', image });
    expect(await worker.ask({ op: 'tile', image, level: 0, column: 0, row: 0 })).toMatchObject({
      ok: false,
      error: { code: 'image-missing' },
    });
  });

  test('the same file opened twice is open until both have closed it', async () => {
    const [one, two] = [await worker.open(slide), await worker.open(slide)];
    expect(two.image).toBe(one.image);
    await worker.value({ op: 'close', image: one.image });
    expect(await worker.value({ op: 'tile', image: two.image, level: 0, column: 0, row: 0 })).toMatchObject({
      op: 'bytes',
    });
    await worker.value({ op: 'close', image: two.image });
  });

  test('a damaged tile is hatched, and the worker goes on', async () => {
    const damaged = join(folder, 'damaged.tif');
    copyFileSync(slide, damaged);
    const bytes = readFileSync(damaged);
    // The pixels of the first tile lie right behind the header in files of libvips.
    bytes.fill(0, 8, 2000);
    writeFileSync(damaged, bytes);
    const { image } = await worker.open(damaged);
    const bad = await worker.value({
      op: 'render',
      image,
      rect: { x: 0, y: 0, width: 9, height: 9 },
      width: 9,
      height: 9,
    });
    // Hatched: a model is refused it (see corrupt-files.test.ts), a person sees where it is.
    if (bad.op !== 'bytes') throw new Error(bad.op);
    const shown = codecs.decodeJpeg(bad.bytes).data;
    expect(Math.max(...shown) - Math.min(...shown)).toBeGreaterThan(40);
    const rect = { x: 1000, y: 600, width: 50, height: 50 };
    expect(await worker.ask({ op: 'render', image, rect, width: 50, height: 50 })).toMatchObject({
      ok: true,
    });
    expect(worker.process.exitCode).toBeNull();
  });

  test('bad requests are answers too', async () => {
    expect(await worker.ask({ op: 'open', path: join(folder, 'nothing.svs') })).toMatchObject({
      ok: false,
      error: { code: 'file-not-found' },
    });
    const data = new Uint8Array(5);
    expect(await worker.ask({ op: 'png', width: 2, height: 1, bands: 3, data })).toMatchObject({
      ok: false,
      error: { code: 'usage' },
    });
  });

  test('doctor: every codec is tried and says its version', async () => {
    const value = await worker.value({ op: 'doctor' });
    if (value.op !== 'doctor') throw new Error(value.op);
    // The system's OpenSlide may be there or not.
    const own = value.codecs.filter(({ name }) => !/openslide/i.test(name));
    expect(own.slice(0, 3).map(({ name }) => name)).toEqual(['jpeg-turbo', 'jpeg-turbo, exact', 'sharp']);
    expect(own.length).toBeGreaterThanOrEqual(6);
    expect(own.filter(({ ok }) => !ok)).toEqual([]);
    for (const codec of own) expect(codec.detail).toMatch(/\d+\.\d+/);
  });
});

const svs = testData('pathology', 'CMU-1-Small-Region.svs');

describe.skipIf(svs === null)('a real slide, cut off', () => {
  test.each([0.3, 0.66, 0.7, 0.95, 0.999])('at %f of its length', async (part) => {
    const path = join(folder, 'truncated.svs');
    const whole = readFileSync(svs ?? '');
    writeFileSync(path, whole);
    truncateSync(path, Math.floor(whole.length * part));
    const answer = await worker.ask({ op: 'open', path });
    expect(answer).toMatchObject({ ok: false, error: { code: 'image-corrupt' } });
    if (!answer.ok) {
      expect(answer.error.where).toContain('truncated.svs');
      expect(answer.error.message).toMatch(/beyond the end of the file|shorter than its tile table/);
    }
  });

  test('label and macro through the worker', async () => {
    const { image, info } = await worker.open(svs ?? '');
    for (const name of info.associated) {
      expect(await worker.value({ op: 'associated', image, name })).toMatchObject({ type: 'image/jpeg' });
    }
    await worker.value({ op: 'close', image });
  });
});

test('without a codec: said by name, in doctor and where it is needed; the rest works', async () => {
  const hook =
    'import { registerHooks } from "node:module";' +
    'registerHooks({ resolve(name, context, next) {' +
    ' if (name === "sharp") throw new Error("libvips is not for this system"); return next(name, context); } });';
  const lame = new Worker(['--import', `data:text/javascript,${encodeURIComponent(hook)}`]);
  try {
    const value = await lame.value({ op: 'doctor' });
    if (value.op !== 'doctor') throw new Error(value.op);
    const of = (name: string) => value.codecs.find((codec) => codec.name === name);
    expect(of('jpeg-turbo')).toMatchObject({ ok: true });
    expect(of('sharp')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('libvips is not for this system'),
    });
    const png = join(folder, 'flat.png');
    run('vips', 'black', png, '20', '20');
    expect(await lame.ask({ op: 'open', path: png })).toMatchObject({
      ok: false,
      error: { code: 'codec-missing', message: expect.stringContaining('sharp') },
    });
    const { image } = await lame.open(slide);
    expect(await lame.value({ op: 'tile', image, level: 0, column: 0, row: 0 })).toMatchObject({
      op: 'bytes',
    });
  } finally {
    lame.process.kill();
  }
});

test('a worker whose parent goes away ends itself', async () => {
  const orphan = new Worker();
  const { image } = await orphan.open(slide);
  expect(image).toBeGreaterThan(0);
  const gone = new Promise((resolve) => orphan.process.once('exit', resolve));
  orphan.process.disconnect();
  expect(await gone).toBe(0);
});
