/** What was compared as a file: CSV or GeoJSON, by the file's name. */
import { extname } from 'node:path';
import { GigatileError } from '../../contract/errors.ts';
import { comparisonGroups } from '../../contract/compare.ts';
import { earthPolygons } from '../../core/earth-polygons.ts';
import { differencesCsv, differencesGeojson, type Difference } from '../../reports/differences.ts';
import { writeFileWhole } from '../../reports/write-file.ts';
import type { CaseFile } from '../../store/case-file.ts';
import { findingView } from '../finding-views.ts';
import type { ComparedRuns } from './compare-runs.ts';

/** @param format by the file's name where left out. @throws {GigatileError} usage for another kind of file; not-writable, disk-full */
export async function writeDifferences(
  file: CaseFile,
  compared: ComparedRuns,
  path: string,
  format = extname(path).toLowerCase().slice(1),
): Promise<void> {
  switch (format) {
    case 'csv':
      return writeFileWhole(path, differencesCsv(differences(compared)));
    case 'geojson': {
      const { summary, a, b } = compared;
      const image = file.image()?.info;
      const geo = image?.geo ?? null;
      const place = image === undefined || geo === null ? null : earthPolygons({ ...image, geo });
      const about = {
        fingerprint: file.image()?.fingerprint ?? null,
        coordinates: place === null ? 'level-0 pixels' : 'longitude and latitude (WGS 84)',
        runs: [a, b].map(({ run }) => ({
          id: `run-${run.no}`,
          model: run.manifest.name,
          version: run.manifest.version,
          sha256: run.modelSha256,
        })),
        comparison: summary.options,
      };
      return writeFileWhole(path, differencesGeojson(differences(compared), about, place));
    }
    default:
      throw new GigatileError('usage', 'Differences are written as .csv or .geojson', { where: path });
  }
}

function* differences({ list, a, b }: ComparedRuns): Generator<Difference> {
  const view = ({ run, findings, set }: ComparedRuns['a'], position: number) => {
    const row = position < 0 ? null : findings.at(run.no, set.ordinals[position]!);
    return row === null ? null : findingView(run.manifest, row);
  };
  for (let item = 0; item < list.count; item++) {
    const [i, j] = [list.a[item]!, list.b[item]!];
    yield {
      group: comparisonGroups[list.group[item]!]!,
      a: view(a, i),
      b: view(b, j),
      iou: i >= 0 && j >= 0 ? list.iou[item]! : null,
    };
  }
}
