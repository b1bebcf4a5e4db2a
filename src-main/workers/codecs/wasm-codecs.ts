/** JPEG 2000, JPEG-LS and LERC: what libvips' binary in sharp does not decode. Each module is loaded when it is first needed. */
import type { Codecs } from '../../images/image-source.ts';
import { jpeg2000Codec } from './jpeg2000-codec.ts';
import { jpegLsCodec } from './jpeg-ls-codec.ts';
import { lercCodec } from './lerc-codec.ts';

export function wasmCodecs(
  maxPixels: number,
): Pick<Codecs, 'decodeJpeg2000' | 'decodeJpegLs' | 'decodeLerc'> {
  return {
    decodeJpeg2000: jpeg2000Codec(maxPixels),
    decodeJpegLs: jpegLsCodec(maxPixels),
    decodeLerc: lercCodec(maxPixels),
  };
}
