/** Whether libvips decodes here what it should. Run in a process that is thrown away: it may crash, or never come back. */
import { createCodecs } from './codecs.ts';
import { height, testPictures, testPixels, width } from './codec-test-pictures.ts';

/** @returns null where all is well, else what is not, for a person */
export async function codecTest(): Promise<string | null> {
  const codecs = await createCodecs();
  const expected = testPixels();
  try {
    for (const { format, tolerance, base64 } of testPictures) {
      const { data } = await codecs.decodeAny(Buffer.from(base64, 'base64'));
      if (!isClose(data, expected, tolerance)) return `a ${format} picture is decoded wrongly`;
    }
    const png = await codecs.encodePng({ width, height, bands: 3, dtype: 'uint8', data: expected });
    const { data } = await codecs.decodeAny(png);
    return isClose(data, expected, 0) ? null : 'a PNG picture is written wrongly';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isClose(data: ArrayLike<number>, expected: Uint8Array, tolerance: number): boolean {
  if (data.length !== expected.length) return false;
  return expected.every((value, i) => Math.abs(value - (data[i] ?? Number.NaN)) <= tolerance);
}
