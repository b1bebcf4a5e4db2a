/** The WebAssembly codecs against streams of Debian's libraries: every depth and layout, damage, and memory over many calls. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Raster } from '../../../src-main/images/image-source.ts';
import { codecReport, createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import { bytesOf, run, scratchFolder, seeded } from './oracles.ts';

const codecs = await createCodecs();
const folder = scratchFolder();
// opj_compress refuses raw pixels of some odd sizes.
const [width, height] = [64, 48];

function noise(
  length: number,
  bits: number,
  signed = false,
): Uint8Array | Uint16Array | Int8Array | Int16Array {
  const random = seeded(bits * 100 + length);
  const make = bits <= 8 ? (signed ? Int8Array : Uint8Array) : signed ? Int16Array : Uint16Array;
  const low = signed ? -(2 ** (bits - 1)) : 0;
  const data = new make(length);
  for (let i = 0; i < length; i++) {
    data[i] = low + Math.floor((0.5 + 0.5 * Math.sin(i / 9)) * random() * 2 ** bits);
  }
  return data;
}

interface Job {
  kind: 'jpegls' | 'lerc';
  data: ArrayBufferView;
  [option: string]: unknown;
}

/** Streams of the jobs, in their order. */
function encode(jobs: readonly Job[]): Buffer[] {
  const listed = jobs.map(({ data, ...job }, i) => {
    const [input, out] = [join(folder, `${i}.in`), join(folder, `${i}.out`)];
    writeFileSync(input, bytesOf(data));
    return { width, height, mask: null, masks: 0, near: 0, ...job, in: input, out };
  });
  writeFileSync(join(folder, 'jobs.json'), JSON.stringify(listed));
  run('/usr/bin/python3', join(import.meta.dirname, '../../support/encode-samples.py'), folder);
  return listed.map(({ out }) => readFileSync(out));
}

function band(raster: Raster, index: number): number[] {
  return [...raster.data].filter((_, i) => i % raster.bands === index);
}

test('doctor tries each on an image', async () => {
  const report = await codecReport();
  for (const name of ['jpeg2000', 'jpeg-ls', 'lerc']) {
    expect(report).toContainEqual({ name, ok: true, detail: expect.stringMatching(/ \d+\.\d+\.\d+$/) });
  }
});

describe('JPEG 2000', () => {
  /** By opj_compress, from planes. */
  function encoded(bands: number, bits: number, signed: boolean, ...options: string[]) {
    const planes = Array.from({ length: bands }, (_, i) => noise(width * height, bits, signed && i >= 0));
    const [input, out] = [join(folder, 'in.rawl'), join(folder, 'out.j2k')];
    writeFileSync(input, Buffer.concat(planes.map((plane) => bytesOf(plane))));
    const steps = planes.map(() => '1x1').join(':');
    const geometry = `${width},${height},${bands},${bits},${signed ? 's' : 'u'}@${steps}`;
    run('opj_compress', '-i', input, '-o', out, '-F', geometry, ...options);
    return { planes, stream: readFileSync(out) };
  }

  const depths = Array.from({ length: 16 }, (_, i) => i + 1);
  test.each(depths.flatMap((bits) => [1, 3, 4].map((bands) => [bits, bands] as const)))(
    '%d bits x %d',
    async (bits, bands) => {
      for (const signed of bits === 1 ? [false] : [false, true]) {
        const { planes, stream } = encoded(bands, bits, signed);
        const raster = await codecs.decodeJpeg2000(stream);
        const dtype = `${signed ? '' : 'u'}int${bits <= 8 ? 8 : 16}`;
        expect(raster).toMatchObject({ width, height, bands, dtype });
        for (const [i, plane] of planes.entries()) expect(band(raster, i)).toEqual([...plane]);
      }
    },
  );

  test('two and seventeen bands', async () => {
    for (const bands of [2, 17]) {
      const { planes, stream } = encoded(bands, 11, false);
      const raster = await codecs.decodeJpeg2000(stream);
      for (const [i, plane] of planes.entries()) expect(band(raster, i)).toEqual([...plane]);
    }
  });

  test('damage is an error or other pixels, and the next stream is decoded', async () => {
    const random = seeded(5);
    for (const bands of [1, 2]) {
      const { planes, stream } = encoded(bands, 8, false);
      let refused = 0;
      for (let i = 0; i < 150; i++) {
        const broken = Buffer.from(stream);
        const count = 1 + Math.floor(random() * 6);
        for (let k = 0; k < count; k++)
          broken[Math.floor(random() * broken.length)] = Math.floor(random() * 256);
        const cut = random() < 0.3 ? Math.floor(random() * broken.length) : broken.length;
        await codecs.decodeJpeg2000(broken.subarray(0, cut)).catch((error: unknown) => {
          expect(error).toMatchObject({ name: 'GigatileError', code: expect.stringMatching(/^image-/) });
          refused++;
        });
      }
      expect(refused).toBeGreaterThan(10);
      const raster = await codecs.decodeJpeg2000(stream);
      for (const [i, plane] of planes.entries()) expect(band(raster, i)).toEqual([...plane]);
    }
  });

  test('a size above the limit is refused before it is allocated', async () => {
    const { stream } = encoded(1, 8, false);
    const bomb = Buffer.from(stream);
    for (const at of [8, 12, 24, 28]) bomb.writeUInt32BE(0x7fff_ffff, at);
    await expect(codecs.decodeJpeg2000(bomb)).rejects.toMatchObject({ code: 'image-too-large' });
  });
});

