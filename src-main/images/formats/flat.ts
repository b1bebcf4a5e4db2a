/** One image without a pyramid: PNG, JPEG, WebP, and TIFFs of scanners and printers that are pictures and not measurements. */
import { FlatBackend } from '../flat-backend.ts';
import type { ImageFile } from '../image-file.ts';
import type { FlatImage } from '../image-source.ts';
import type { Candidate, FileFormat, OpenedFormat, OpenOptions } from './format.ts';
import { coarsestTrustedMpp } from './generic-tiff.ts';

const compressions: Readonly<Record<string, string>> = { png: 'deflate', jpeg: 'jpeg', webp: 'webp' };

export const flatFormat: FileFormat = {
  id: 'flat',
  knows: ({ head }) => {
    const text = head.toString('latin1');
    return (
      text.startsWith('\x89PNG\r\n\x1a\n') ||
      text.startsWith('\xff\xd8\xff') ||
      (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP')
    );
  },
  open: ({ file }, options) => openFlat(file, options),
};

export async function openFlat(
  file: ImageFile,
  { codecs, limits, canPrepare }: OpenOptions,
): Promise<OpenedFormat> {
  const { maxPixels, maxFlatPixels = maxPixels, maxInMemory } = limits;
  const image = await codecs.openFlat(file.path, {
    maxPixels: canPrepare === true ? maxFlatPixels : maxPixels,
    ...(maxInMemory !== undefined && { maxInMemory }),
  });
  const mpp = image.pixelsPerMm === null ? null : 1000 / image.pixelsPerMm;
  return {
    backend: new FlatBackend(image, file),
    description: {
      name: file.name,
      format: image.format,
      vendor: null,
      mpp: mpp !== null && mpp > 0 && mpp <= coarsestTrustedMpp ? { x: mpp, y: mpp } : null,
      geo: null,
      objectivePower: null,
      bandNames: null,
      noData: null,
      associated: [],
      compression: compressions[image.format] ?? 'unknown',
    },
    ...(canPrepare === true && flatInput(image)),
  };
}

function flatInput(image: FlatImage): Pick<OpenedFormat, 'flat'> {
  if (image.isSmall || image.rows === undefined) return {};
  const { width, height, bands, dtype } = image;
  const preview = image.preview?.bind(image);
  return {
    flat: {
      width,
      height,
      bands,
      dtype,
      noData: null,
      rows: image.rows.bind(image),
      ...(preview && { preview }),
    },
  };
}

/**
 * 1-bit, CMYK, CCITT and other flat TIFFs: through libvips, where it can really decode them (its header says nothing about
 * that). null: it cannot, and what our own reader said is the better message.
 */
export async function openUnusualFlat(
  { file }: Candidate,
  options: OpenOptions,
): Promise<OpenedFormat | null> {
  let opened: OpenedFormat | null = null;
  try {
    opened = await openFlat(file, options);
    await opened.backend.decodeTile(0, 0, 0);
    return opened;
  } catch {
    // Not opened.backend.close(): it would close the file that the caller still reports about.
    return null;
  }
}
