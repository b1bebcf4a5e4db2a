/** COCO's instances and results: boxes, polygons, run lengths; in the pixels of the image, or of the pictures of a set. */
import { z } from 'zod';
import type { Shape } from '../../contract/finding.ts';
import { GigatileError } from '../../contract/errors.ts';
import type { ImageInfo } from '../../contract/image.ts';
import { outlineMask } from '../../core/outline.ts';
import type { ImportedFinding, ImportedFindings } from './imported-findings.ts';
import { runLengths } from './run-lengths.ts';

const runsSchema = z.object({
  size: z.tuple([z.number().int().positive(), z.number().int().positive()]),
  counts: z.union([z.string(), z.array(z.number().int().nonnegative())]),
});
const annotationSchema = z.looseObject({
  image_id: z.union([z.number(), z.string()]),
  category_id: z.number().int(),
  bbox: z.tuple([z.number(), z.number(), z.number().nonnegative(), z.number().nonnegative()]).optional(),
  segmentation: z.union([z.array(z.array(z.number())), runsSchema]).optional(),
  score: z.number().min(0).max(1).optional(),
});
type Annotation = z.infer<typeof annotationSchema>;
const imageSchema = z.looseObject({
  id: z.union([z.number(), z.string()]),
  file_name: z.string().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
});
const cocoSchema = z.looseObject({
  images: z.array(imageSchema).optional(),
  categories: z.array(z.looseObject({ id: z.number().int(), name: z.string() })).optional(),
  annotations: z.array(annotationSchema),
});

interface Picture {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Masks of more pixels are kept as their boxes. */
const largestMask = 1 << 26;

/** @param file parsed JSON: a data set, or a bare list of results @throws {GigatileError} usage, saying what does not fit */
export function readCoco(file: unknown, image: ImageInfo): ImportedFindings {
  const parsed = cocoSchema.safeParse(Array.isArray(file) ? { annotations: file } : file);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new GigatileError('usage', 'This is no COCO file that can be read', {
      where: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    });
  }
  const { annotations, categories = [], images = [] } = parsed.data;
  const pictureOf = pictures(images, annotations, image);
  const ids = new Map(categories.map(({ id }, c) => [id, c]));
  const classes = categories.map(({ name }) => name);
  let boxesOnly = 0;
  const findings = annotations.map((annotation, at): ImportedFinding => {
    const where = `annotation ${at + 1}`;
    const picture = pictureOf(annotation.image_id);
    if (picture === undefined) {
      throw new GigatileError(
        'usage',
        `This file names image ${annotation.image_id}, which it does not describe`,
        {
          where,
        },
      );
    }
    let classIndex = ids.get(annotation.category_id);
    if (classIndex === undefined) {
      classIndex = classes.push(`category ${annotation.category_id}`) - 1;
      ids.set(annotation.category_id, classIndex);
    }
    const shape = shapeOf(annotation, picture);
    if (shape === 'too-large') boxesOnly++;
    const polygons = typeof shape === 'object' ? shape : undefined;
    const box = boxOf(annotation, polygons, picture);
    if (box === null) {
      throw new GigatileError('usage', 'This annotation has neither a box nor an outline', { where });
    }
    return {
      ...box,
      classIndex,
      score: annotation.score ?? 1,
      ...(polygons && polygons.polygons.length > 0 && { shape: polygons }),
    };
  });
  return {
    format: 'coco',
    kind: 'detection',
    classes,
    findings,
    notes:
      boxesOnly === 0 ? [] : [`${boxesOnly} masks were too large to be outlined: their boxes were taken.`],
  };
}

