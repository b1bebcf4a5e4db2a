/**
 * JPEG 2000. One or three like components at the origin, which is what slides, DICOM and single bands of scenes have, by OpenJPEG
 * in WebAssembly (2 to 3 times as fast); everything else by images/jpeg2000/, because OpenJPEG's binding knows nothing else: it
 * returns no other number of components, takes no account of the image's offset, and converts subsampled components itself.
 */
import { GigatileError } from '../../contract/errors.ts';
import type { Codecs, Raster } from '../../images/image-source.ts';
import { codestreamOf } from '../../images/jpeg2000/boxes.ts';
import { readMainHeader } from '../../images/jpeg2000/codestream.ts';
import type { MainHeader } from '../../images/jpeg2000/codestream.ts';
import { checkDecodable, decodeCodestream, resultSize, typeOf } from '../../images/jpeg2000/decode.ts';
import { movedToOrigin } from '../../images/jpeg2000/one-tile.ts';
import { pixelArray } from '../../images/raster.ts';
import { WasmModule, whyOf } from './wasm-module.ts';

/** OpenJPEG keeps 4 bytes a sample, several times; its memory is at most 2 GB and never shrinks. */
const largestForWasm = 2 ** 24;

export function jpeg2000Codec(maxPixels: number): Codecs['decodeJpeg2000'] {
  // What OpenJPEG has to say goes to the console by default. Its last complaint is why it failed.
  const complaints: string[] = [];
  const note = (line: string): void => {
    const text = /^\[(?:ERROR|WARNING)\]\s*(.*)/.exec(line)?.[1];
    if (text !== undefined && complaints.length < 8) complaints.push(text);
  };
  const openJpeg = new WasmModule('OpenJPEG', async () =>
    (await import('@cornerstonejs/codec-openjpeg/decodewasmjs')).default({ print: note, printErr: note }),
  );
  return async (bytes, options) => {
    const reduce = options?.reduce ?? 0;
    const stream = codestreamOf(bytes);
    const main = readMainHeader(stream);
    if (main === null) throw failure('it ends in its header');
    checkDecodable(main, reduce);
    const { width, height } = resultSize(main, reduce, maxPixels);
    const forWasm = suitsWasm(main) ? atOrigin(stream, main) : null;
    if (forWasm === null) return decodeCodestream(stream, { reduce, maxPixels });
    return openJpeg.run((module) => {
      complaints.length = 0;
      const decoder = new module.J2KDecoder();
      try {
        decoder.getEncodedBuffer(forWasm.length).set(forWasm);
        if (reduce > 0) decoder.decodeSubResolution(reduce, 0);
        else decoder.decode();
        return rasterOf(decoder, main, width, height);
      } catch (cause) {
        throw failure(
          complaints[0] ?? (cause instanceof GigatileError ? cause.message : whyOf(cause, module)),
        );
      } finally {
        decoder.delete();
      }
    });
  };
}

function suitsWasm({ size }: MainHeader): boolean {
  const { components } = size;
  const [first] = components;
  if (first === undefined || (components.length !== 1 && components.length !== 3)) return false;
  const isAlike = components.every(
    ({ precision, signed, dx, dy }) =>
      precision === first.precision && signed === first.signed && dx === 1 && dy === 1,
  );
  // The binding cuts signed bytes off at 0, and knows three components only where they are unsigned.
  const isReturned = !first.signed || (components.length === 1 && first.precision > 8);
  return (
    isAlike && isReturned && (size.x1 - size.x0) * (size.y1 - size.y0) * components.length <= largestForWasm
  );
}

function atOrigin(stream: Uint8Array, main: MainHeader): Uint8Array | null {
  const { x0, y0, tileX0, tileY0 } = main.size;
  return x0 + y0 + tileX0 + tileY0 === 0 ? stream : movedToOrigin(stream, main);
}

function rasterOf(decoder: CornerstoneDecoder, main: MainHeader, width: number, height: number): Raster {
  const dtype = typeOf(main.size.components);
  const bands = main.size.components.length;
  const frame = decoder.getFrameInfo();
  const decoded = decoder.getDecodedBuffer();
  const data = pixelArray(dtype, width * height * bands);
  // A decoder that failed without saying so has numbers in it that nobody set.
  if (frame.componentCount !== bands || decoded.byteLength !== data.byteLength) {
    throw failure(`${decoded.byteLength} of ${data.byteLength} bytes came out`);
  }
  new Uint8Array(data.buffer).set(decoded);
  return { width, height, bands, dtype, data };
}

function failure(why: string): GigatileError {
  return new GigatileError('image-corrupt', `The JPEG 2000 codestream is damaged: ${why}`);
}
