/** What a person draws on an image. Level-0 pixels. */
import { z } from 'zod';

export const annotationKinds = ['rectangle', 'ellipse', 'polygon', 'freehand', 'point', 'ruler'] as const;
export type AnnotationKind = (typeof annotationKinds)[number];

const pointSchema = z.tuple([z.number(), z.number()]);
const byteSchema = z.number().int().min(0).max(255);

/** Points that each kind has: rectangles and ellipses by two opposite corners, rulers by their ends. */
const pointCounts: Record<AnnotationKind, readonly [least: number, most: number]> = {
  rectangle: [2, 2],
  ellipse: [2, 2],
  polygon: [3, 100_000],
  freehand: [3, 100_000],
  point: [1, 1],
  ruler: [2, 2],
};

export const annotationSchema = z
  .object({
    id: z.uuid(),
    kind: z.enum(annotationKinds),
    points: z.array(pointSchema).min(1),
    /** Of polygons that were imported with such. */
    holes: z.array(z.array(pointSchema).min(3)).optional(),
    className: z.string().min(1).max(120),
    color: z.tuple([byteSchema, byteSchema, byteSchema]),
    name: z.string().max(200),
  })
  .refine(
    ({ kind, points }) => points.length >= pointCounts[kind][0] && points.length <= pointCounts[kind][1],
    { error: 'This kind of annotation has another number of points' },
  );
export type Annotation = z.infer<typeof annotationSchema>;

export const annotationViewSchema = annotationSchema.and(
  z.object({ author: z.string(), createdAt: z.string(), changedAt: z.string() }),
);
export type AnnotationView = z.infer<typeof annotationViewSchema>;

/** As many at once. */
export const mostAnnotations = 10_000;