/** Where each of the file's images lies in ours. @throws {GigatileError} usage where none of them can be it */
function pictures(
  images: readonly z.infer<typeof imageSchema>[],
  annotations: readonly Annotation[],
  image: ImageInfo,
): (id: number | string) => Picture | undefined {
  const whole: Picture = { x: 0, y: 0, width: image.width, height: image.height };
  if (images.length === 0) {
    const named = new Set(annotations.map(({ image_id: id }) => id));
    if (named.size > 1) {
      throw new GigatileError('usage', `These results are of ${named.size} images`, {
        hint: 'Import a data set that says which image is which, or the results of this one alone.',
      });
    }
    return () => whole;
  }
  const places = new Map<number | string, Picture>();
  for (const { id, file_name: name = '', width, height } of images) {
    const file = name.split(/[\\/]/).at(-1) ?? name;
    const part = image.parts?.find((each) => each.name === file);
    const isIt = images.length === 1 || file === image.name;
    const place = part ?? (image.parts === undefined && isIt ? whole : undefined);
    if (place === undefined) continue;
    if ((width !== undefined && width !== place.width) || (height !== undefined && height !== place.height)) {
      throw new GigatileError(
        'usage',
        `This file is about an image of ${width} x ${height} pixels, the case's has ${place.width} x ${place.height}`,
        { hint: 'Places must be in pixels of the full resolution.' },
      );
    }
    places.set(id, place);
  }
  if (places.size === 0) {
    throw new GigatileError('usage', 'None of the images of this file is that of the case', {
      hint: `Its images are known by their names ("${image.name}" here).`,
    });
  }
  return (id) => places.get(id);
}

/** Level-0 pixels of the whole image. */
function shapeOf({ segmentation, bbox }: Annotation, { x, y }: Picture): Shape | 'too-large' | undefined {
  if (segmentation === undefined) return undefined;
  if (Array.isArray(segmentation)) {
    const rings = segmentation.filter((ring) => ring.length >= 6 && ring.length % 2 === 0);
    return {
      polygons: rings.map((ring) => [ring.map((value, i) => value + (i % 2 === 0 ? x : y))]),
      keypoints: [],
    };
  }
  const [height] = segmentation.size;
  const runs = runLengths(segmentation.counts);
  const [left, top, right, bottom] = boundsOf(runs, height);
  const [w, h] = [right - left, bottom - top];
  if (w <= 0 || h <= 0) return undefined;
  if (w * h > largestMask && bbox !== undefined) return 'too-large';
  const mask = new Uint8Array(w * h);
  forEachRun(runs, height, (column, from, to) => {
    for (let row = from; row < to; row++) mask[(row - top) * w + column - left] = 1;
  });
  return {
    polygons: outlineMask(mask, w, h, 'exact').map((rings) =>
      rings.map((ring) => ring.map((value, i) => value + (i % 2 === 0 ? left + x : top + y))),
    ),
    keypoints: [],
  };
}

/** Runs of the mask, column by column. */
function forEachRun(
  runs: readonly number[],
  height: number,
  take: (column: number, from: number, to: number) => void,
): void {
  let at = 0;
  for (const [i, length] of runs.entries()) {
    if (i % 2 === 1) {
      for (let start = at; start < at + length;) {
        const column = Math.floor(start / height);
        const end = Math.min(at + length, (column + 1) * height);
        take(column, start - column * height, end - column * height);
        start = end;
      }
    }
    at += length;
  }
}

function boundsOf(runs: readonly number[], height: number): [number, number, number, number] {
  const bounds: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  forEachRun(runs, height, (column, from, to) => {
    bounds[0] = Math.min(bounds[0], column);
    bounds[1] = Math.min(bounds[1], from);
    bounds[2] = Math.max(bounds[2], column + 1);
    bounds[3] = Math.max(bounds[3], to);
  });
  return bounds;
}

function boxOf(
  { bbox }: Annotation,
  shape: Shape | undefined,
  picture: Picture,
): Pick<ImportedFinding, 'x' | 'y' | 'width' | 'height'> | null {
  if (bbox !== undefined) {
    const [x, y, width, height] = bbox;
    return { x: x + picture.x, y: y + picture.y, width, height };
  }
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of shape?.polygons.flat() ?? []) {
    for (let i = 0; i < ring.length; i += 2) {
      x1 = Math.min(x1, ring[i]!);
      x2 = Math.max(x2, ring[i]!);
      y1 = Math.min(y1, ring[i + 1]!);
      y2 = Math.max(y2, ring[i + 1]!);
    }
  }
  return x1 > x2 ? null : { x: x1, y: y1, width: x2 - x1, height: y2 - y1 };
}
