/** JPEG 2000 codestreams as Aperio's scanners write them, by OpenJPEG's own compressor. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Raster } from '../../../src-main/images/image-source.ts';

/**
 * `rgb`: components with the codestream's own colour transform; `ycbcr-444`, `ycbcr-422`, `ycbcr-420`: the components are YCbCr,
 * and the codestream does not say so (TIFF's compression number does).
 */
export type Jpeg2000Colours = 'rgb' | 'ycbcr-444' | 'ycbcr-422' | 'ycbcr-420';

const chromaSteps = { rgb: [1, 1], 'ycbcr-444': [1, 1], 'ycbcr-422': [2, 1], 'ycbcr-420': [2, 2] } as const;

/** `ratio`: how many times smaller; 1 is lossless. */
export function encodeJpeg2000(raster: Raster, colours: Jpeg2000Colours, ratio = 1): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'gigatile-j2k-'));
  try {
    const [input, output] = [join(folder, 'in.raw'), join(folder, 'out.j2k')];
    const [stepX, stepY] = chromaSteps[colours];
    writeFileSync(input, planes(raster, colours !== 'rgb', stepX, stepY));
    const chroma = `${stepX}x${stepY}`;
    const geometry = `${raster.width},${raster.height},3,8,u@1x1:${chroma}:${chroma}`;
    const quality = ratio === 1 ? [] : ['-r', String(ratio), '-I'];
    const mct = ['-mct', colours === 'rgb' ? '1' : '0'];
    execFileSync('opj_compress', ['-i', input, '-o', output, '-F', geometry, ...mct, ...quality], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function planes(raster: Raster, isYcbcr: boolean, stepX: number, stepY: number): Buffer {
  const { width, height, data } = raster;
  const samples = [0, 1, 2].map(() => new Float64Array(width * height));
  for (let i = 0; i < width * height; i++) {
    const [r = 0, g = 0, b = 0] = data.subarray(i * 3, i * 3 + 3);
    const luma = 0.299 * r + 0.587 * g + 0.114 * b;
    const values = isYcbcr ? [luma, (b - luma) / 1.772 + 128, (r - luma) / 1.402 + 128] : [r, g, b];
    for (const [band, value] of values.entries()) if (samples[band]) samples[band][i] = value;
  }
  return Buffer.concat(
    samples.map((plane, band) =>
      shrink(plane, width, height, ...(band === 0 ? ([1, 1] as const) : ([stepX, stepY] as const))),
    ),
  );
}

function shrink(
  plane: Float64Array,
  width: number,
  height: number,
  stepX: number,
  stepY: number,
): Uint8Array {
  const [columns, rows] = [width / stepX, height / stepY];
  const small = new Uint8ClampedArray(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let y = 0; y < stepY; y++) {
        for (let x = 0; x < stepX; x++) sum += plane[(row * stepY + y) * width + column * stepX + x] ?? 0;
      }
      small[row * columns + column] = sum / (stepX * stepY);
    }
  }
  return Uint8Array.from(small);
}
