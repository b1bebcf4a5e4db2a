/**
 * Formats that the system's OpenSlide reads: MIRAX, Hamamatsu VMS and VMU, Sakura, and whatever else it knows that our own
 * readers do not. Our own formats never need it.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { GigatileError } from '../../contract/errors.ts';
import { fingerprintOf } from '../fingerprint.ts';
import type { ImageFile } from '../image-file.ts';
import { OtherBackend } from '../other-backend.ts';
import type { OtherSlide } from '../other-slide.ts';
import type { Candidate, FileFormat, OpenedFormat, OpenOptions } from './format.ts';
import { folderOf } from './format.ts';

/**
 * The folder of a MIRAX slide, by its content, beside its `.mrxs`: that is a small JPEG, and a JPEG of another name beside such a
 * folder is just a JPEG.
 */
function miraxFolder(file: ImageFile): string | null {
  if (file.isRemote || !/\.mrxs$/i.test(file.path)) return null;
  const folder = join(folderOf(file), basename(file.path).replace(/\.[^.]*$/, ''));
  return folder !== file.path && existsSync(join(folder, 'Slidedat.ini')) ? folder : null;
}

function isVms({ head }: Candidate): boolean {
  return /^\s*\[(?:Uncompressed )?Virtual Microscope Specimen\]/.test(head.toString('latin1'));
}

/** Files that only OpenSlide can read, whatever else they look like: before all formats that would show a part of them. */
export const openslideOnly: FileFormat = {
  id: 'openslide',
  knows: (candidate) => isVms(candidate) || miraxFolder(candidate.file) !== null,
  async open({ file }, options) {
    const slide = await openSlide(file, options);
    if (slide !== null) return opened(slide, file, options);
    throw new GigatileError('image-corrupt', 'OpenSlide does not recognise this slide', {
      where: file.name,
      hint: 'All files that belong to the slide must lie where the scanner put them, with their names.',
    });
  },
};

/**
 * A file that none of our own formats knows, or of a kind that they do not read.
 * @param error why not; thrown where OpenSlide does not know the file either, or is not there
 */
export async function openInstead(
  file: ImageFile,
  options: OpenOptions,
  error: unknown,
): Promise<OpenedFormat> {
  const isOpen =
    error instanceof GigatileError && (error.code === 'format-unknown' || error.code === 'image-unsupported');
  if (!isOpen) throw error;
  let slide: OtherSlide | null;
  try {
    slide = await openSlide(file, options);
  } catch (failure) {
    throw failure instanceof GigatileError && failure.code === 'codec-missing' ? error : failure;
  }
  if (slide === null) throw error;
  // A plain TIFF that our own reader refuses for a reason: OpenSlide would only look at less of it.
  if (slide.vendor === 'generic-tiff') {
    slide.close();
    throw error;
  }
  return opened(slide, file, options);
}

/** null: there is no such library here at all (tests), or it does not know the file. @throws {GigatileError} codec-missing … */
async function openSlide(file: ImageFile, { codecs }: OpenOptions): Promise<OtherSlide | null> {
  if (file.isRemote || codecs.openOther === undefined) return null;
  return codecs.openOther(file.path);
}

function opened(slide: OtherSlide, file: ImageFile, { codecs }: OpenOptions): OpenedFormat {
  return {
    backend: new OtherBackend(slide, file, codecs),
    description: describe(slide, file.name),
    fingerprint: () => fingerprint(slide, file),
  };
}

function describe(slide: OtherSlide, name: string): OpenedFormat['description'] {
  const { properties, vendor } = slide;
  const number = (key: string): number | null => {
    const value = Number.parseFloat(properties[key] ?? '');
    return Number.isFinite(value) && value > 0 ? value : null;
  };
  const [x, y] = [number('openslide.mpp-x'), number('openslide.mpp-y')];
  return {
    name,
    format: vendor === 'mirax' ? 'mirax' : 'openslide',
    vendor,
    mpp: x !== null && y !== null ? { x, y } : null,
    geo: null,
    objectivePower: number('openslide.objective-power'),
    bandNames: null,
    noData: null,
    associated: [...slide.associated],
    compression: `by ${slide.library}`,
    properties: { ...properties },
  };
}

/**
 * The slide is more than its file: OpenSlide's own hash (over its description and coarsest level, where it has one), and names
 * and sizes of what lies in its folder, or beside it under its name.
 */
async function fingerprint(slide: OtherSlide, file: ImageFile): Promise<string> {
  const hash = createHash('sha256').update(`openslide\n${await fingerprintOf(file)}\n`);
  hash.update(`${slide.properties['openslide.quickhash-1'] ?? ''}\n`);
  const own = miraxFolder(file);
  const folder = own ?? folderOf(file);
  const stem = basename(file.path).replace(/\.[^.]*$/, '');
  for (const name of readdirSync(folder).toSorted()) {
    if (own === null && !name.startsWith(stem)) continue;
    const stat = statSync(join(folder, name), { throwIfNoEntry: false });
    if (stat?.isFile() === true) hash.update(`${own === null ? '' : name}\n${stat.size}\n`);
  }
  return hash.digest('hex');
}
