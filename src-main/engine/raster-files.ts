/** The tiles' numbers and the classes as tiled pictures with a pyramid: GeoTIFF (COG) for GIS, OME-TIFF for slide viewers. */
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { GigatileError } from '../contract/errors.ts';
import { isGeographic } from '../core/geo.ts';
import { PyramidCascade, repeatEdge } from '../images/write/pyramid-cascade.ts';
import { PyramidTiffWriter } from '../images/write/pyramid-writer.ts';
import type { PyramidTiffOptions } from '../images/write/pyramid-writer.ts';
import { provenance } from '../reports/report-data.ts';
import type { ReportData } from '../reports/report-data.ts';
import { classNames, classPalette, classRaster, notAnalysed } from '../reports/rasters/class-raster.ts';
import { heatRaster } from '../reports/rasters/heat-raster.ts';
import { omeXml } from '../reports/rasters/ome-xml.ts';
import {
  rasterMpp,
  rasterPlace,
  rasterTransform,
  type RasterPlace,
} from '../reports/rasters/raster-place.ts';
import { Turn } from '../reports/turn.ts';
import { diskError, throwIfCancelled, writeWhole } from '../reports/write-file.ts';
import type { CaseSession } from './case-session.ts';
import type { ExportJob } from './export-job.ts';
import { labelRows } from './label-rows.ts';
import { runNoOf } from './run-id.ts';

export type RasterLayout = 'cog' | 'ome';

const tileSize = 256;
const compress = promisify(deflate);

interface Contents {
  what: string;
  dtype: 'float32' | 'uint8';
  noData: number;
  bandNames: string[];
  metadata: Record<string, string>;
  palette?: Uint8Array;
}

function tiffOptions(
  path: string,
  layout: RasterLayout,
  data: ReportData,
  place: RasterPlace,
  contents: Contents,
): PyramidTiffOptions {
  const { image, software } = data;
  const { width, height } = place;
  const { what, dtype, noData, bandNames, metadata, palette } = contents;
  const mpp = rasterMpp(data, place);
  const isCog = layout === 'cog';
  const notes = { ...metadata, gigatile: JSON.stringify(provenance(data)) };
  const description = omeXml({
    name: `${image.name}: ${what}`,
    channel: bandNames[0] ?? what,
    width,
    height,
    mpp,
    notes,
    type: dtype === 'uint8' ? 'uint8' : 'float',
  });
  return {
    path,
    layout,
    width,
    height,
    tileSize,
    bands: bandNames.length,
    dtype,
    photometric: palette !== undefined && isCog ? 'palette' : 'grey',
    ...(palette !== undefined && isCog && { palette }),
    compression: 'deflate',
    mpp,
    software: `${software.name} ${software.version}`,
    ...(isCog
      ? {
          noData,
          bandNames,
          metadata: notes,
          ...(image.geo && {
            geo: {
              ...image.geo,
              transform: rasterTransform(image.geo.transform, place),
              geographic: isGeographic(image.geo),
            },
          }),
        }
      : { description }),
  };
}

type Put = (level: number, column: number, row: number, pixels: Uint8Array | Float32Array) => Promise<void>;

/** Writes all of it, or leaves nothing, also where it is cancelled; on a full disk the size is counted to the end. */
function writing(
  options: PyramidTiffOptions,
  fill: (writer: PyramidTiffWriter, put: Put) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const write = async (temporary: string): Promise<void> => {
    const writer = await PyramidTiffWriter.create({ ...options, path: temporary, countWhenFull: true });
    try {
      await fill(writer, async (level, column, row, pixels) => {
        throwIfCancelled(options.path, signal);
        const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
        await writer.putTile(level, column, row, await compress(bytes));
      });
      await writer.finish();
    } catch (error) {
      await writer.abort();
      const isFull = error instanceof GigatileError && error.code === 'disk-full';
      throw isFull ? diskError(options.path, error.cause, writer.bytesNeeded) : error;
    }
  };
  return writeWhole(options.path, write, signal);
}

