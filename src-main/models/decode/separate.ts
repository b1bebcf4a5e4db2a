/** Detectors whose boxes, scores and classes are outputs of their own. */
import { someRows, tileTensor, type Candidate, type Decoded, type TileOutputs } from './tile-tensor.ts';

const noExtra = (): number => 0;

/** Boxes [B, 4] x1, y1, x2, y2; scores [B]; labels [B]. */
export function decodeSeparate(tile: TileOutputs): Decoded {
  const { boxes, keepFrom } = tile;
  const { data, dims } = tileTensor(tile, boxes.name, [null, 4], 'boxes');
  const rows = dims[0]!;
  const scores = tileTensor(tile, boxes.scores, [rows], 'scores').data;
  const labels = tileTensor(tile, boxes.labels, [rows], 'labels').data;
  const candidates: Candidate[] = [];
  for (let row = 0; row < rows; row++) {
    const score = scores[row]!;
    if (score <= 0 || score < keepFrom) continue;
    candidates.push(corners(data, row * 4, score, labels[row]!, row));
  }
  return { candidates, extra: noExtra };
}

/** [B, 5] x1, y1, x2, y2, score; labels [B]. What is not used has a score of 0 (and often the label -1). */
export function decodeDetsLabels(tile: TileOutputs): Decoded {
  const { boxes, keepFrom } = tile;
  const { data, dims } = tileTensor(tile, boxes.name, [null, 5], 'boxes');
  const rows = dims[0]!;
  const labels = tileTensor(tile, boxes.labels, [rows], 'labels').data;
  const candidates: Candidate[] = [];
  for (let row = 0; row < rows; row++) {
    const score = data[row * 5 + 4]!;
    if (score <= 0 || score < keepFrom) continue;
    candidates.push(corners(data, row * 5, score, labels[row]!, row));
  }
  return { candidates, extra: noExtra };
}

/** Boxes [B, 4] as parts of the input's size; probabilities [B, C], of which class 0 is nothing. Each other class is a detection. */
export function decodePriors(tile: TileOutputs): Decoded {
  const { boxes, classes, keepFrom, width, height } = tile;
  const { data, dims } = tileTensor(tile, boxes.name, [null, 4], 'boxes');
  const rows = someRows(dims[0]!, tile);
  const scores = tileTensor(tile, boxes.scores, [rows, classes], 'scores').data;
  const candidates: Candidate[] = [];
  for (let row = 0; row < rows; row++) {
    for (let c = 1; c < classes; c++) {
      const score = scores[row * classes + c]!;
      if (score < keepFrom) continue;
      const { x1, y1, x2, y2, ...rest } = corners(data, row * 4, score, c, row);
      candidates.push({ x1: x1 * width, y1: y1 * height, x2: x2 * width, y2: y2 * height, ...rest });
    }
  }
  return { candidates, extra: noExtra };
}

function corners(data: Float32Array, at: number, score: number, classIndex: number, row: number): Candidate {
  const [x1, y1, x2, y2] = [data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!];
  return { x1, y1, x2, y2, angle: 0, score, classIndex, row };
}
