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
});
export type Level = z.infer<typeof levelSchema>;

export const geoSchema = z.object({
  /** EPSG code; null where the CRS is user-defined or absent. */
  epsg: z.number().int().nullable(),
  /** The CRS's name as the file gives it (citation), for people. */
  crsName: z.string().nullable(),
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
  objectivePower: z.number().nullable(),
  bands: z.number().int().positive(),
  bandNames: z.array(z.string()).nullable(),
  dtype: pixelTypeSchema,
  noData: z.number().nullable(),
  /** The pyramid as stored in the file, level 0 first. */
  levels: z.array(levelSchema).min(1),
  /** Names of associated images (label, macro, thumbnail); label and macro can show a patient's name. */
  associated: z.array(z.string()),
  /**
   * What the format says beyond this, by its own names (`aperio.MPP`, `tiff.Software`): for `info` and the screen. Can carry a
   * patient's name: never into an export.
   */
  properties: z.record(z.string(), z.string()).optional(),
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
