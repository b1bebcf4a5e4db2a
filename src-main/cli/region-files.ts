/** `--roi` and `--exclude`: files whose coordinates mean places once the image is known. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import type { ImageInfo } from '../contract/image.ts';
import type { RunParameters } from '../contract/run.ts';

const options = ['roi', 'exclude'] as const;
type Option = (typeof options)[number];

export type RegionFiles = Partial<Record<Option, { path: string; text: string }>>;

/** Before anything is opened. @throws {GigatileError} file-not-found; usage where a file is no JSON */
export function readRegionFiles(values: Partial<Record<Option, string | undefined>>): RegionFiles {
  const files: RegionFiles = {};
  for (const option of options) {
    const path = values[option];
    if (path === undefined) continue;
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      throw new GigatileError('file-not-found', 'The region file cannot be read', {
        where: path,
        cause: error,
      });
    }
    try {
      JSON.parse(text);
    } catch (error) {
      throw new GigatileError('usage', 'The region file is no GeoJSON', { where: path, cause: error });
    }
    files[option] = { path, text };
  }
  return files;
}

/**
 * The regions in pixels of an image.
 * @param excludeMayMiss what is left out may lie elsewhere: nothing of this image is left out then
 * @throws {GigatileError} usage where a file holds no polygons, or none that the image has a part of
 */
export async function regionsOf(
  files: RegionFiles,
  image: Pick<ImageInfo, 'width' | 'height' | 'geo'>,
  { excludeMayMiss = false } = {},
): Promise<Pick<RunParameters, Option>> {
  const regions: Pick<RunParameters, Option> = {};
  for (const option of options) {
    const file = files[option];
    if (file === undefined) continue;
    // Projections are not loaded at every start.
    const { readRegions } = await import('../core/geojson-regions.ts');
    const rings = inFile(file.path, () => readRegions(file.text, image));
    if (rings.length > 0) regions[option] = rings;
    else if (option === 'roi' || !excludeMayMiss) throw outside(option, file.path, image);
  }
  return regions;
}

function inFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof GigatileError)) throw error;
    const { code, message, where, hint } = error;
    const place = where === undefined ? basename(path) : `${basename(path)}, ${where}`;
    throw new GigatileError(code, message, { where: place, hint, cause: error });
  }
}

function outside(
  option: Option,
  path: string,
  { width, height, geo }: Pick<ImageInfo, 'width' | 'height' | 'geo'>,
): GigatileError {
  const read =
    geo === null
      ? `The image has no geo-reference: coordinates are pixels of its ${width} x ${height}`
      : 'The image has a geo-reference: coordinates are longitude and latitude, or what a "crs" member names; pixels only in objects of QuPath';
  return new GigatileError('usage', `Everything in the file of --${option} lies outside of the image`, {
    where: basename(path),
    hint: `${read}. The file may belong to another image.`,
  });
}
