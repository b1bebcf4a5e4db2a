/**
 * A GeoPackage of a run, in the image's own coordinate system: the findings, every tile with its state and numbers, what reviewers drew,
 * and where the run comes from. Images without a geo-reference are in pixels, y counted upwards from their top edge, which is how GIS programs place
 * such images.
 */
import Database from 'better-sqlite3';
import { skipReasons, tileStates } from '../../contract/run.ts';
import { outerRing } from '../../core/annotation-shapes.ts';
import { withinImage } from '../../core/areas.ts';
import { cssColour } from '../../core/colour.ts';
import { crsWkt } from '../../core/crs-wkt.ts';
import { pixelToCrs } from '../../core/geo.ts';
import { coreRect, tileCount } from '../../core/grid.ts';
import { findingColumns } from '../finding-columns.ts';
import { polygonsOf, type FlatPolygon } from '../outlines.ts';
import { provenance, type ReportData } from '../report-data.ts';
import { shownPages } from '../shown-pages.ts';
import { Turn } from '../turn.ts';
import { diskError, throwIfCancelled, writeWhole } from '../write-file.ts';
import { Layer } from './layer.ts';
import { baseSql, gpkgApplicationId, gpkgVersion } from './schema.ts';

/** Systems without a code get one from here, as the specification leaves to the writer. */
const ownSrsId = 100_000;
const pixelsSrsId = -1;

/**
 * Others have their turn while it is written.
 * @throws {GigatileError} disk-full, not-writable, io, cancelled
 */
export function writeGeopackage(path: string, data: ReportData, signal?: AbortSignal): Promise<void> {
  const write = async (temporary: string): Promise<void> => {
    const db = new Database(temporary);
    const written: Written = { rows: 0, measured: { rows: 0, bytes: 0 } };
    const turn = new Turn();
    const pause = async (): Promise<void> => {
      measure(db, written);
      await turn.giveWay();
      throwIfCancelled(path, signal);
    };
    const progress: Progress = { written, turn, pause };
    try {
      // Nobody reads it before it is whole and has its name: what is half written is thrown away. Not OFF, which SQLite's defensive
      // mode (better-sqlite3's default) passes over in silence: a journal lay beside the file, and stayed where the export was killed.
      db.pragma('journal_mode = MEMORY');
      db.pragma('synchronous = OFF');
      db.pragma(`application_id = ${gpkgApplicationId}`);
      db.pragma(`user_version = ${gpkgVersion}`);
      db.exec('BEGIN');
      db.exec(baseSql);
      const srsId = addCrs(db, data);
      await addFindings(db, data, srsId, progress);
      await addTiles(db, data, srsId, progress);
      addAnnotations(db, data, srsId);
      addProvenance(db, data);
      db.exec('COMMIT');
    } catch (error) {
      throw asDiskError(path, error, sizeOf(data, written));
    } finally {
      db.close();
    }
  };
  return writeWhole(path, write, signal);
}

/** What all layers have so far: rows, and how large the file was with how many of them. */
interface Written {
  rows: number;
  measured: { rows: number; bytes: number };
}

interface Progress {
  written: Written;
  turn: Turn;
  /** To be waited for once the turn is over. */
  pause: () => Promise<void>;
}

function measure(db: Database.Database, written: Written): void {
  const pages = db.pragma('page_count', { simple: true }) as number;
  const bytes = pages * (db.pragma('page_size', { simple: true }) as number);
  written.measured = { rows: written.rows, bytes };
}

/** Bytes that the whole file takes, as the rows that are in it let expect; undefined where there are none. */
function sizeOf({ run, plan }: ReportData, { measured: { rows, bytes } }: Written): number | undefined {
  return rows === 0 ? undefined : Math.ceil((bytes * (run.findings + tileCount(plan))) / rows);
}

function asDiskError(path: string, error: unknown, size: number | undefined): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'SQLITE_FULL') {
    return diskError(path, Object.assign(new Error('full'), { code: 'ENOSPC' }), size);
  }
  return code.startsWith('SQLITE_IOERR') ? diskError(path, error) : error;
}

function addCrs(db: Database.Database, { image: { geo } }: ReportData): number {
  if (geo === null) return pixelsSrsId;
  if (geo.epsg === 4326) return 4326;
  const srsId = geo.epsg ?? ownSrsId;
  db.prepare('INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)').run(
    geo.crsName ?? (geo.epsg === null ? 'The coordinate system of the image' : `EPSG:${geo.epsg}`),
    srsId,
    geo.epsg === null ? 'NONE' : 'EPSG',
    srsId,
    crsWkt(geo) ?? 'undefined',
    'As the image names it',
  );
  return srsId;
}