describe('JPEG-LS', () => {
  test('every depth, one and three bands, every interleaving, lossless and near', async () => {
    const cases = Array.from({ length: 15 }, (_, i) => i + 2).flatMap((bits) =>
      (
        [
          [1, 0],
          [3, 0],
          [3, 1],
          [3, 2],
        ] as const
      ).map(([bands, interleave]) => ({
        kind: 'jpegls' as const,
        data: noise(width * height * bands, bits),
        bits,
        bands,
        interleave,
      })),
    );
    const streams = encode(cases);
    for (const [i, { data, bits, bands, interleave }] of cases.entries()) {
      const raster = await codecs.decodeJpegLs(streams[i] ?? Buffer.alloc(0));
      expect(raster).toMatchObject({ width, height, bands, dtype: bits <= 8 ? 'uint8' : 'uint16' });
      const pixels = width * height;
      const at = (k: number): number => (interleave === 0 ? (k % bands) * pixels + Math.floor(k / bands) : k);
      const expected = Array.from({ length: data.length }, (_, k) => data[at(k)]);
      expect([...raster.data], `${bits} bits, ${bands} bands, interleave ${interleave}`).toEqual(expected);
    }
    const data = noise(width * height, 8);
    const [near] = encode([{ kind: 'jpegls', data, bits: 8, bands: 1, interleave: 0, near: 3 }]);
    const lossy = await codecs.decodeJpegLs(near ?? Buffer.alloc(0));
    expect(Math.max(...lossy.data.map((value, i) => Math.abs(value - (data[i] ?? 0))))).toBeLessThanOrEqual(
      3,
    );
  });

  test('damage, size above the limit, and what is no JPEG-LS', async () => {
    const data = noise(width * height, 8);
    const [stream = Buffer.alloc(0)] = encode([{ kind: 'jpegls', data, bits: 8, bands: 1, interleave: 0 }]);
    const random = seeded(9);
    let refused = 0;
    for (let i = 0; i < 150; i++) {
      const broken = Buffer.from(stream);
      broken[Math.floor(random() * 40)] = Math.floor(random() * 256);
      await codecs
        .decodeJpegLs(broken.subarray(0, Math.floor(random() * broken.length)))
        .catch((error: unknown) => {
          expect(error).toMatchObject({ code: expect.stringMatching(/^image-/) });
          refused++;
        });
    }
    expect(refused).toBeGreaterThan(50);
    expect([...(await codecs.decodeJpegLs(stream)).data]).toEqual([...data]);
    const bomb = Buffer.from(stream);
    const frame = bomb.indexOf(Buffer.from([0xff, 0xf7]));
    bomb.writeUInt16BE(65_535, frame + 5);
    bomb.writeUInt16BE(65_535, frame + 7);
    await expect(codecs.decodeJpegLs(bomb)).rejects.toMatchObject({ code: 'image-too-large' });
    await expect(codecs.decodeJpegLs(Buffer.alloc(200))).rejects.toMatchObject({ code: 'image-corrupt' });
  });
});

