/** gigatile.json of a remote model: what is refused, and how it cuts an image. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { remoteModelSchema, type RemoteModel } from '../../../src-main/contract/model-remote.ts';
import { modelManifestSchema } from '../../../src-main/contract/model.ts';
import type { ImageInfo } from '../../../src-main/contract/image.ts';
import { manifestProblem } from '../../../src-main/models/check-manifest.ts';
import { fitModel } from '../../../src-main/models/fit.ts';
import { endpointOf, isThisMachine } from '../../../src-main/remote/endpoint.ts';
import { whatLeaves } from '../../../src-main/remote/consent.ts';
import { remoteManifest } from '../../support/remote-model.ts';

const base = remoteManifest({ baseUrl: 'https://vision.example/v1' });
const manifest = modelManifestSchema.parse(base);

it('is taken as it is, with defaults for what was left out', () => {
  expect(manifestProblem(manifest)).toBeNull();
  expect(manifest.remote).toMatchObject({
    concurrency: 4,
    imageFormat: 'jpeg',
    attempts: 6,
    timeoutSeconds: 90,
  });
});

describe('is refused with the field where', () => {
  it.each([
    ['task', { task: 'segment' }],
    ['files', { files: [{ file: 'model.onnx', imageTypes: ['uint8'] }] }],
    ['input', { input: { ...manifest.input, dtype: 'float32' } }],
    ['input', { input: { ...manifest.input, bands: ['red', 'nir'] } }],
    ['input', { input: { ...manifest.input, fixedSize: true } }],
    ['outputs', { outputs: { detections: { name: 'boxes' } } }],
    ['outputs', { outputs: { tileValues: { name: 'x', names: ['sadness'] } } }],
    ['backgroundClass', { backgroundClass: 2 }],
    ['classes', { classes: [...manifest.classes, { name: 'Tree', color: [0, 0, 0] }] }],
    ['tileColor', { tileColor: { by: 'class' } }],
  ])('%s is wrong', (field, change) => {
    const problem = manifestProblem(modelManifestSchema.parse({ ...base, ...change }));
    expect(problem?.field).toBe(field);
    expect(problem?.hint).not.toBe('');
  });

  it.each([
    'https://user:secret@vision.example/v1',
    'https://vision.example/v1?key=secret',
    'https://vision.example/v1#secret',
    'ftp://vision.example/',
    'file:///etc/passwd',
    'vision.example',
  ])('the address is %s', (baseUrl) => {
    expect(remoteModelSchema.safeParse({ ...manifest.remote, baseUrl }).success).toBe(false);
  });
});

it('tells where tiles go, and whether that is this machine', () => {
  const at = (change: Record<string, unknown>): RemoteModel =>
    remoteModelSchema.parse({ ...manifest.remote, ...change });
  expect(endpointOf(at({}))).toBe('https://vision.example');
  const bedrock = at({ api: 'bedrock-converse', region: 'eu-west-3', baseUrl: undefined });
  expect(endpointOf(bedrock)).toBe('https://bedrock-runtime.eu-west-3.amazonaws.com');
  for (const here of ['http://127.0.0.1:11434/v1', 'http://localhost:8080', 'http://[::1]:8000/v1']) {
    expect(isThisMachine(at({ baseUrl: here })), here).toBe(true);
  }
  for (const away of [
    'https://vision.example/v1',
    'http://127.0.0.1.example/',
    'http://localhost.example/',
  ]) {
    expect(isThisMachine(at({ baseUrl: away })), away).toBe(false);
  }
  expect(whatLeaves(at({}))[0]).toMatch(/JPEG, up to 512 px.*https:\/\/vision\.example/);
});

it('a grid of any coarseness, 2 x 2 to 64 x 64, is that grid, in tiles no larger than what is sent', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 64 }),
      fc.integer({ min: 2, max: 64 }),
      fc.integer({ min: 4096, max: 200_000 }),
      fc.integer({ min: 4096, max: 200_000 }),
      (columns, rows, width, height) => {
        const level = { width, height, downsample: 1, tileWidth: 256, tileHeight: 256 };
        const info: ImageInfo = {
          name: 'scene.tif',
          format: 'tiff',
          vendor: null,
          width,
          height,
          mpp: null,
          geo: null,
          objectivePower: null,
          bands: 3,
          bandNames: null,
          dtype: 'uint8',
          noData: null,
          levels: [level],
          associated: [],
          compression: 'jpeg',
          display: { levels: [level], passthrough: true },
        };
        const { grid } = fitModel(manifest, info, { grid: { columns, rows } });
        expect(grid).toMatchObject({ columns, rows });
        expect(Math.max(grid.tileWidth, grid.tileHeight)).toBeLessThanOrEqual(512);
        // All of the image, but for the rounding of its last model pixel.
        expect(columns * grid.tileWidth * grid.scaleX).toBeGreaterThanOrEqual(width - grid.scaleX);
        expect(rows * grid.tileHeight * grid.scaleY).toBeGreaterThanOrEqual(height - grid.scaleY);
      },
    ),
  );
});
