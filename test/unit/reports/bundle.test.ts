import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { checkBundle } from '../../../src-main/reports/bundle/check-bundle.ts';
import { writeBundle } from '../../../src-main/reports/bundle/write-bundle.ts';
import { eventHead } from '../../../src-main/store/event-head.ts';
import { sampleReport } from '../../support/sample-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'gigatile-bundle-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const data = sampleReport({ findings: 5 });
const event = (seq: number, kind: string) => ({ seq, at: '2026-01-01T00:00:00Z', run: 1, kind, data: '{}' });
const events = eventHead([event(1, 'started'), event(2, 'finished')]);
const writers = {
  'report.html': async (path: string) => writeFileSync(path, '<p>report</p>'),
  'findings.csv': async (path: string) => writeFileSync(path, 'id,score\r\n'.repeat(40_000)),
};
let turn = 0;
let path: string;
beforeEach(() => {
  path = join(folder, `bundle-${turn++}`);
});

const verdicts = async (bundle: string) =>
  Object.fromEntries((await checkBundle(bundle)).files.map(({ name, verdict }) => [name, verdict]));

describe.each(['', '.zip'])('a bundle%s', (ending) => {
  it('is what its manifest says, and the same bytes each time', async () => {
    await writeBundle(path + ending, data, events, writers);
    const checked = await checkBundle(path + ending);
    expect(checked.files.map(({ verdict }) => verdict)).toEqual(['same', 'same']);
    expect(checked.manifest.events).toEqual(events);
    await writeBundle(`${path}-again${ending}`, data, events, writers);
    const manifestOf = async (bundle: string) => (await checkBundle(bundle)).manifestSha256;
    expect(await manifestOf(`${path}-again${ending}`)).toBe(checked.manifestSha256);
    if (ending === '.zip') expect(readFileSync(`${path}-again.zip`)).toEqual(readFileSync(`${path}.zip`));
  });
});

it('sweeps away what a killed one left, and leaves what another program may be writing', async () => {
  const left = (hex: string, hours: number): string => {
    const at = join(folder, `.bundle-${turn - 1}.zip.${hex}.part`);
    mkdirSync(join(at, 'bundle'), { recursive: true });
    writeFileSync(join(at, 'bundle', 'findings.csv'), 'id');
    const then = Date.now() / 1000 - hours * 3600;
    utimesSync(at, then, then);
    return at;
  };
  const [killed, written] = [left('0123456789ab', 2), left('ba9876543210', 0)];
  await writeBundle(`${path}.zip`, data, events, writers);
  expect([existsSync(killed), existsSync(written)]).toEqual([false, true]);
});

it('says which file was changed, is missing, or was added', async () => {
  await writeBundle(path, data, events, writers);
  appendFileSync(join(path, 'findings.csv'), ' ');
  renameSync(join(path, 'report.html'), join(path, 'report2.html'));
  expect(await verdicts(path)).toEqual({
    'findings.csv': 'changed',
    'report.html': 'missing',
    'report2.html': 'extra',
  });
});

it('a zip in which one byte is another, or that was cut, is noticed', async () => {
  await writeBundle(`${path}.zip`, data, events, writers);
  const bytes = readFileSync(`${path}.zip`);
  truncateSync(`${path}.zip`, 600);
  await expect(checkBundle(`${path}.zip`)).rejects.toMatchObject({ code: 'format-unknown' });
  // The report is small and near the end: its bytes are in the archive's last part.
  const at = bytes.lastIndexOf(Buffer.from('report.html'), bytes.length - 200);
  bytes[at + 14]! ^= 1;
  writeFileSync(`${path}.zip`, bytes);
  const outcome = await checkBundle(`${path}.zip`).then(
    ({ files }) => files.some(({ verdict }) => verdict !== 'same'),
    (error: { code: string }) => error.code === 'format-unknown',
  );
  expect(outcome).toBe(true);
});

it('a folder that is there is not written over; what is no bundle is told so', async () => {
  await writeBundle(path, data, events, writers);
  await expect(writeBundle(path, data, events, writers)).rejects.toMatchObject({ code: 'not-writable' });
  await expect(checkBundle(join(path, 'report.html'))).rejects.toMatchObject({ code: 'format-unknown' });
  await expect(checkBundle(join(path, 'nothing'))).rejects.toMatchObject({ code: 'file-not-found' });
  writeFileSync(join(path, 'manifest.json'), '{"files": []}');
  await expect(checkBundle(path)).rejects.toMatchObject({ code: 'format-unknown' });
});

it('the head of the event log is another one for any change before it', () => {
  const log = [event(1, 'started'), event(2, 'finished'), event(3, 'decided')];
  const { head } = eventHead(log);
  expect(eventHead(log, 2)).toEqual(events);
  expect(eventHead([log[1]!, log[0]!, log[2]!]).head).not.toBe(head);
  expect(eventHead([{ ...log[0]!, data: '{"x":1}' }, log[1]!, log[2]!]).head).not.toBe(head);
  expect(eventHead(log.slice(1)).head).not.toBe(head);
  expect(eventHead([])).toEqual({ count: 0, head: '0'.repeat(64) });
});
