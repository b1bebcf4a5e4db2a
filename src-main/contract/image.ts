/** What an image is, as data: the answer of `gigatile info --json` and what the viewer needs to show it. */
import { z } from 'zod';

export const pixelTypeSchema = z.enum([
  'uint8',
  'uint16',
  'uint32',
  'int8',
  'int16',
  'int32',
  'float32',
  'float64',
]);
export type PixelType = z.infer<typeof pixelTypeSchema>;

export const levelSchema = z.object({
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  /** Level-0 pixels per pixel of this level (1 for level 0), the mean of both axes. */
  downsample: z.number().positive(),
  tileWidth: z.number().int().positive(),
  tileHeight: z.number().int().positive(),
  /**
   * Tiles that the file leaves out, where there are any: they are shown as background (no-data, or white on slides), those of an
   * Aperio slide's coarser levels are made from the finer level.
   */
  missingTiles: z.number().int().positive().optional(),
});
export type Level = z.infer<typeof levelSchema>;

export const bandInfoSchema = z.object({
  /** As the file names it; null where it does not. */
  name: z.string().nullable(),
  /** What a channel is shown in (fluorescence), as #rrggbb; null where the file says nothing. */
  color: z
    .string()
    .regex(/^#[0-9a-f]{6}$/)
    .nullable(),
  /** What the band is, as GDAL spells it in lower case: red, green, blue, alpha, gray, nir …; null: undefined. */
  interpretation: z.string().nullable(),
  /** The meant quantity is value * scale + offset, in `unit`; null: the file does not say. */
  scale: z.number().nullable(),
  offset: z.number().nullable(),
  unit: z.string().nullable(),
  /** null: none, or NaN (which never counts as data). */
  noData: z.number().nullable(),
});
export type BandInfo = z.infer<typeof bandInfoSchema>;

/** Where a picture lies that has no affine geo-reference: the same place in pixels and in CRS units. */
export const groundControlPointSchema = z.object({
  column: z.number(),
  row: z.number(),
  x: z.number(),
  y: z.number(),
  z: z.number(),
});
export type GroundControlPoint = z.infer<typeof groundControlPointSchema>;

export const controlPointsSchema = z.object({
  epsg: z.number().int().nullable(),
  crsName: z.string().nullable(),
  points: z.array(groundControlPointSchema),
});
export type ControlPoints = z.infer<typeof controlPointsSchema>;

export const geoSchema = z.object({
  /** EPSG code; null where the CRS is user-defined or absent. */
  epsg: z.number().int().nullable(),
  /** The CRS's name as the file gives it (citation), for people. */
  crsName: z.string().nullable(),
  /**
   * The CRS as a PROJ string (`+proj=utm +zone=18 …`), made from the file's own keys; null where the file names an EPSG code only,
   * or a method that is not known here. Absent where the format has no such keys.
   */
  crs: z.string().nullable().optional(),
  /**
   * GDAL's order: [x0, dx/dcol, dx/drow, y0, dy/dcol, dy/drow]; maps the top-left corner of a level-0 pixel
   * (col, row) to CRS units. PixelIsPoint is already accounted for.
   */
  transform: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]),
  /** Metres per pixel at the image's centre, for scale bars and areas; null where the unit is unknown. */
  metersPerPixel: z.object({ x: z.number(), y: z.number() }).nullable(),
});
export type Geo = z.infer<typeof geoSchema>;

export const imageInfoSchema = z.object({
  /** File name without folder. */
  name: z.string(),
  /** Short id of the format: svs, tiff, geotiff, cog, ome-tiff, png, jpeg, webp … */
  format: z.string(),
  /** Scanner or producer, as the format names it: aperio, generic-tiff, gdal …; null where unknown. */
  vendor: z.string().nullable(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  /** µm per level-0 pixel; null for geo-referenced or uncalibrated images. */
  mpp: z.object({ x: z.number().positive(), y: z.number().positive() }).nullable(),
  geo: geoSchema.nullable(),
  /** Only where the file has ground control points and no affine geo-reference; `geo` is null then. */
  controlPoints: controlPointsSchema.optional(),
  objectivePower: z.number().nullable(),
  bands: z.number().int().positive(),
  bandNames: z.array(z.string()).nullable(),
  /** One a band, where the format says anything about its bands. */
  bandInfo: z.array(bandInfoSchema).optional(),
  dtype: pixelTypeSchema,
  noData: z.number().nullable(),
  /** How the file marks pixels that hold no data, beside NaN; absent: it does not. A mask goes before the others, as in GDAL. */
  validity: z.enum(['no-data', 'alpha', 'mask']).optional(),
  /** The pyramid as stored in the file, level 0 first. */
  levels: z.array(levelSchema).min(1),
  /** Names of associated images (label, macro, thumbnail); label and macro can show a patient's name. */
  associated: z.array(z.string()),
  /**
   * What the format says beyond this, by its own names (`aperio.MPP`, `tiff.Software`): for `info` and the screen. Can carry a
   * patient's name: never into an export.
   */
  properties: z.record(z.string(), z.string()).optional(),
  /**
   * Of a set (a folder of pictures, frames of a video) opened as one image: where each picture lies on the canvas, level-0
   * pixels, in their order.
   */
  parts: z
    .array(
      z.object({
        /** File name of the picture. */
        name: z.string(),
        x: z.number().int().nonnegative(),
        y: z.number().int().nonnegative(),
        width: z.number().int().positive(),
        height: z.number().int().positive(),
      }),
    )
    .optional(),
  /** How the pixels of level 0 are compressed: jpeg, deflate, lzw, none, webp, jpeg2000 … */
  compression: z.string(),
  /**
   * The levels that the viewer asks tiles of, level 0 first: native ones, and derived ones where the file's own
   * pyramid is missing or too coarse. `tileWidth`/`tileHeight` are the display tile's size.
   */
  display: z.object({
    levels: z.array(levelSchema).min(1),
    /** true: display tiles are the file's own compressed tiles, undecoded (at least on native levels). */
    passthrough: z.boolean(),
  }),
});
export type ImageInfo = z.infer<typeof imageInfoSchema>;
