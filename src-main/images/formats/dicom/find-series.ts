/** The files of a slide: those in one folder with the same Series Instance UID. */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { GigatileError } from '../../../contract/errors.ts';
import { ImageFile } from '../../image-file.ts';
import { identify } from './instance.ts';
import type { Identity } from './instance.ts';

/** More files than this are looked at by nobody in a sensible time. */
const mostEntries = 50_000;
/** Files that are opened to see whether a folder is one of DICOM. */
const mostProbes = 1000;
/** Of one slide: they are all kept open. */
const mostFiles = 512;

export interface SeriesFiles {
  files: Identity[];
  /** DICOM files in the folder that are no part of the slide. */
  ignored: number;
}

export function isDicom(head: Buffer): boolean {
  return head.length >= 132 && head.toString('latin1', 128, 132) === 'DICM';
}

/**
 * The series that a file is part of. The file itself stays with the caller; the others are closed by `closeFiles`.
 * @throws {GigatileError} image-corrupt, image-unsupported where it is no whole-slide image
 */
export function seriesOf(file: ImageFile): SeriesFiles {
  const self = identify(file);
  if (!self.isSlide) throw notASlide(file.name);
  if (self.series === '') throw self.reader.error('The attribute (0020,000E) SeriesInstanceUID is missing');
  const others = identifyAll(
    dirname(file.path),
    basename(file.path),
    (found) => found.series === self.series,
  );
  return { files: [self, ...others.files], ignored: others.ignored };
}

/**
 * The only slide in a folder.
 * @throws {GigatileError} image-unsupported where there is none, or where there are several
 */
export function onlySeriesIn(folder: string): SeriesFiles {
  const { files, ignored } = identifyAll(folder, null, () => true);
  const [first] = files;
  const series = new Set(files.map((file) => file.series));
  if (first !== undefined && series.size === 1) return { files, ignored };
  closeFiles(files);
  if (first === undefined) throw notASlide(basename(folder));
  const examples = [...series].map((uid) => files.find((file) => file.series === uid)?.file.name ?? '');
  throw new GigatileError('image-unsupported', `The folder holds ${series.size} DICOM slides`, {
    where: basename(folder),
    hint: `Open a file of the one that you want: ${examples.slice(0, 5).join(', ')}${series.size > 5 ? ' …' : ''}.`,
  });
}

/** Whether a folder holds DICOM files (other than a DICOMDIR). Of thousands of files only the likely ones are looked at. */
export function holdsDicom(folder: string, names: readonly string[]): boolean {
  const isLikely = (name: string): boolean => /\.dcm$|^[^.]*$/i.test(name);
  const first = names.filter(isLikely).concat(names.filter((name) => !isLikely(name)));
  return candidates(first.slice(0, mostProbes)).some((name) => {
    const file = openDicom(join(folder, name));
    file?.close();
    return file !== null;
  });
}

export function closeFiles(files: readonly Identity[]): void {
  for (const { file } of files) file.close();
}

function identifyAll(
  folder: string,
  except: string | null,
  isWanted: (found: Identity) => boolean,
): SeriesFiles {
  const files: Identity[] = [];
  let ignored = 0;
  try {
    for (const name of candidates(readdirSync(folder).toSorted())) {
      if (name === except) continue;
      const file = openDicom(join(folder, name));
      if (file === null) continue;
      const found = identified(file);
      if (found === null || !found.isSlide || !isWanted(found)) {
        file.close();
        ignored++;
        continue;
      }
      files.push(found);
      if (files.length > mostFiles) {
        throw new GigatileError('image-unsupported', `The slide has more than ${mostFiles} files`, {
          where: basename(folder),
        });
      }
    }
  } catch (error) {
    closeFiles(files);
    throw error;
  }
  return { files, ignored };
}

/** null: a file that is not even readable as DICOM is somebody else's, and counted among those. */
function identified(file: ImageFile): Identity | null {
  try {
    return identify(file);
  } catch (error) {
    if (error instanceof GigatileError && error.code !== 'io') return null;
    file.close();
    throw error;
  }
}

function candidates(names: readonly string[]): readonly string[] {
  if (names.length > mostEntries) {
    throw new GigatileError('image-unsupported', `The folder holds ${names.length} files`, {
      hint: 'Put the files of the slide into a folder of their own.',
    });
  }
  return names.filter((name) => name.toUpperCase() !== 'DICOMDIR' && !name.startsWith('.'));
}

/** null: no file, or none of DICOM, or one that may not be read. */
function openDicom(path: string): ImageFile | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  // A named pipe would wait for a writer for ever.
  if (stat === undefined || !stat.isFile() || stat.size < 140) return null;
  let file: ImageFile;
  try {
    file = ImageFile.open(path);
  } catch (error) {
    if (
      error instanceof GigatileError &&
      (error.code === 'file-unreadable' || error.code === 'file-not-found')
    ) {
      return null;
    }
    throw error;
  }
  if (isDicom(file.read(0, 132, 'The first bytes'))) return file;
  file.close();
  return null;
}

function notASlide(where: string): GigatileError {
  return new GigatileError('image-unsupported', 'This is no DICOM whole-slide image', {
    where,
    hint: 'Gigatile opens VL Whole Slide Microscopy images (SOP class 1.2.840.10008.5.1.4.1.1.77.1.6).',
  });
}
