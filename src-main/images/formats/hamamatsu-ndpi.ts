/**
 * Hamamatsu NDPI: a TIFF with tag 65420 and (see tiff/structure.ts) 64-bit offsets. Every directory is one JPEG: a level where
 * its source lens (tag 65421) is a magnification, the macro image where it is -1, a map of the scanned area where it is -2.
 */
import { GigatileError } from '../../contract/errors.ts';
import type { ImageFile } from '../image-file.ts';
import type { EncodedImage } from '../image-source.ts';
import { jpegFrame } from '../tiff/jpeg-stream.ts';
import type { TiffDirectory } from '../tiff/structure.ts';
import { tag } from '../tiff/tags.ts';
import type { Candidate, FileFormat, OpenedFormat, OpenOptions } from './format.ts';
import { NdpiBackend } from './ndpi-backend.ts';
import { ndpiStrip, ndpiTag, readNdpiLevel } from './ndpi-level.ts';
import type { NdpiLevel } from './ndpi-level.ts';
import { tiffProperties } from './tiff-properties.ts';

const macroLens = -1;

export const hamamatsuNdpi: FileFormat = {
  id: 'ndpi',
  knows: ({ tiff }) => tiff?.directories[0]?.has(tag.ndpi) ?? false,
  open: (candidate, options) => Promise.resolve(openNdpi(candidate, options)),
};

function openNdpi({ file, tiff }: Candidate, { codecs, limits }: OpenOptions): OpenedFormat {
  const directories = tiff?.directories ?? [];
  const found: NdpiLevel[] = [];
  let macro: TiffDirectory | null = null;
  for (const directory of directories) {
    const lens = directory.number(ndpiTag.sourceLens, null);
    if (lens === null) throw directory.error('The NDPI image does not say its source lens (tag 65421)');
    if (lens === macroLens) macro ??= directory;
    // Other planes of focus than the one that was scanned for are not shown.
    if (lens > 0 && directory.number(ndpiTag.focalPlane, 0) === 0) {
      found.push(readNdpiLevel(directory, file, limits));
    }
  }
  const [base, ...smaller] = found.toSorted((a, b) => b.width - a.width);
  const first = directories[0];
  if (base === undefined || first === undefined) {
    throw new GigatileError('image-corrupt', 'The NDPI file has no level in its plane of focus', {
      where: file.name,
    });
  }
  checkOrder([base, ...smaller]);
  const macroOf = macro === null ? null : (): EncodedImage => readMacro(macro, file);
  const lens = first.number(ndpiTag.sourceLens, 0);
  return {
    backend: new NdpiBackend(file, [base, ...smaller], macroOf, codecs),
    description: {
      name: file.name,
      format: 'ndpi',
      vendor: 'hamamatsu',
      mpp: micrometresPerPixel(first),
      geo: null,
      objectivePower: lens > 0 ? lens : null,
      bandNames: null,
      noData: null,
      associated: macro === null ? [] : ['macro'],
      compression: 'jpeg',
      properties: { ...tiffProperties(first), ...ndpiProperties(first) },
    },
  };
}

function checkOrder(levels: readonly NdpiLevel[]): void {
  for (const [index, level] of levels.entries()) {
    const before = levels[index - 1];
    if (before === undefined) continue;
    if (level.width >= before.width || level.height > before.height || level.bands !== before.bands) {
      throw new GigatileError(
        'image-corrupt',
        `Two levels of the NDPI file do not fit together: ${before.width} x ${before.height} with ${before.bands} bands and ` +
          `${level.width} x ${level.height} with ${level.bands}`,
        { where: level.where },
      );
    }
  }
}

/** Resolutions count only in centimetres. */
function micrometresPerPixel(directory: TiffDirectory): { x: number; y: number } | null {
  if (directory.number(tag.resolutionUnit, 2) !== 3) return null;
  const x = 10_000 / directory.number(tag.xResolution, 0);
  const y = 10_000 / directory.number(tag.yResolution, 0);
  const isSize = (value: number): boolean => value > 0 && Number.isFinite(value);
  return isSize(x) && isSize(y) ? { x, y } : null;
}

/** Tag 65449 has `key=value` in lines; the others are single values. */
function ndpiProperties(directory: TiffDirectory): Record<string, string> {
  const properties: Record<string, string> = {};
  const numbers = [
    ['SourceLens', ndpiTag.sourceLens],
    ['XOffsetFromSlideCentre', ndpiTag.xOffset],
    ['YOffsetFromSlideCentre', ndpiTag.yOffset],
  ] as const;
  for (const [name, number] of numbers) {
    const value = directory.number(number, null);
    if (value !== null) properties[`hamamatsu.${name}`] = String(value);
  }
  const reference = directory.text(ndpiTag.reference);
  if (reference !== null) properties['hamamatsu.Reference'] = reference;
  for (const line of (directory.text(ndpiTag.properties) ?? '').split('\r\n')) {
    const at = line.indexOf('=');
    if (at > 0 && at + 1 < line.length) properties[`hamamatsu.${line.slice(0, at)}`] = line.slice(at + 1);
  }
  return properties;
}

/** As it is stored: a plain JPEG. */
function readMacro(directory: TiffDirectory, file: ImageFile): EncodedImage {
  const { start, bytes } = ndpiStrip(directory, file);
  const stream = file.read(start, bytes, 'The macro image');
  if (jpegFrame(stream) === null) throw directory.error('The macro image is no JPEG');
  return { type: 'image/jpeg', bytes: stream };
}
