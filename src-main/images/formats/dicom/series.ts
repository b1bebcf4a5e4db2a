/** From a series' files to a slide: the pyramid's levels, its bands, and the associated images. */
import { GigatileError } from '../../../contract/errors.ts';
import type { OpenOptions } from '../format.ts';
import { readInstance } from './instance.ts';
import type { Identity, Instance } from './instance.ts';
import { checkComplete, SlideImage } from './slide-image.ts';
import type { TileMap } from './tile-map.ts';

/** One band, or the three of a colour image. */
export interface Plane {
  image: SlideImage;
  map: TileMap;
}

export interface SlideLevel {
  head: Instance;
  /** Level-0 pixels per pixel. */
  scaleX: number;
  scaleY: number;
  planes: readonly Plane[];
}

export interface Slide {
  levels: readonly SlideLevel[];
  /** Identifiers of the optical paths that are bands; one where the image is of colours. */
  paths: readonly string[];
  otherPaths: number;
  /** By name; put together when asked for. */
  associated: ReadonlyMap<string, () => SlideImage>;
  leftOut: readonly string[];
}

const associatedNames: Readonly<Record<string, string>> = {
  LABEL: 'label',
  OVERVIEW: 'macro',
  THUMBNAIL: 'thumbnail',
};

/** Sizes of levels are rounded, and spacings written with few digits. */
const roundingOf = 0.01;
/** Beyond this a smaller image is another part of the slide, not the same at another scale. */
const sameRegion = 0.1;

/** @throws {GigatileError} image-corrupt, image-unsupported, image-too-large */
export function readSlide(files: readonly Identity[], { codecs, limits }: OpenOptions): Slide {
  const leftOut: string[] = [];
  const associated = new Map<string, () => SlideImage>();
  const groups = new Map<string, Instance[]>();
  const seen = new Set<string>();
  // Whatever file was opened, and whatever they are called, it is the same slide.
  const sorted = files.toSorted((a, b) => (a.uid < b.uid ? -1 : a.uid > b.uid ? 1 : 0));
  for (const identity of sorted) {
    const { flavor, uid } = identity;
    if (uid !== '' && seen.has(uid)) {
      leftOut.push(`${identity.file.name} is a copy`);
      continue;
    }
    seen.add(uid);
    const name = associatedNames[flavor];
    if (name !== undefined) {
      if (associated.has(name)) leftOut.push(`${identity.file.name} is another ${name}`);
      else associated.set(name, () => new SlideImage([readInstance(identity, limits)], codecs));
      continue;
    }
    if (flavor !== 'VOLUME') {
      leftOut.push(`${identity.file.name} is of the type ${flavor === '' ? '(none)' : flavor}`);
      continue;
    }
    const instance = readInstance(identity, limits);
    const key = instance.concatenation?.uid ?? `file ${identity.file.path}`;
    groups.set(key, [...(groups.get(key) ?? []), instance]);
  }
  const images = [...groups.values()].map((group) => {
    checkComplete(group);
    return new SlideImage(group, codecs);
  });
  images.sort(
    ({ head: a }, { head: b }) =>
      b.width - a.width || b.height - a.height || derived(a) - derived(b) || a.number - b.number,
  );
  return { ...pyramidOf(images, files, leftOut), associated, leftOut };
}

/** Of two images of one size, what the scanner saw goes before what was made of it, such as a lossy copy. */
function derived({ data }: Instance): number {
  return data.text('ImageType') === 'ORIGINAL' ? 0 : 1;
}

function pyramidOf(
  images: readonly SlideImage[],
  files: readonly Identity[],
  leftOut: string[],
): Omit<Slide, 'associated' | 'leftOut'> {
  const [first] = images;
  if (first === undefined) {
    throw new GigatileError('image-corrupt', 'The series has no image of the slide itself (VOLUME)', {
      where: `${files[0]?.file.name ?? ''}, (0008,0008) ImageType`,
      hint: 'Put all files of the series into one folder.',
    });
  }
  const base = first.head;
  const isGrey = base.format.samples === 1;
  const levels: SlideLevel[] = [];
  let paths: string[] = [];
  let otherPaths = 0;
  for (const group of bySize(images, leftOut)) {
    const [image] = group;
    if (image === undefined) continue;
    const { head } = image;
    const scale = levels.length === 0 ? { scaleX: 1, scaleY: 1 } : scaleOf(base, head);
    const last = levels[levels.length - 1]?.head ?? null;
    if (scale === null || (last !== null && (head.width >= last.width || head.height > last.height))) {
      leftOut.push(`${head.file.name} shows another part`);
      continue;
    }
    const byPath = planesByPath(group, base, leftOut);
    if (levels.length === 0) {
      paths = [...byPath.keys()].slice(0, isGrey ? undefined : 1);
      otherPaths = byPath.size - paths.length;
    }
    const planes = paths.flatMap((path) => byPath.get(path) ?? []);
    if (planes.length !== paths.length) leftOut.push(`${head.file.name} lacks an optical path`);
    else levels.push({ head, ...scale, planes });
  }
  return { levels, paths, otherPaths };
}

/** Images of one size, largest first; those whose pixels are of another kind than the first image's are none. */
function bySize(images: readonly SlideImage[], leftOut: string[]): SlideImage[][] {
  const base = images[0]?.head.format;
  const groups: SlideImage[][] = [];
  for (const image of images) {
    const { head } = image;
    if (head.format.samples !== base?.samples || head.format.dtype !== base.dtype) {
      leftOut.push(`${head.file.name} has pixels of another kind`);
      continue;
    }
    const group = groups[groups.length - 1];
    const before = group?.[0]?.head;
    if (before?.width === head.width && before.height === head.height) group?.push(image);
    else groups.push([image]);
  }
  return groups;
}

/** Optical paths may be frames of one image or images of their own; a path that comes again is another focal plane. */
function planesByPath(group: readonly SlideImage[], base: Instance, leftOut: string[]): Map<string, Plane> {
  const planes = new Map<string, Plane>();
  const [first] = group;
  for (const image of group) {
    const { format, file } = image.head;
    const [a, b] = [format, first?.head.format];
    let isUsed = false;
    for (const [index, path] of image.paths.entries()) {
      const fits = a.rows === b?.rows && a.columns === b.columns;
      if (planes.has(path) || !fits || (base.format.samples === 3 && image !== first)) continue;
      planes.set(path, { image, map: image.tileMap(index) });
      isUsed = true;
    }
    if (!isUsed) leftOut.push(`${file.name} is another image of the same size`);
  }
  return planes;
}

/** By sizes; by spacings where they say that sizes are padded; null: not the same part of the slide. */
function scaleOf(base: Instance, level: Instance): { scaleX: number; scaleY: number } | null {
  const bySize = { scaleX: base.width / level.width, scaleY: base.height / level.height };
  if (base.pixelSpacing === null || level.pixelSpacing === null) return bySize;
  const bySpacing = {
    scaleX: level.pixelSpacing.x / base.pixelSpacing.x,
    scaleY: level.pixelSpacing.y / base.pixelSpacing.y,
  };
  // A pixel more or less is much of a small level.
  const gap = (a: number, b: number, size: number): number => Math.max(0, Math.abs(a / b - 1) - 1 / size);
  const worst = Math.max(
    gap(bySpacing.scaleX, bySize.scaleX, level.width),
    gap(bySpacing.scaleY, bySize.scaleY, level.height),
  );
  if (worst <= roundingOf) return bySize;
  return worst <= sameRegion ? bySpacing : null;
}
