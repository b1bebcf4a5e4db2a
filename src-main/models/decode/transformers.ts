/** Detectors that answer a fixed number of queries, with places as parts of the input's size. */
import { sigmoid } from './activation.ts';
import { someRows, tileTensor, type Candidate, type Decoded, type TileOutputs } from './tile-tensor.ts';
import { centred } from './yolo.ts';

const noExtra = (): number => 0;

/** [B, 4 + C]: cx, cy, w, h, class probabilities; the best class of each query. */
export function decodeDetr(tile: TileOutputs): Decoded {
  const { classes, keepFrom, boxes } = tile;
  const columns = 4 + classes;
  const { data, dims } = tileTensor(tile, boxes.name, [null, columns], 'boxes');
  const candidates: Candidate[] = [];
  for (let row = 0; row < someRows(dims[0]!, tile); row++) {
    const at = row * columns;
    let classIndex = 0;
    for (let c = 1; c < classes; c++) if (data[at + 4 + c]! > data[at + 4 + classIndex]!) classIndex = c;
    const score = data[at + 4 + classIndex]!;
    if (score >= keepFrom) candidates.push(scaled(tile, data, at, score, classIndex, row));
  }
  return { candidates, extra: noExtra };
}

/** [B, 4] and logits [B, C]: each class of each query is a detection of its own. */
export function decodeRfDetr(tile: TileOutputs): Decoded {
  const { classes, keepFrom, boxes } = tile;
  const { data, dims } = tileTensor(tile, boxes.name, [null, 4], 'boxes');
  const rows = someRows(dims[0]!, tile);
  const logits = tileTensor(tile, boxes.labels, [rows, classes], 'labels').data;
  const candidates: Candidate[] = [];
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < classes; c++) {
      const score = Math.fround(sigmoid(logits[row * classes + c]!));
      if (score >= keepFrom) candidates.push(scaled(tile, data, row * 4, score, c, row));
    }
  }
  return { candidates, extra: noExtra };
}

function scaled(
  { width, height }: TileOutputs,
  data: Float32Array,
  at: number,
  score: number,
  classIndex: number,
  row: number,
): Candidate {
  const [x, y, w, h] = [data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!];
  return centred(x * width, y * height, w * width, h * height, 0, score, classIndex, row);
}
