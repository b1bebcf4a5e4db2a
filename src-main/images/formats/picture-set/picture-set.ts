/** A folder of pictures as one image: they lie beside each other on a canvas (core/set-layout.ts), each keeps its name. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { GigatileError } from '../../../contract/errors.ts';
import { layOutSet } from '../../../core/set-layout.ts';
import { ImageFile } from '../../image-file.ts';
import type { FolderFormat, OpenedFormat, OpenOptions } from '../format.ts';
import { pictureReader, readPicture, type Picture } from './pictures.ts';
import { SetBackend } from './set-backend.ts';

const extensions: ReadonlySet<string> = new Set(['.png', '.jpg', '.jpeg', '.webp', '.tif', '.tiff', '.bmp']);
/** More pictures than this are not opened as one. */
const mostPictures = 20_000;
const atOnce = 8;
/** `frame2` before `frame10`. */
const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' }).compare;

function picturesIn(names: readonly string[]): string[] {
  return names
    .filter((name) => !name.startsWith('.') && extensions.has(extname(name).toLowerCase()))
    .toSorted((a, b) => byName(a, b) || (a < b ? -1 : 1));
}

export const pictureSet: FolderFormat = {
  id: 'picture-set',
  knows: (_folder, names) => picturesIn(names).length > 0,
  open: openSet,
};

async function openSet(folder: string, all: readonly string[], options: OpenOptions): Promise<OpenedFormat> {
  const names = picturesIn(all);
  const name = basename(folder);
  if (names.length > mostPictures) {
    throw new GigatileError(
      'image-too-large',
      `The folder holds ${names.length} pictures; a set has at most ${mostPictures}`,
      { where: name, hint: 'Split it into several folders.' },
    );
  }
  const pictures: Picture[] = [];
  for (let from = 0; from < names.length; from += atOnce) {
    const some = names.slice(from, from + atOnce);
    pictures.push(...(await Promise.all(some.map((each) => readPicture(join(folder, each), options)))));
  }
  const readable = pictures.filter((picture) => picture.error === null);
  const [first] = readable;
  if (first === undefined) {
    throw new GigatileError('image-corrupt', 'None of the pictures in this folder can be read', {
      where: name,
      hint: `The first one, ${pictures[0]?.name ?? ''}: ${pictures[0]?.error?.message ?? ''}`,
    });
  }
  // A picture that cannot be read keeps its place: its tiles fail by name instead of being missing.
  const sized = pictures.map((picture) =>
    picture.error === null ? picture : { ...picture, width: first.width, height: first.height },
  );
  const layout = layOutSet(sized);
  const same = readable.every((each) => each.bands === first.bands && each.dtype === first.dtype);
  const pixels = same ? { bands: first.bands, dtype: first.dtype } : ({ bands: 3, dtype: 'uint8' } as const);
  const damaged = pictures.filter((picture) => picture.error !== null);
  const mpp = readable.every((each) => each.mpp === first.mpp) ? first.mpp : null;
  return {
    backend: new SetBackend(layout, pixels, sized, pictureReader(options)),
    description: {
      name,
      format: 'picture-set',
      vendor: null,
      mpp: mpp === null ? null : { x: mpp, y: mpp },
      geo: null,
      objectivePower: null,
      bandNames: null,
      noData: null,
      associated: [],
      compression: first.compression,
      parts: layout.parts,
      properties: {
        'set.pictures': String(pictures.length),
        ...(damaged.length > 0 && { 'set.unreadable': damaged.map((each) => each.name).join(', ') }),
      },
    },
    fingerprint: () => fingerprintOfSet(folder, names),
  };
}

/** SHA-256 (hex) over each picture's name, size, first and last 32 KiB. */
function fingerprintOfSet(folder: string, names: readonly string[]): string {
  const hash = createHash('sha256').update('gigatile-set-1\n');
  const edge = 32 * 1024;
  for (const name of names) {
    const path = join(folder, name);
    const { size } = statSync(path);
    hash.update(`${name}\n${size}\n`);
    if (size === 0) continue;
    const file = ImageFile.open(path);
    try {
      const length = Math.min(edge, size);
      hash.update(file.read(0, length, 'The beginning'));
      hash.update(file.read(size - length, length, 'The end'));
    } finally {
      file.close();
    }
  }
  return hash.digest('hex');
}