/** From level-0 pixels to the layer's coordinates. */
function placer({ image: { geo } }: ReportData): (polygons: readonly FlatPolygon[]) => FlatPolygon[] {
  const place = (ring: readonly number[]): number[] => {
    const placed: number[] = [];
    for (let i = 0; i < ring.length; i += 2) {
      const [x, y] =
        geo === null ? [ring[i]!, -ring[i + 1]!] : pixelToCrs(geo.transform, ring[i]!, ring[i + 1]!);
      placed.push(x, y);
    }
    return placed;
  };
  return (polygons) => polygons.map((rings) => rings.map(place));
}

async function addFindings(
  db: Database.Database,
  data: ReportData,
  srsId: number,
  { written, turn, pause }: Progress,
): Promise<void> {
  const columns = findingColumns(data);
  const place = placer(data);
  const layer = new Layer(db, {
    name: 'findings',
    description: 'What the model found, with the decisions about it',
    srsId,
    geometry: 'MULTIPOLYGON',
    columns: columns.map(({ name, kind }) => ({
      name,
      type: kind === 'text' ? 'TEXT' : kind === 'integer' ? 'INTEGER' : 'DOUBLE',
    })),
    at: data.generatedAt,
  });
  for await (const page of shownPages(data)) {
    for (const finding of page) {
      const values = columns.map((column) => {
        const value = column.of(finding);
        return typeof value === 'number' && Number.isNaN(value) ? null : value;
      });
      layer.add(place(polygonsOf(finding)), values);
      written.rows++;
      if (turn.isOver) await pause();
    }
  }
  await pause();
  layer.finish();
}

async function addTiles(
  db: Database.Database,
  data: ReportData,
  srsId: number,
  { written, turn, pause }: Progress,
): Promise<void> {
  const { plan, tiles, image, model } = data;
  const place = placer(data);
  const layer = new Layer(db, {
    name: 'tiles',
    description: 'Every tile of the run: whether it was analysed, and what the model said of it',
    srsId,
    geometry: 'POLYGON',
    columns: [
      { name: 'tile', type: 'INTEGER' },
      { name: 'state', type: 'TEXT' },
      { name: 'skip_reason', type: 'TEXT' },
      { name: 'score', type: 'DOUBLE' },
      { name: 'class', type: 'TEXT' },
      ...tiles.valueNames.map((name) => ({ name: `value_${name}`, type: 'DOUBLE' as const })),
    ],
    at: data.generatedAt,
  });
  for (let tile = 0; tile < tileCount(plan); tile++) {
    const { x, y, width, height } = withinImage(coreRect(plan, tile), image);
    const state = tileStates[tiles.states[tile] ?? 0] ?? 'pending';
    const isDone = state === 'done';
    const skip = tiles.skipReasons[tile] ?? 0;
    const values = tiles.valueNames.map((_, v) => {
      const value = isDone ? (tiles.values?.[tile * tiles.valueNames.length + v] ?? null) : null;
      return value !== null && Number.isNaN(value) ? null : value;
    });
    layer.add(place([[[x, y, x, y + height, x + width, y + height, x + width, y]]]), [
      tile,
      state,
      skip === 0 ? null : (skipReasons[skip] ?? null),
      isDone ? (tiles.scores[tile] ?? 0) / 255 : null,
      isDone ? (model.manifest.classes[tiles.classes[tile] ?? 255]?.name ?? null) : null,
      ...values,
    ]);
    written.rows++;
    if (turn.isOver) await pause();
  }
  await pause();
  layer.finish();
}

/** What reviewers drew: areas, lines and points in one layer; none where there is nothing. */
function addAnnotations(db: Database.Database, data: ReportData, srsId: number): void {
  if (data.annotations.length === 0) return;
  const place = placer(data);
  const names = ['id', 'drawn', 'class', 'color', 'name', 'author', 'changed_at'];
  const layer = new Layer(db, {
    name: 'annotations',
    description: 'What reviewers drew',
    srsId,
    geometry: 'GEOMETRY',
    columns: names.map((name) => ({ name, type: 'TEXT' })),
    at: data.generatedAt,
  });
  for (const annotation of data.annotations) {
    const { id, kind, className, color, name, author, changedAt, points, holes = [] } = annotation;
    const values = [id, kind, className, cssColour(color), name, author, changedAt];
    const border = outerRing(annotation);
    if (border === null) layer.addPath(place([[points.flat()]])[0]?.[0] ?? [], values);
    else layer.add(place([[border, ...holes].map((ring) => ring.flat())]), values);
  }
  layer.finish();
}

function addProvenance(db: Database.Database, data: ReportData): void {
  db.prepare('INSERT INTO gpkg_metadata VALUES (1, ?, ?, ?, ?)').run(
    'dataset',
    'urn:gigatile:provenance',
    'application/json',
    JSON.stringify(provenance(data)),
  );
  db.prepare("INSERT INTO gpkg_metadata_reference VALUES ('geopackage', NULL, NULL, NULL, ?, 1, NULL)").run(
    data.generatedAt,
  );
}
