/** Reports and bundles on the command line: the same case gives the same bytes, and what was changed is noticed. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gigatile, type CliAnswer } from '../../support/cli.ts';
import { gigatileHere } from '../../support/cli-here.ts';
import { tissuePicture } from '../../support/tissue-png.ts';

const folder = mkdtempSync(join(tmpdir(), 'gigatile-cli-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const caseFile = join(folder, 'c.gigatile');
const run = (...args: string[]): Promise<CliAnswer> => gigatileHere(join(folder, 'data'), args);
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  writeFileSync(at('slide.png'), tissuePicture(600, 500, 40).png);
  const { code } = await run(
    'analyze',
    at('slide.png'),
    '--model',
    'he-nuclei',
    '--mpp',
    '0.5',
    '--case',
    caseFile,
  );
  expect(code).toBe(0);
});

it('makes the same bundle twice, and tells one that was changed and a case that went on', async () => {
  const moment = ['--timestamp', '2026-01-02T03:04:05Z'];
  const bundle = (name: string): string[] => [
    'export',
    caseFile,
    '--format',
    'bundle',
    '--out',
    at(name),
    ...moment,
  ];
  expect(await run(...bundle('first.zip'))).toMatchObject({ code: 0 });
  // By another process.
  expect(gigatile(join(folder, 'data'), bundle('second.zip'))).toMatchObject({ code: 0 });
  expect(readFileSync(at('second.zip'))).toEqual(readFileSync(at('first.zip')));
  expect(await run(...bundle('folder'))).toMatchObject({ code: 0 });

  const whole = await run('verify', at('first.zip'), '--case', caseFile, '--json');
  expect(whole).toMatchObject({ code: 0, stderr: '' });
  expect(whole.json()[0]).toMatchObject({ same: true, case: { same: true, eventsSince: 0 } });

  // What names somebody is asked for, and the case knows.
  const include = ['--include', 'file-name'];
  const named = await run('export', caseFile, '--format', 'html', '--out', at('named.html'), ...include);
  expect(named.code).toBe(0);
  expect(readFileSync(at('named.html'), 'utf8')).toContain('slide.png');
  const later = await run('verify', at('folder'), '--case', caseFile, '--json');
  expect(later.json()[0]).toMatchObject({ same: true, case: { same: true, eventsSince: 1 } });

  appendFileSync(join(at('folder'), 'findings.csv'), '\n');
  const changed = await run('verify', at('folder'));
  expect(changed.code).toBe(1);
  expect(changed.stdout).toMatch(/CHANGED +findings\.csv: SHA-256 is [0-9a-f]{64}, was [0-9a-f]{64}/);
  expect(changed.stdout).toContain('The bundle is NOT what it was.');
});

it('takes back what went out: decisions made in QuPath, and results as a run of their own', async () => {
  const out = async (format: string, name: string): Promise<string> => {
    const { code } = await run('export', caseFile, '--run', 'run-1', '--format', format, '--out', at(name));
    expect(code).toBe(0);
    return at(name);
  };
  interface Collection {
    features: { properties: { objectType: string; classification: { name: string }; metadata?: object } }[];
  }
  const sent = JSON.parse(readFileSync(await out('geojson', 'sent.geojson'), 'utf8')) as Collection;
  const findings = sent.features.filter(({ properties }) => properties.objectType === 'detection');
  expect(findings.length).toBeGreaterThan(10);
  for (const [i, { properties }] of findings.slice(0, 5).entries()) {
    if (i < 2) properties.classification.name += ': Rejected';
    else properties.metadata = { ...properties.metadata, verdict: 'accepted' };
  }
  writeFileSync(at('back.geojson'), JSON.stringify(sent));
  const back = await run('import', caseFile, at('back.geojson'), '--reviewer', 'Dr. Q', '--json');
  expect(back.json()[0]).toMatchObject({
    kind: 'decisions',
    run: 'run-1',
    matched: findings.length,
    accepted: 3,
    rejected: 2,
    relabelled: 0,
    missing: 0,
  });
  const verdicts = readFileSync(await out('csv', 'decided.csv'), 'utf8').split('\n');
  expect(verdicts.filter((line) => line.includes(',rejected,Dr. Q,'))).toHaveLength(2);

  for (const [format, name] of [
    ['coco', 'c.json'],
    ['wsinfer', 'w.csv'],
  ] as const) {
    // prettier-ignore
    const answer = await run('import', caseFile, await out(format, name), '--json');
    expect(answer.json()[0]).toMatchObject({ kind: 'run', format, findings: findings.length });
  }
  const runs = (await run('runs', caseFile, '--json')).json();
  expect(runs.filter((each) => JSON.stringify(each).includes('"state":"complete"'))).toHaveLength(3);
});

it('refuses what it does not understand in one line', async () => {
  const answer = await run('export', caseFile, '--format', 'pdf', '--out', at('never.pdf'), '--page', 'a5');
  expect(answer).toMatchObject({ code: 2, stdout: '' });
  expect(answer.stderr).toContain('There are a4, letter');
  expect(answer.stderr.trim().split('\n')).toHaveLength(1);
});
