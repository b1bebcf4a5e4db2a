/** The command line over an image on a server: the same findings as from the disk, and nothing kept of what is secret. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { gigatile } from '../../support/cli.ts';
import type { CliAnswer } from '../../support/cli.ts';
import { RangeServerThread } from '../../support/range-server-thread.ts';

const secret = 'S3CRETsignature';
const folder = mkdtempSync(join(tmpdir(), 'gigatile-remote-'));
const at = (name: string): string => join(folder, name);
const slide = at('slide.tif');
let server: RangeServerThread;
let url: string;
/** Of the run from the disk. */
let findings: string;
let late: number | undefined;

/** In a data folder of its own, so that no case is known. */
function run(data: string, ...args: string[]): CliAnswer {
  const answer = gigatile(at(data), args, folder);
  expect(answer.stdout + answer.stderr).not.toContain(secret);
  return answer;
}

function analyze(data: string, image: string): CliAnswer {
  return run(
    data,
    'analyze',
    image,
    '--model',
    'he-nuclei',
    '--workers',
    '1',
    '--out',
    at(`${data}-out`),
    '--json',
  );
}

/** The number of a request that is made late in a run, and before its report, which reads the image too. Counted once. */
async function lateInAnalyze(): Promise<number> {
  if (late !== undefined) return late;
  await server.follow();
  expect(run('counted', 'analyze', url, '--model', 'he-nuclei', '--workers', '1').code).toBe(0);
  late = Math.floor((await server.asked()).length * 0.9);
  return late;
}

/** What was found where, without what differs from run to run. */
function findingsOf(data: string): string {
  return readFileSync(join(at(`${data}-out`), 'findings.csv'), 'utf8');
}

function caseOf(data: string): string {
  const [name] = readdirSync(join(at(data), 'cases')).filter((file) => file.endsWith('.gigatile'));
  return join(at(data), 'cases', name ?? '');
}

/** Every file below a folder, as bytes: SQLite's too. */
function everythingIn(path: string): string {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

beforeAll(async () => {
  const made = gigatile(
    at('data'),
    ['sample', 'pathology', '--size', '3000x2400', '--seed', '3', '--out', slide],
    folder,
  );
  expect(made.code, made.stderr).toBe(0);
  server = await RangeServerThread.start({ '/slides/slide.tif': slide });
  url = `${server.origin.replace('//', `//user:${secret}@`)}/slides/slide.tif?X-Amz-Signature=${secret}`;
  expect(analyze('local', slide).code).toBe(0);
  findings = findingsOf('local');
  expect(findings.split('\n').length).toBeGreaterThan(50);
});
beforeEach(() => server.follow());
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

test('info says the same of both', () => {
  const [remote] = run('info', 'info', url, '--json').json();
  const [local] = run('info', 'info', slide, '--json').json();
  expect(remote).toEqual(local);
});

test.each([
  ['s3://bucket/slide.tif', /presign/],
  ['ftp://example.org/slide.tif', /http and https/],
  ['http://127.0.0.1:1/slide.tif', /takes no connections/],
])('%s: one line', (address, says) => {
  const answer = run('info', 'info', address);
  expect(answer.code).not.toBe(0);
  expect(answer.stderr).toMatch(says);
  expect(answer.stderr.trimEnd().split('\n')).toHaveLength(1);
});

describe('a run', () => {
  test('finds the same, in a case of the same name, and keeps no secret', () => {
    const answer = analyze('remote', url);
    expect(answer.code, answer.stderr).toBe(0);
    expect(findingsOf('remote')).toBe(findings);
    expect(caseOf('remote').split('/').at(-1)).toBe(caseOf('local').split('/').at(-1));
    const kept = everythingIn(at('remote')) + everythingIn(at('remote-out'));
    expect(kept).not.toContain(secret);
    expect(kept).toContain('/slides/slide.tif');
  });

  test('whose address ends is paused, and goes on with a new one', async () => {
    const from = await lateInAnalyze();
    await server.follow([{ from, status: 403 }]);
    const answer = analyze('expired', url);
    expect(answer.code, answer.stderr).toBe(2);
    expect(answer.stderr).toMatch(/403.*any more/);
    await server.follow();
    const again = run('expired', 'runs', caseOf('expired'), '--json').json();
    expect(again).toMatchObject([{ state: 'paused', tiles: { failed: 0 } }]);

    const fresh = url.replaceAll(secret, 'another');
    const resumed = run(
      'expired',
      'resume',
      caseOf('expired'),
      '--image',
      fresh,
      '--out',
      at('expired-out'),
      '--json',
    );
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(findingsOf('expired')).toBe(findings);
  });

  test('of a case whose server asks for the secret again says what to do', async () => {
    await server.follow([{ status: 403 }]);
    const answer = run('remote', 'resume', caseOf('remote'), '--retry-failed');
    expect(answer.code).toBe(2);
    expect(answer.stderr).toMatch(/presigned/);
  });

  test('over an image that is another one by now finds nothing in it', async () => {
    const from = await lateInAnalyze();
    await server.follow([{ from, etag: '"v2"' }]);
    const answer = analyze('changed', url);
    expect(answer.code, answer.stderr).toBe(2);
    expect(answer.stderr).toMatch(/has changed/);
  });
});
