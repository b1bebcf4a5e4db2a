/** What a reader of a format is: how a file is known, and how it is opened. */
import { dirname } from 'node:path';
import type { ImageFile } from '../image-file.ts';
import type { Codecs, OpenLimits } from '../image-source.ts';
import type { PixelBackend } from '../pixel-backend.ts';
import type { Description } from '../pyramid-source.ts';
import type { PyramidInput } from '../pyramid-cache/pyramid-input.ts';
import type { TiffStructure } from '../tiff/structure.ts';

/** A file that is being opened. Its directories are read once, whatever number of formats look at them. */
export interface Candidate {
  readonly file: ImageFile;
  /** The first bytes (up to 132). */
  readonly head: Buffer;
  /** Directories of a TIFF; null where the file is none. @throws {GigatileError} image-corrupt */
  readonly tiff: TiffStructure | null;
}

export interface OpenOptions {
  codecs: Codecs;
  limits: OpenLimits;
  /** Large images without tiles may be prepared: their format gives `flat`. */
  canPrepare?: boolean;
}

export interface OpenedFormat {
  backend: PixelBackend;
  description: Description;
  /** Where the image is more than this one file; else the fingerprint is the file's. */
  fingerprint?: () => string | Promise<string>;
  /** Set where the image has no tiles and is too large for memory: it is then read through a pyramid that is made of this. */
  flat?: PyramidInput;
}

/** By content, never by what the file is called. The first format of the list that knows the file opens it. */
export interface FileFormat {
  /** Short id, for messages and `doctor`. */
  readonly id: string;
  knows(candidate: Candidate): boolean;
  /**
   * Owns `candidate.file` from here on where it succeeds (the backend closes it); where it throws, the caller closes it.
   * @throws {GigatileError} image-corrupt, image-unsupported, image-too-large, codec-missing
   */
  open(candidate: Candidate, options: OpenOptions): Promise<OpenedFormat>;
}

/** An image that is a folder (DICOM series, a set of pictures). */
export interface FolderFormat {
  readonly id: string;
  /** `names`: what lies in the folder, sorted. */
  knows(folder: string, names: readonly string[]): boolean;
  open(folder: string, names: readonly string[], options: OpenOptions): Promise<OpenedFormat>;
}

/** The folder that a file's companions are looked for in. */
export function folderOf(file: ImageFile): string {
  return dirname(file.path);
}
