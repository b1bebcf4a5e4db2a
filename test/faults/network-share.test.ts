/** Cases on a real network share: kept in the safe mode, held by one machine, and nothing is lost when the server goes away. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, type TestContext } from 'vitest';
import { CaseFile } from '../../src-main/store/case-file.ts';
import { checkLog } from '../../src-main/engine/check-log.ts';
import { mountShare, type NetworkMount } from '../support/network-mount.ts';
import { exportsOf, placeIn, review, type ReviewPlace } from './support/review.ts';

let folder: string;
let here: ReviewPlace;
const mounted: NetworkMount[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-share-'));
  mkdirSync(join(folder, 'server'));
  here = placeIn(folder);
  writeFileSync(here.image, 'a slide');
  expect((await review(here)).stderr).toBe('');
});
afterAll(async () => {
  for (const mount of mounted) await mount.unmount();
  rmSync(folder, { recursive: true, force: true });
});

async function mount(name: string, test: TestContext): Promise<NetworkMount> {
  const share = await mountShare(join(folder, 'server'), join(folder, name));
  if (typeof share === 'string') return test.skip(share);
  mounted.push(share);
  return share;
}

const on = (share: NetworkMount, name: string): ReviewPlace => ({
  ...here,
  casePath: join(share.path, `${name}.gigatile`),
  out: join(folder, name),
});

it('a review there ends as it does on a local disk, and one machine at a time holds the case', async (test) => {
  const place = on(await mount('one', test), 'calm');
  const there = on(await mount('another', test), 'calm');
  const { code, stderr } = await review(place);
  expect(code, stderr).toBe(0);
  expect(exportsOf(place)).toEqual(exportsOf(here));
  const file = CaseFile.open(place.casePath, 'write');
  try {
    expect(file.durability).toContain('rollback journal (TRUNCATE), synchronous=FULL');
    expect(() => CaseFile.open(there.casePath, 'write')).toThrow(/open/i);
  } finally {
    file.close();
  }
  // Given back, it is the other one's.
  CaseFile.open(there.casePath, 'write').close();
});

it('a server that goes away in the middle stops the review in one line; with the server back it ends as if nothing had been', async (test) => {
  const share = await mount('unsteady', test);
  const place = on(share, 'cut');
  const told = join(folder, 'told');
  const going = review(place, [], { GIGATILE_TEST_TOLD: told });
  await expect.poll(() => readTold(told)).toMatch(/"told":"tiles"/);
  await share.breaks();
  const cut = await going;
  expect(cut.defect, cut.stderr).toBe(undefined);
  expect(cut.code).toBe(1);
  expect(cut.error?.code).toBe('io');
  await share.unmount();
  const back = on(await mount('unsteady', test), 'cut');
  const { code, stderr } = await review(back);
  expect(code, stderr).toBe(0);
  expect(exportsOf(back)).toEqual(exportsOf(here));
  const file = CaseFile.open(back.casePath, 'write');
  expect(checkLog(file)).toEqual([]);
  file.close();
});

function readTold(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
