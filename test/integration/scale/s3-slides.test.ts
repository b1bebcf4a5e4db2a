/** Slides in S3 by ordinary credentials, on a server that speaks enough of it: signed here, read in parts, held to their fingerprint. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import { Execution } from '../../../src-main/engine/execution.ts';
import { ImageService } from '../../../src-main/engine/image-service.ts';
import { slideAddress } from '../../../src-main/scale/s3/slide-address.ts';
import { ServedRun } from '../../../src-main/scale/worker/served-run.ts';
import { fleetSpec } from '../../support/fleet-spec.ts';
import { gigatile } from '../../support/cli.ts';
import { RangeServer } from '../../support/range-server.ts';

const modelsDir = resolve('models');
let folder: string;
let s3: RangeServer;
let images: ImageService;
const host = new ChildWorkerHost();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-s3-'));
  const slide = join(folder, 'slide.tif');
  expect(gigatile(folder, ['sample', 'pathology', '--size', '1024x1024', '--out', slide]).code).toBe(0);
  const bytes = readFileSync(slide);
  s3 = await RangeServer.start({ '/slides/2026/a slide.tif': bytes, '/slides/2026/a%20slide.tif': bytes });
  images = new ImageService(host);
});

beforeEach(() => {
  s3.reset();
  vi.stubEnv('AWS_ENDPOINT_URL_S3', s3.origin);
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'a-secret-of-nobody');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
});

afterEach(() => {
  vi.unstubAllEnvs();
});

afterAll(async () => {
  images.close();
  await s3.close();
  rmSync(folder, { recursive: true, force: true });
});

const address = 's3://slides/2026/a slide.tif';

async function serve(fingerprint: string): Promise<ServedRun> {
  const { model, ...spec } = fleetSpec('a slide.tif');
  const sha256 = 'b'.repeat(64);
  return ServedRun.prepare(
    'run',
    {
      ...spec,
      image: { ...spec.image, address: 'D:\\slides\\2026\\a slide.tif', fingerprint },
      model: { ...model, sha256 },
    },
    {
      host,
      images,
      execution: new Execution({ host, dataDir: folder, modelsDir, version: 'test' }),
      models: { path: () => Promise.reject(new Error('as far as the model')) },
      slides: [{ from: 'D:/slides', to: 's3://slides' }],
    },
  );
}

it('are read in parts by an address that is signed for some hours, and compared with the run’s', async () => {
  const { path, staleAt } = await slideAddress(address);
  const url = new URL(path);
  expect(url.pathname).toBe('/slides/2026/a%20slide.tif');
  expect(url.searchParams.get('X-Amz-Expires')).toBe('21600');
  expect(path).not.toContain('a-secret-of-nobody');
  expect(staleAt!.getTime() - Date.now()).toBeGreaterThan(3_500_000);
  const { fingerprint } = await images.open(path);
  await expect(serve('another')).rejects.toMatchObject({ code: 'image-changed' });
  s3.reset();
  await expect(serve(fingerprint)).rejects.toThrow('as far as the model');
  expect(s3.asked.length).toBeGreaterThan(0);
  for (const { url: asked, range } of s3.asked) {
    expect(asked).toContain('X-Amz-Signature=');
    expect(range).not.toBeNull();
  }
  // A slide that is replaced while it is read is noticed by the first part of the other one.
  expect(s3.asked.some(({ headers }) => headers['if-match'] !== undefined)).toBe(true);
});

it('temporary credentials are signed with anew before they end', async () => {
  const soon = new Date(Date.now() + 20 * 60_000).toISOString();
  vi.stubEnv('AWS_SESSION_TOKEN', 'token');
  vi.stubEnv('AWS_CREDENTIAL_EXPIRATION', soon);
  const { staleAt } = await slideAddress(address);
  expect(staleAt!.getTime()).toBeLessThan(Date.parse(soon));
});

it.each([
  ['s3://slides', 'usage', /no address of a slide in S3/],
  ['s3:///x.tif', 'usage', /no address of a slide in S3/],
])('%s', async (wrong, code, message) => {
  await expect(slideAddress(wrong)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  });
});

it('says what is missing: credentials, or the slide', async () => {
  s3.misbehave = () => ({ status: 403 });
  await expect(serve('x')).rejects.toMatchObject({
    code: 'file-unreadable',
    message: expect.stringMatching(/403/) as string,
  });
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION'])
    vi.stubEnv(name, undefined);
  vi.stubEnv('HOME', folder);
  await expect(slideAddress(address)).rejects.toMatchObject({
    code: 'file-unreadable',
    message: expect.stringMatching(/cannot be signed/) as string,
  });
});
