/** A name is planted wherever a slide can carry one, and found in no export, unless somebody asked for it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { unzipSync } from 'fflate';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportFormats } from '../../../src-main/contract/export-formats.ts';
import { caseRow } from '../../../src-main/engine/case-folder.ts';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import type { CaseSession } from '../../../src-main/engine/case-session.ts';
import { createEngine, type EngineParts } from '../../../src-main/engine/engine.ts';
import { exportName, writeExport, type ExportOptions } from '../../../src-main/engine/export-run.ts';
import type { Raster } from '../../../src-main/images/image-source.ts';
import { writeRemoteSummary } from '../../../src-main/engine/remote-summary.ts';
import { environmentSecrets } from '../../../src-main/remote/secrets.ts';
import { caseTable } from '../../../src-main/reports/case-table.ts';
import { forgeAperio } from '../../support/forge/aperio.ts';
import { forgeDicom, secrets } from '../../support/forge/dicom-slide.ts';
import { forgeOmeTiff } from '../../support/forge/ome-tiff.ts';
import { pdfInfo, pdfText, pdfUnpacked } from '../../support/pdf-oracle.ts';
import { remoteManifest, writeRemoteModel } from '../../support/remote-model.ts';
import { sendChat, startVisionServer } from '../../support/vision-server.ts';
import { codecs } from '../images/slide-oracle.ts';

const modelsDir = resolve(import.meta.dirname, '../../../models');
let folder: string;
let engine: EngineParts;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-privacy-'));
  engine = await createEngine({
    host: new ChildWorkerHost(),
    shell: { kind: 'web' },
    dataDir: join(folder, 'data-of-Planted'),
    modelsDir,
    version: '1.2.3',
  });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Every secret holds one of these, or is a date that stands nowhere else. */
const needles = [
  'planted',
  'geheim',
  '19630102',
  '19640203',
  '19650304',
  '19010203',
  '1901-02-03',
  '1963-01-02',
];

/** What stands in a file, by whatever name and encoding. */
function found(bytes: Uint8Array, where: string): string[] {
  const views = [
    Buffer.from(bytes).toString('latin1'),
    Buffer.from(bytes).toString('utf16le'),
    Buffer.from(bytes.subarray(1)).toString('utf16le'),
  ].map((text) => text.toLowerCase());
  return needles
    .filter((needle) => views.some((text) => text.includes(needle)))
    .map((needle) => `${where}: ${needle}`);
}

