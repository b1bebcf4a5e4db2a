/** What a model takes: how pixels of the image become its input tensor. */
import { z } from 'zod';

/** By meaning, or `band-3` for the image's third band whatever it is; `gray` is the luminance of an RGB image. */
export const modelBandSchema = z.union([
  z.enum(['red', 'green', 'blue', 'nir', 'gray']),
  z.string().regex(/^band-[1-9][0-9]*$/),
]);

/** What is done to the values of each tile by its own statistics, before or instead of `scale`, `mean` and `std`. */
export const tileStatisticsSchema = z.discriminatedUnion('kind', [
  /** (value - mean) / (std + eps), over each band or over all of them together. */
  z.object({ kind: z.literal('zero-mean-unit-variance'), perBand: z.boolean(), eps: z.number().positive() }),
  /** (value - low) / (high - low + eps), low and high being percentiles (0-100, linear between values). */
  z.object({
    kind: z.literal('percentiles'),
    low: z.number().min(0).max(100),
    high: z.number().min(0).max(100),
    perBand: z.boolean(),
    eps: z.number().positive(),
  }),
]);

export const modelInputSchema = z.object({
  /** The ONNX input's name. */
  name: z.string().min(1),
  layout: z.enum(['NHWC', 'NCHW']),
  dtype: z.enum(['uint8', 'uint16', 'float32', 'float16']),
  /** Bands of the image that the model takes, in its order. */
  bands: z.array(modelBandSchema).min(1),
  /** Tile width in model pixels, and its height unless `tileHeight` says another: the default, or the only one where `fixedSize`. */
  tileSize: z.number().int().positive(),
  tileHeight: z.number().int().positive().optional(),
  fixedSize: z.boolean(),
  /** Edges must be multiples of this where the size is free (the stride of a network). */
  multipleOf: z.number().int().positive().optional(),
  /**
   * How the image's pixels become model pixels where the resolutions differ: `area` (the default, the mean of what a pixel covers),
   * or `bilinear`, antialiased, from level 0, equal to Pillow's `Image.resize(…, BILINEAR)` (what torchvision calls Resize).
   */
  resample: z.enum(['area', 'bilinear']).optional(),
  /**
   * A tile of another size than a fixed input: `letterbox` keeps its proportions and fills what is left evenly on both sides with
   * `padValue`; `stretch` does not. Without it other sizes are refused.
   */
  resize: z.enum(['letterbox', 'stretch']).optional(),
  /** Pixel value (of the image) beyond the image's edge and beside a letterboxed tile; absent: the image's background. */
  padValue: z.number().optional(),
  /** `physical`: pixel values are first turned into what they mean by the image's own scale and offset (reflectance …). */
  pixelValues: z.enum(['stored', 'physical']).optional(),
  tileStatistics: tileStatisticsSchema.optional(),
  /** For float inputs: value = (pixel * scale - mean[band]) / std[band]; after `tileStatistics` where there are any. */
  scale: z.number().optional(),
  mean: z.array(z.number()).optional(),
  std: z.array(z.number()).optional(),
  /** Lowest and highest value that the model is given; after all else. */
  clip: z.tuple([z.number(), z.number()]).optional(),
  /** Further inputs, the same for every tile. `size`: int64 [N, 2], width and height of the input in pixels. */
  extra: z.array(z.object({ name: z.string().min(1), value: z.enum(['size']) })).optional(),
});