/** The score of each tile and, in a GeoTIFF, its other numbers, a band each. */
export async function writeHeatRaster(job: ExportJob, layout: RasterLayout): Promise<void> {
  const { session, data, path, signal } = job;
  const scores = new Float32Array(data.tiles.states.length);
  const turn = new Turn();
  for (const page of session.file.tiles.scorePages(runNoOf(data.run.id))) {
    for (const [tile, score] of page) scores[tile] = score ?? Number.NaN;
    await turn.giveWay();
    throwIfCancelled(path, signal);
  }
  const raster = heatRaster(data, scores, layout === 'ome');
  const options = tiffOptions(path, layout, data, raster, {
    what: 'heatmap',
    dtype: 'float32',
    noData: Number.NaN,
    bandNames: raster.bandNames,
    metadata: {},
  });
  const fill = async (writer: PyramidTiffWriter, put: Put): Promise<void> => {
    for (const [level, { columns, rows }] of writer.levels.entries()) {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          await put(level, column, row, raster.tile(2 ** level, column, row, tileSize));
        }
      }
    }
  };
  await writing(options, fill, signal);
}

/** The class of each pixel: as a segmenter says it, at its resolution; of other models, as their findings cover the image. */
export async function writeClassRaster(job: ExportJob, layout: RasterLayout): Promise<void> {
  const { session, data, path, signal } = job;
  const { manifest } = data.model;
  const isSegmented = manifest.task === 'segment' && session.file.tiles.hasMasks(runNoOf(data.run.id));
  const first = isSegmented ? 0 : 1;
  const contents: Contents = {
    what: 'classes',
    dtype: 'uint8',
    noData: notAnalysed,
    bandNames: ['class'],
    metadata: classNames(manifest, first),
    palette: classPalette(manifest, first),
  };
  if (isSegmented) {
    const place = rasterPlace(data, Number.POSITIVE_INFINITY);
    await writeClasses(tiffOptions(path, layout, data, place, contents), segmentRows(session, data), signal);
    return;
  }
  const raster = await classRaster(data, signal);
  const rows = function* (): Generator<Uint8Array> {
    for (let y = 0; y < raster.height; y++) {
      yield raster.pixels.subarray(y * raster.width, (y + 1) * raster.width);
    }
  };
  await writeClasses(tiffOptions(path, layout, data, raster, contents), rows(), signal);
}

/** The classes of each row of model pixels. */
async function* segmentRows(session: CaseSession, data: ReportData): AsyncGenerator<Uint8Array> {
  const run = session.file.runs.get(runNoOf(data.run.id));
  for await (const { count, ends, labels } of labelRows(session.file, run, null)) {
    const row = new Uint8Array(ends[count - 1] ?? 0);
    let from = 0;
    for (let i = 0; i < count; i++) {
      const to = ends[i] ?? from;
      row.fill(labels[i] ?? notAnalysed, from, to);
      from = to;
    }
    yield row;
  }
}

/** Takes the rows from top to bottom; holds one row of tiles, and of each lower level what waits for the next one. */
function writeClasses(
  options: PyramidTiffOptions,
  rows: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const fill = async (writer: PyramidTiffWriter, put: Put): Promise<void> => {
    const { width, height } = options;
    const cascade = new PyramidCascade({
      levels: writer.levels,
      tileSize,
      bands: 1,
      noData: notAnalysed,
      classes: true,
    });
    const columns = writer.levels[0]?.columns ?? 0;
    let strip = Array.from({ length: columns }, () => new Uint8Array(tileSize * tileSize));
    let y = 0;
    for await (const row of rows) {
      for (const [column, tile] of strip.entries()) {
        tile.set(row.subarray(column * tileSize, (column + 1) * tileSize), (y % tileSize) * tileSize);
      }
      y++;
      if (y % tileSize !== 0 && y !== height) continue;
      const tileRow = Math.ceil(y / tileSize) - 1;
      for (const [column, pixels] of strip.entries()) {
        repeatEdge(
          pixels,
          tileSize,
          1,
          Math.min(tileSize, width - column * tileSize),
          Math.min(tileSize, height - tileRow * tileSize),
        );
        const tile = { level: 0, column, row: tileRow, pixels };
        for (const made of [tile, ...cascade.put(tile)]) {
          if (made.pixels instanceof Uint8Array) await put(made.level, made.column, made.row, made.pixels);
        }
      }
      strip = strip.map(() => new Uint8Array(tileSize * tileSize));
    }
  };
  return writing(options, fill, signal);
}