async function leaksOf(path: string): Promise<string[]> {
  const bytes = readFileSync(path);
  const leaks = found(bytes, path);
  if (path.endsWith('.parquet')) {
    // Its pages are compressed.
    const file = new Uint8Array(bytes).buffer;
    const rows = await parquetReadObjects({ file });
    const { key_value_metadata: metadata = [] } = parquetMetadata(file);
    const whole = JSON.stringify([rows, metadata], (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(rows.length).toBeGreaterThan(0);
    leaks.push(...found(Buffer.from(whole), `${path}, read`));
  }
  if (path.endsWith('.pdf')) {
    for (const text of [pdfText(path), pdfInfo(path).replace(/^File:.*$/m, '')]) {
      leaks.push(...found(Buffer.from(text, 'utf8'), `${path}, read`));
    }
    leaks.push(...found(pdfUnpacked(path), `${path}, unpacked`));
  }
  if (path.endsWith('.zip')) {
    for (const [name, content] of Object.entries(unzipSync(bytes))) {
      leaks.push(...found(Buffer.from(name), `${path}, names`));
      const inner = join(folder, 'unpacked', name.replaceAll('/', '-'));
      mkdirSync(join(folder, 'unpacked'), { recursive: true });
      writeFileSync(inner, content);
      leaks.push(...(await leaksOf(inner)));
    }
  }
  return leaks;
}

async function analysed(path: string): Promise<CaseSession> {
  const session = await engine.cases.open(path);
  const run = await session.startRun('he-nuclei', { mpp: 0.5, workers: 1 });
  await run.ended;
  expect(run.event().run.state).toBe('complete');
  return session;
}

async function leaksOfAll(session: CaseSession, options: ExportOptions = {}): Promise<string[]> {
  const leaks: string[] = [];
  for (const format of exportFormats) {
    const name = exportName(session, 1, format);
    leaks.push(...found(Buffer.from(name), 'suggested name'));
    const path = join(folder, `out.${name.split('.').at(-1)}`);
    await writeExport(session, engine.images, 1, format, path, options);
    if (!statSync(path).isFile()) throw new Error(`${format} wrote no file`);
    leaks.push(...(await leaksOf(path)).map((leak) => `${format}: ${leak}`));
    rmSync(path);
  }
  const table = join(folder, 'table.csv');
  writeFileSync(table, caseTable([caseRow(session.file.path, false)]));
  expect(readFileSync(table, 'utf8')).toContain('Nuclei in H&E');
  leaks.push(...(await leaksOf(table)));
  return leaks;
}

const picture = (x: number, y: number, band: number): number =>
  (x % 40) ** 2 + (y % 40) ** 2 < 60 ? [88, 60, 146][band]! : [232, 172, 205][band]!;

function tissue(left: number, top: number, width: number, height: number): Raster {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const at = Math.floor(i / 3);
    data[i] = picture(left + (at % width), top + Math.floor(at / width), i % 3);
  }
  return { width, height, bands: 3, dtype: 'uint8', data };
}

test('an Aperio slide: its name and folder, the description, label and macro', async () => {
  const home = join(folder, 'Ward of Planted');
  mkdirSync(home);
  const path = join(home, 'Planted^Berta 1901-02-03.svs');
  const properties =
    '|Patient = Planted^Berta|User = geheim|Title = Planted|Planted Key = 1|Date = 1963-01-02';
  const slide = { width: 600, height: 520, tileSize: 256, downsamples: [], compression: 'jpeg' as const };
  writeFileSync(path, forgeAperio(codecs, { ...slide, properties, picture: tissue }));
  const session = await analysed(path);
  expect(session.image.info.properties).toMatchObject({ 'aperio.Patient': 'Planted^Berta' });
  expect(await leaksOfAll(session)).toEqual([]);
  expect(session.file.events.last(1, 'exported-identifying')).toBeNull();

  // The search finds what is there: asked for, the names are exported, and that is on record.
  const html = join(folder, 'asked.html');
  const pdf = join(folder, 'asked.pdf');
  const asked = { settings: { include: ['file-name', 'properties'] } } satisfies ExportOptions;
  await writeExport(session, engine.images, 1, 'html', html, asked);
  await writeExport(session, engine.images, 1, 'pdf', pdf, asked);
  for (const each of [html, pdf]) {
    expect((await leaksOf(each)).map((leak) => leak.split(': ').at(-1))).toEqual(
      expect.arrayContaining(['planted', 'geheim']),
    );
  }
  expect(readFileSync(html, 'utf8')).not.toContain(home);
  await writtenByRemoteModel(session, html);
  expect(session.file.events.last(1, 'exported-identifying')?.data).toEqual({
    format: 'pdf',
    include: ['file-name', 'properties'],
  });
});

/** Not even what reviewers wrote themselves goes to a remote model; its words are marked, and belong to the figures that it was given. */
async function writtenByRemoteModel(session: CaseSession, html: string): Promise<void> {
  const { file } = session;
  const [finding] = file.findings.all(1);
  const decision = {
    reviewer: 'Dr. Planted',
    note: 'of Planted',
    modelSha256: 's',
    at: '2024-05-31T14:03:00.000Z',
  };
  const decide = (verdict: 'accepted' | 'rejected'): void => {
    file.transaction(() => file.decisions.add(1, { ...decision, finding: finding?.id ?? '', verdict }));
  };
  decide('accepted');
  const server = await startVisionServer(({ response }) =>
    sendChat(response, { summary: 'Many <b>nuclei</b>, it seems.' }),
  );
  try {
    const remote = { baseUrl: `${server.origin}/v1`, model: 'summing-up' };
    const order = {
      model: writeRemoteModel(join(folder, 'summing up'), remoteManifest(remote)),
      modelsDir,
      secrets: environmentSecrets({}),
      consentBy: null,
    };
    await expect(writeRemoteSummary(session, 1, order)).rejects.toMatchObject({
      code: 'consent-needed',
      where: server.origin,
      hint: expect.stringContaining('Not sent: pixels'),
    });
    expect(server.asked).toEqual([]);
    const { figures } = await writeRemoteSummary(session, 1, { ...order, consentBy: 'Dr. Agreed' });
    const [asked] = server.asked;
    expect(server.asked).toHaveLength(1);
    expect(found(Buffer.from(asked?.raw ?? ''), 'request')).toEqual([]);
    expect(asked?.raw).not.toMatch(/image_url|base64|Berta|Agreed/);
    for (const line of figures) expect(asked?.raw).toContain(JSON.stringify(line).slice(1, -1));
    expect(figures.join(' ')).toContain('accepted 1, rejected 0');
    // Agreed once for this endpoint and case.
    await writeRemoteSummary(session, 1, order);
    await writeExport(session, engine.images, 1, 'html', html);
    const shown = readFileSync(html, 'utf8');
    expect(shown).toContain('Many &lt;b&gt;nuclei&lt;/b&gt;, it seems.');
    expect(shown).toMatch(
      /Written by a remote model, and checked by nobody:[\s\S]*summing-up[\s\S]*You sum up the figures/,
    );
    decide('rejected');
    await writeExport(session, engine.images, 1, 'html', html);
    expect(readFileSync(html, 'utf8')).toMatch(/The figures are others by now/);
    expect(readFileSync(html, 'utf8')).not.toContain('it seems');
  } finally {
    await server.close();
  }
}

test('a DICOM slide: patient, accession, label text, dates, operator', async () => {
  const home = join(folder, 'dicom of Planted');
  mkdirSync(home);
  const path = join(home, 'Planted.dcm');
  expect(Object.keys(secrets).length).toBeGreaterThan(10);
  writeFileSync(
    path,
    await forgeDicom({
      width: 520,
      height: 300,
      tile: { width: 128, height: 128 },
      pixel: picture,
      spacing: { x: 0.0005, y: 0.0005 },
      opticalPaths: [{ id: '1', description: 'Path of Planted', power: 40 }],
    }),
  );
  expect(await leaksOfAll(await analysed(path))).toEqual([]);
});

test('an OME-TIFF: names of channels and images, the description', async () => {
  const path = join(folder, 'Planted.ome.tif');
  const channels = ['Red of Planted', 'Green of Planted', 'Blue of Planted'].map((name) => ({ name }));
  writeFileSync(
    path,
    forgeOmeTiff({
      width: 520,
      height: 300,
      type: 'uint8',
      channels,
      tables: '<Description>Planted</Description>',
      series: ['label of Planted'],
      value: (x, y, { c }) => picture(x, y, c),
    }),
  );
  expect(await leaksOfAll(await analysed(path))).toEqual([]);
});