describe('LERC', () => {
  const types = [
    Int8Array,
    Uint8Array,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
  ];

  test('every type; bands after each other, depth side by side', async () => {
    const cases = types.flatMap((make, type) =>
      (
        [
          [1, 1],
          [3, 1],
          [1, 3],
          [2, 2],
        ] as const
      ).map(([bands, depth]) => ({
        kind: 'lerc' as const,
        data: make.from(noise(width * height * bands * depth, 7)),
        type,
        bands,
        depth,
        error: 0,
      })),
    );
    const streams = encode(cases);
    for (const [i, { data, bands, depth }] of cases.entries()) {
      const raster = await codecs.decodeLerc(streams[i] ?? Buffer.alloc(0));
      expect(raster).toMatchObject({ width, height, bands: bands * depth, valid: null });
      expect(raster.data.constructor).toBe(data.constructor);
      for (let b = 0; b < bands; b++) {
        const plane = data.subarray(b * width * height * depth, (b + 1) * width * height * depth);
        for (let d = 0; d < depth; d++) {
          expect(band(raster, b * depth + d)).toEqual([...plane].filter((_, k) => k % depth === d));
        }
      }
    }
  });

  test('masked pixels are NaN in floats and 0 in integers', async () => {
    const valid = Uint8Array.from({ length: width * height }, (_, i) => (i % 7 < 3 ? 0 : 1));
    const mask = join(folder, 'mask');
    writeFileSync(mask, valid);
    const options = { kind: 'lerc', bands: 1, depth: 1, error: 0, mask, masks: 1 } as const;
    const floats = Float32Array.from(noise(width * height, 8), (value) => value + 1);
    const [a, b] = encode([
      { ...options, data: floats, type: 6 },
      { ...options, data: Uint16Array.from(floats), type: 3 },
    ]);
    const one = await codecs.decodeLerc(a ?? Buffer.alloc(0));
    const two = await codecs.decodeLerc(b ?? Buffer.alloc(0));
    expect([...one.data]).toEqual([...floats].map((value, i) => (valid[i] === 0 ? Number.NaN : value)));
    expect([...two.data]).toEqual([...floats].map((value, i) => (valid[i] === 0 ? 0 : value)));
    expect([...(two.valid ?? [])].map(Boolean)).toEqual([...valid].map(Boolean));
  });

  test('damage and absurd sizes', async () => {
    const data = Float32Array.from(noise(width * height, 8));
    const job = { kind: 'lerc', data, type: 6, bands: 1, depth: 1, error: 0.01 } as const;
    const [stream = Buffer.alloc(0)] = encode([job]);
    const random = seeded(3);
    for (let i = 0; i < 200; i++) {
      const broken = Buffer.from(stream);
      broken[Math.floor(random() * broken.length)] = Math.floor(random() * 256);
      await codecs
        .decodeLerc(broken.subarray(0, Math.floor(random() * broken.length)))
        .catch((error: unknown) => {
          expect(error).toMatchObject({ code: expect.stringMatching(/^image-/) });
        });
    }
    expect((await codecs.decodeLerc(stream)).data).toHaveLength(data.length);
  });
});

test('memory does not grow over thousands of tiles', async () => {
  const ls = noise(256 * 256, 8);
  const [jls = Buffer.alloc(0), lerc = Buffer.alloc(0)] = encode([
    { kind: 'jpegls', data: ls, width: 256, height: 256, bits: 8, bands: 1, interleave: 0 },
    { kind: 'lerc', data: ls, width: 256, height: 256, type: 1, bands: 1, depth: 1, error: 0 },
  ]);
  const [input, out] = [join(folder, 'tile.rawl'), join(folder, 'tile.j2k')];
  writeFileSync(input, bytesOf(noise(128 * 128 * 3, 8)));
  run('opj_compress', '-i', input, '-o', out, '-F', '128,128,3,8,u');
  const j2k = readFileSync(out);
  const cut = j2k.subarray(0, 2000);
  const loop = async (times: number): Promise<number> => {
    for (let i = 0; i < times; i++) {
      await codecs.decodeJpeg2000(j2k);
      await codecs.decodeJpegLs(jls);
      await codecs.decodeLerc(lerc);
      if (i % 20 === 0) await codecs.decodeJpeg2000(cut).catch(() => null);
    }
    return process.memoryUsage().rss;
  };
  await loop(200);
  const before = await loop(100);
  const after = await loop(400);
  // A leak of one stream or picture a call would be more than 60 MB.
  expect(after - before).toBeLessThan(50 * 1024 * 1024);
});
