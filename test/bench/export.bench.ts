/**
 * Exports of 1,000,000 findings from a case file: rate and memory of GeoJSON and CSV, each in a process of its own, beside
 * JSON.stringify of the whole. `node test/bench/export.bench.ts`; writes test/bench/results/export.json.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FindingView } from '../../src-main/contract/finding.ts';
import { findingId } from '../../src-main/core/finding-id.ts';
import { findingView } from '../../src-main/engine/finding-views.ts';
import { csv } from '../../src-main/reports/csv.ts';
import { geojsonQupath } from '../../src-main/reports/geojson-qupath.ts';
import type { ReportData } from '../../src-main/reports/report-data.ts';
import { writeFileWhole } from '../../src-main/reports/write-file.ts';
import { CaseFile } from '../../src-main/store/case-file.ts';
import type { NewFinding } from '../../src-main/store/finding-store.ts';
import { sampleReport } from '../support/sample-report.ts';
import { storedRun } from '../unit/store/stored-run.ts';
import { record } from './results.ts';

const count = 1_000_000;

interface Measured {
  seconds: number;
  /** Largest resident set of the process, MB. */
  memory: number;
  bytes: number;
}

function* findings(): Generator<NewFinding> {
  for (let ordinal = 0; ordinal < count; ordinal++) {
    const x = ((ordinal * 7919) % 99_991) + 0.25;
    const y = ((ordinal * 104_729) % 89_989) + 0.5;
    const finding = {
      kind: 'detection' as const,
      x,
      y,
      width: 14 + (ordinal % 9),
      height: 15 + (ordinal % 7),
      classIndex: 0,
      score: Math.fround(1 - ordinal / (2.5 * count)),
      tile: ordinal % 4,
    };
    yield { ...finding, ordinal, id: () => findingId('bench', finding) };
  }
}

function dataOf(path: string): { data: ReportData; close: () => void } {
  const file = CaseFile.openReadOnly(path);
  const { manifest } = file.runs.get(1);
  const data: ReportData = {
    ...sampleReport({ findings: 0 }),
    *findings(): Generator<FindingView> {
      for (const row of file.findings.all(1)) yield findingView(manifest, row);
    },
  };
  return { data, close: () => file.close() };
}

const ways: Record<string, (data: ReportData, path: string) => Promise<void>> = {
  geojson: (data, path) => writeFileWhole(path, geojsonQupath(data)),
  csv: (data, path) => writeFileWhole(path, csv(data)),
  /** What a program does that builds the document first. */
  whole: async (data, path) => {
    const features = [];
    for await (const finding of data.findings()) {
      const { x, y, width, height } = finding.box;
      const ring = [
        [x, y],
        [x + width, y],
        [x + width, y + height],
        [x, y + height],
        [x, y],
      ];
      features.push({
        type: 'Feature',
        id: finding.id,
        geometry: { type: 'Polygon', coordinates: [ring] },
        properties: {
          objectType: 'detection',
          classification: { name: finding.className, color: [86, 180, 233] },
          measurements: { Score: finding.score },
        },
      });
    }
    writeFileSync(path, JSON.stringify({ type: 'FeatureCollection', features }));
  },
};

const [, , way, casePath, out] = process.argv;
if (way !== undefined && casePath !== undefined && out !== undefined) {
  const { data, close } = dataOf(casePath);
  const start = performance.now();
  try {
    await ways[way]?.(data, out);
  } catch (error) {
    // A string of more than 512 MB is more than V8 has.
    if (!(error instanceof RangeError)) throw error;
  }
  const seconds = (performance.now() - start) / 1000;
  close();
  const { size: bytes } = statSync(out, { throwIfNoEntry: false }) ?? { size: 0 };
  process.stdout.write(
    JSON.stringify({ seconds, memory: (process.resourceUsage().maxRSS * 1024) / 1e6, bytes }),
  );
} else {
  const folder = mkdtempSync(join(tmpdir(), 'gigatile-bench-'));
  try {
    const path = join(folder, 'million.gigatile');
    const file = CaseFile.open(path, 'create');
    const no = storedRun(file);
    file.transaction(() => file.findings.replace(no, findings()));
    file.close();
    const measure = (name: string): Measured =>
      JSON.parse(
        execFileSync(process.execPath, [
          // Only who holds everything needs room for it.
          ...(name === 'whole' ? ['--max-old-space-size=8192'] : []),
          import.meta.filename,
          name,
          path,
          join(folder, name),
        ]).toString(),
      ) as Measured;
    const whole = measure('whole');
    const figures = ['geojson', 'csv'].flatMap((name) => {
      const { seconds, memory } = measure(name);
      const rate = count / seconds;
      const label = name === 'csv' ? 'CSV' : 'GeoJSON';
      const wholeRate = `JSON.stringify of the whole, ${Math.round(count / whole.seconds).toLocaleString('en')}/s`;
      return [
        {
          what: `Export of 1,000,000 findings, ${label}`,
          ours: `${Math.round(rate).toLocaleString('en')} findings/s`,
          against: whole.bytes === 0 ? 'JSON.stringify of the whole, which V8 refuses' : wholeRate,
          result: `${Math.round(rate / 1000)},000/s`,
          target: '100,000/s',
          reached: rate >= 100_000,
        },
        {
          what: `Memory of that export, ${label}`,
          ours: `${memory.toFixed(0)} MB`,
          against: `JSON.stringify of the whole, ${whole.memory.toFixed(0)} MB`,
          result: `${memory.toFixed(0)} MB`,
          target: '200 MB',
          reached: memory <= 200,
        },
      ];
    });
    await record('export', figures, { whole }, loadavg()[0] ?? 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
