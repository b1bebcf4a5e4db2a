/**
 * The inverse wavelets of JPEG 2000: ISO/IEC 15444-1 annex F. Sub-bands are already interleaved, so that lifting is done in
 * place: first along the rows, then on whole rows at a time, which is how memory lies.
 */
import type { Rect } from './tile-layout.ts';

/** One resolution in place: low and high samples alternate, low ones at even absolute coordinates. */
export function inverseWavelet(data: Int32Array | Float32Array, rect: Rect): void {
  const [width, height] = [rect.x1 - rect.x0, rect.y1 - rect.y0];
  if (width === 0 || height === 0) return;
  if (data instanceof Int32Array) {
    for (let y = 0; y < height; y++) row53(data, y * width, width, rect.x0 & 1);
    columns53(data, width, height, rect.y0 & 1);
  } else {
    for (let y = 0; y < height; y++) row97(data, y * width, width, rect.x0 & 1);
    columns97(data, width, height, rect.y0 & 1);
  }
}

/** `parity`: of the first sample's coordinate. Beyond the ends the signal is mirrored. */
function row53(data: Int32Array, start: number, length: number, parity: number): void {
  if (length === 1) {
    if (parity === 1) data[start] = (data[start] as number) >> 1;
    return;
  }
  const last = start + length - 1;
  for (let i = start + parity; i <= last; i += 2) {
    const left = data[i > start ? i - 1 : i + 1] as number;
    const right = data[i < last ? i + 1 : i - 1] as number;
    data[i] = (data[i] as number) - ((left + right + 2) >> 2);
  }
  for (let i = start + 1 - parity; i <= last; i += 2) {
    const left = data[i > start ? i - 1 : i + 1] as number;
    const right = data[i < last ? i + 1 : i - 1] as number;
    data[i] = (data[i] as number) + ((left + right) >> 1);
  }
}

function columns53(data: Int32Array, width: number, height: number, parity: number): void {
  if (height === 1) {
    if (parity === 1) for (let x = 0; x < width; x++) data[x] = (data[x] as number) >> 1;
    return;
  }
  for (let y = parity; y < height; y += 2) {
    const [at, above, below] = rowsAround(y, width, height);
    for (let x = 0; x < width; x++) {
      data[at + x] =
        (data[at + x] as number) - (((data[above + x] as number) + (data[below + x] as number) + 2) >> 2);
    }
  }
  for (let y = 1 - parity; y < height; y += 2) {
    const [at, above, below] = rowsAround(y, width, height);
    for (let x = 0; x < width; x++) {
      data[at + x] =
        (data[at + x] as number) + (((data[above + x] as number) + (data[below + x] as number)) >> 1);
    }
  }
}

function rowsAround(y: number, width: number, height: number): [at: number, above: number, below: number] {
  return [y * width, (y > 0 ? y - 1 : y + 1) * width, (y < height - 1 ? y + 1 : y - 1) * width];
}

/** Table F.4; the lifting steps in the order in which they are undone, and the sample (0 low, 1 high) that each changes. */
const scaling = 1.230_174_104_914_001;
const steps = [
  [0, 0.443_506_852_043_971],
  [1, 0.882_911_075_530_934],
  [0, -0.052_980_118_572_961],
  [1, -1.586_134_342_059_924],
] as const;

function row97(data: Float32Array, start: number, length: number, parity: number): void {
  if (length === 1) {
    if (parity === 1) data[start] = (data[start] as number) / 2;
    return;
  }
  const last = start + length - 1;
  for (let i = start + parity; i <= last; i += 2) data[i] = (data[i] as number) * scaling;
  for (let i = start + 1 - parity; i <= last; i += 2) data[i] = (data[i] as number) / scaling;
  for (const [high, factor] of steps) {
    for (let i = start + (parity ^ high); i <= last; i += 2) {
      const left = data[i > start ? i - 1 : i + 1] as number;
      const right = data[i < last ? i + 1 : i - 1] as number;
      data[i] = (data[i] as number) - factor * (left + right);
    }
  }
}

function columns97(data: Float32Array, width: number, height: number, parity: number): void {
  if (height === 1) {
    if (parity === 1) for (let x = 0; x < width; x++) data[x] = (data[x] as number) / 2;
    return;
  }
  for (let y = 0; y < height; y++) {
    const factor = (y & 1) === parity ? scaling : 1 / scaling;
    for (let x = y * width; x < (y + 1) * width; x++) data[x] = (data[x] as number) * factor;
  }
  for (const [high, factor] of steps) {
    for (let y = parity ^ high; y < height; y += 2) {
      const [at, above, below] = rowsAround(y, width, height);
      for (let x = 0; x < width; x++) {
        data[at + x] =
          (data[at + x] as number) - factor * ((data[above + x] as number) + (data[below + x] as number));
      }
    }
  }
}
