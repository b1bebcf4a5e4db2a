/** Outputs of a whole tile that have fewer pixels than its input, as SegFormer gives them: brought to the input's resolution row by row. */
import type { Rect } from '../../contract/run.ts';
import type { Field } from './tile-pixels.ts';

export type Upsampling = 'nearest' | 'bilinear';

/** Of a position of the finer grid: the two of the coarser one between which it lies, and the weight of the second. */
interface Step {
  first: Int32Array;
  second: Int32Array;
  weight: Float64Array;
}

/**
 * `nearest` takes pixel floor(x * coarse / fine), as OpenCV (INTER_NEAREST) and PyTorch do; `bilinear` interpolates between centres of
 * pixels and repeats the rim, as PyTorch (align_corners false) and OpenCV (INTER_LINEAR) do.
 *
 * @param seen what the model saw, model pixels of the whole image; the result covers it
 */
export function upsampled(field: Field, seen: Rect, how: Upsampling): Field {
  const { data, start, column, row, plane, planes, rect } = field;
  const across = steps(rect.width, seen.width, how);
  const down = steps(rect.height, seen.height, how);
  const values = new Float32Array(planes * seen.width);
  let ready = -1;
  return {
    name: field.name,
    data: values,
    start: 0,
    column: 1,
    row: 0,
    plane: seen.width,
    planes,
    rect: seen,
    prepareRow(y) {
      if (y === ready) return;
      ready = y;
      const upper = down.first[y - seen.y]! * row;
      const lower = down.second[y - seen.y]! * row;
      const weightDown = down.weight[y - seen.y]!;
      for (let p = 0, to = 0; p < planes; p++) {
        const from = start + p * plane;
        for (let x = 0; x < seen.width; x++, to++) {
          const left = from + across.first[x]! * column;
          const right = from + across.second[x]! * column;
          const weight = across.weight[x]!;
          const above = mix(data[left + upper]!, data[right + upper]!, weight);
          values[to] =
            weightDown === 0
              ? above
              : mix(above, mix(data[left + lower]!, data[right + lower]!, weight), weightDown);
        }
      }
    },
  };
}

/** Without a part of the second where it has no weight: it may be infinite. */
const mix = (first: number, second: number, weight: number): number =>
  weight === 0 ? first : first + (second - first) * weight;

function steps(coarse: number, fine: number, how: Upsampling): Step {
  const first = new Int32Array(fine);
  const second = new Int32Array(fine);
  const weight = new Float64Array(fine);
  for (let i = 0; i < fine; i++) {
    const at = how === 'nearest' ? (i * coarse) / fine : Math.max(0, ((i + 0.5) * coarse) / fine - 0.5);
    const floor = Math.floor(at);
    first[i] = floor;
    second[i] = Math.min(floor + 1, coarse - 1);
    weight[i] = how === 'nearest' || second[i] === floor ? 0 : at - floor;
  }
  return { first, second, weight };
}
