/** A name is planted wherever a slide can carry one, and found in no export, unless somebody asked for it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportFormats } from '../../../src-main/contract/export-formats.ts';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import type { CaseSession } from '../../../src-main/engine/case-session.ts';
import { createEngine, type EngineParts } from '../../../src-main/engine/engine.ts';
import { exportName, writeExport, type ExportOptions } from '../../../src-main/engine/export-run.ts';
import { forgeAperio } from '../../support/forge/aperio.ts';
import { forgeDicom, secrets } from '../../support/forge/dicom-slide.ts';
import { forgeOmeTiff } from '../../support/forge/ome-tiff.ts';
import { pdfInfo, pdfText, pdfUnpacked } from '../../support/pdf-oracle.ts';
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

function leaksOf(path: string): string[] {
  const bytes = readFileSync(path);
  const leaks = found(bytes, path);
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
      leaks.push(...leaksOf(inner));
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
    leaks.push(...leaksOf(path).map((leak) => `${format}: ${leak}`));
    rmSync(path);
  }
  return leaks;
}

const picture = (x: number, y: number, band: number): number =>
  (x % 40) ** 2 + (y % 40) ** 2 < 60 ? [88, 60, 146][band]! : [232, 172, 205][band]!;

test('an Aperio slide: its name and folder, the description, label and macro', async () => {
  const home = join(folder, 'Ward of Planted');
  mkdirSync(home);
  const path = join(home, 'Planted^Berta 1901-02-03.svs');
  const properties =
    '|Patient = Planted^Berta|User = geheim|Title = Planted|Planted Key = 1|Date = 1963-01-02';
  const slide = { width: 600, height: 520, tileSize: 256, downsamples: [], compression: 'jpeg' as const };
  writeFileSync(path, forgeAperio(codecs, { ...slide, properties }));
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
    expect(leaksOf(each).map((leak) => leak.split(': ').at(-1))).toEqual(
      expect.arrayContaining(['planted', 'geheim']),
    );
  }
  expect(readFileSync(html, 'utf8')).not.toContain(home);
  expect(session.file.events.last(1, 'exported-identifying')?.data).toEqual({
    format: 'pdf',
    include: ['file-name', 'properties'],
  });
});

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
