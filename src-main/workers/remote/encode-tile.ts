/** Pixels of a tile to the picture that is sent: red, green and blue of 8 bits, no larger than asked for, and nothing beside pixels. */
import type { RemoteModel } from '../../contract/model-remote.ts';
import type { Raster } from '../../images/image-source.ts';
import type { Picture } from '../../remote/vision-endpoint.ts';
import { loadSharp } from '../codecs/load-sharp.ts';

type Encoding = Pick<RemoteModel, 'imageEdge' | 'imageFormat' | 'jpegQuality'>;

/** @param bands of the raster that are sent: three for colours, or one that becomes grey */
export async function encodeTile(
  raster: Raster,
  bands: readonly number[],
  { imageEdge, imageFormat, jpegQuality }: Encoding,
): Promise<Picture> {
  const { width, height } = raster;
  const pixels = chosenBands(raster, bands);
  const channels = bands.length === 1 ? 1 : 3;
  const sharp = await loadSharp();
  let picture = sharp(pixels, { raw: { width, height, channels } });
  if (Math.max(width, height) > imageEdge) {
    picture = picture.resize({ width: imageEdge, height: imageEdge, fit: 'inside', kernel: 'lanczos3' });
  }
  const bytes =
    imageFormat === 'jpeg'
      ? await picture.jpeg({ quality: jpegQuality }).toBuffer()
      : await picture.png({ compressionLevel: 6 }).toBuffer();
  return { format: imageFormat, bytes };
}

/** A copy: the raster's memory is the next tile's. */
function chosenBands(raster: Raster, bands: readonly number[]): Uint8Array {
  const { data, bands: stored } = raster;
  const pixels = raster.width * raster.height;
  const chosen = new Uint8Array(pixels * bands.length);
  for (const [to, from] of bands.entries()) {
    for (let i = 0; i < pixels; i++) chosen[i * bands.length + to] = data[i * stored + from] ?? 0;
  }
  return chosen;
}
