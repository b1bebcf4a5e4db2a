/** Opens any image that Gigatile reads, by what it contains. The formats are listed in formats/all-formats.ts. */
import { readdirSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import { defaultLimits } from '../core/limits.ts';
import { isUrl } from '../core/image-address.ts';
import { fingerprintOf } from './fingerprint.ts';
import { fileFormats, folderFormats } from './formats/all-formats.ts';
import type { Candidate, OpenedFormat, OpenOptions } from './formats/format.ts';
import { openInstead } from './formats/openslide.ts';
import { ImageFile } from './image-file.ts';
import type { Codecs, ImageSource, OpenLimits } from './image-source.ts';
import { CacheFolder } from './pyramid-cache/cache-folder.ts';
import { planFlat } from './pyramid-cache/plan.ts';
import { PreparedSource } from './pyramid-cache/prepared-source.ts';
import type { PyramidInput } from './pyramid-cache/pyramid-input.ts';
import type { CacheSettings } from './pyramid-cache/settings.ts';
import { PyramidSource } from './pyramid-source.ts';
import { isTiff, unknownFormat } from './sniff.ts';
import { TiffStructure } from './tiff/structure.ts';

/** Enough to know every format by. */
const headBytes = 132;

/**
 * Opens an image by what it contains, whatever it is called. Nothing is decoded yet; all tile tables have been checked.
 * With a `cache`, large images without tiles are prepared there once, instead of being decoded for each region.
 * `path` may be an http(s) address: then only the parts are read that are needed.
 *
 * @throws {GigatileError} file-not-found, file-unreadable, format-unknown, image-corrupt, image-unsupported (names what),
 * image-too-large, codec-missing; of an address also what ImageFile.openAt throws
 */
export async function openImage(
  path: string,
  codecs: Codecs,
  limits: Partial<OpenLimits> = {},
  cache?: CacheSettings,
): Promise<ImageSource> {
  const options: OpenOptions = {
    codecs,
    limits: { maxPixels: defaultLimits.maxPixels, ...limits },
    canPrepare: cache !== undefined,
  };
  if (!isUrl(path) && isFolder(path)) return openFolder(path, options);
  const file = await ImageFile.openAt(path);
  try {
    const candidate = candidateOf(file);
    const format = fileFormats.find((known) => known.knows(candidate));
    const opened = await (
      format?.open(candidate, options) ?? Promise.reject(unknownFormat(file, candidate.head))
    ).catch((error: unknown) => openInstead(file, options, error));
    if (opened.flat === undefined || cache === undefined) {
      return sourceOf(opened, options, () => fingerprintOf(file));
    }
    return await preparedSource(opened, opened.flat, options, file, cache);
  } catch (error) {
    file.close();
    throw error instanceof GigatileError ? error.at(file.name) : error;
  }
}

async function openFolder(path: string, options: OpenOptions): Promise<ImageSource> {
  const names = readdirSync(path).toSorted();
  const format = folderFormats.find((known) => known.knows(path, names));
  if (format === undefined) {
    throw new GigatileError('format-unknown', 'This folder holds no image that can be opened as one', {
      where: basename(path),
      hint: 'Open one of the files in it.',
    });
  }
  const opened = await format.open(path, names, options);
  const { fingerprint } = opened;
  if (fingerprint === undefined) throw new TypeError(`${format.id} gives no fingerprint`);
  return sourceOf(opened, options, fingerprint);
}

async function preparedSource(
  { backend: original, description, fingerprint }: OpenedFormat,
  input: PyramidInput,
  { codecs, limits }: OpenOptions,
  file: ImageFile,
  cache: CacheSettings,
): Promise<ImageSource> {
  const known = await (fingerprint?.() ?? fingerprintOf(file));
  const modifiedMs = statSync(file.path).mtimeMs;
  return new PreparedSource({
    original,
    description,
    codecs,
    limits,
    fingerprint: () => known,
    input,
    plan: planFlat(input),
    cache: new CacheFolder(cache),
    key: CacheFolder.keyOf(known, modifiedMs),
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function candidateOf(file: ImageFile): Candidate {
  const head = file.read(0, Math.min(file.size, headBytes), 'The first bytes');
  let tiff: TiffStructure | null | undefined;
  return {
    file,
    head,
    get tiff() {
      return (tiff ??= isTiff(head) ? new TiffStructure(file) : null);
    },
  };
}

function sourceOf(
  opened: OpenedFormat,
  options: OpenOptions,
  ofFile: () => string | Promise<string>,
): ImageSource {
  const { backend, description, fingerprint = ofFile } = opened;
  return new PyramidSource(backend, description, options.codecs, options.limits, fingerprint);
}
