/** Raw predictions of YOLO: one for each place and scale, the best class of each. */
import {
  extraColumns,
  someRows,
  tileTensor,
  type Candidate,
  type Decoded,
  type TileOutputs,
} from './tile-tensor.ts';

/** [B, 5 + C + extra]: cx, cy, w, h, objectness, class probabilities; row after row in memory. */
export function decodeYolov5(tile: TileOutputs): Decoded {
  const { classes, keepFrom, boxes } = tile;
  const columns = 5 + classes + extraColumns(tile);
  const { data, dims } = tileTensor(tile, boxes.name, [null, columns], 'boxes');
  const rows = someRows(dims[0]!, tile);
  const candidates: Candidate[] = [];
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    const objectness = data[at + 4]!;
    if (objectness < keepFrom) continue;
    let classIndex = 0;
    for (let c = 1; c < classes; c++) if (data[at + 5 + c]! > data[at + 5 + classIndex]!) classIndex = c;
    const score = Math.fround(objectness * data[at + 5 + classIndex]!);
    if (score < keepFrom) continue;
    const angle = boxes.oriented === true ? data[at + columns - 1]! : 0;
    const [x, y, width, height] = [data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!];
    candidates.push(centred(x, y, width, height, angle, score, classIndex, row));
  }
  return { candidates, extra: (row, k) => data[row * columns + 5 + classes + k]! };
}

/** [4 + C + extra, B]: all cx, then all cy …; gone through as it lies in memory. */
export function decodeYolov8(tile: TileOutputs): Decoded {
  const { classes, keepFrom, boxes } = tile;
  const planes = 4 + classes + extraColumns(tile);
  const { data, dims } = tileTensor(tile, boxes.name, [planes, null], 'boxes');
  const rows = someRows(dims[1]!, tile);
  const best = data.slice(4 * rows, 5 * rows);
  const classOf = new Int32Array(rows);
  for (let c = 1; c < classes; c++) {
    const from = (4 + c) * rows;
    for (let row = 0; row < rows; row++) {
      const score = data[from + row]!;
      if (score > best[row]!) {
        best[row] = score;
        classOf[row] = c;
      }
    }
  }
  const candidates: Candidate[] = [];
  for (let row = 0; row < rows; row++) {
    const score = best[row]!;
    if (score < keepFrom) continue;
    const angle = boxes.oriented === true ? data[(planes - 1) * rows + row]! : 0;
    const [x, y] = [data[row]!, data[rows + row]!];
    const [width, height] = [data[2 * rows + row]!, data[3 * rows + row]!];
    candidates.push(centred(x, y, width, height, angle, score, classOf[row]!, row));
  }
  return { candidates, extra: (row, k) => data[(4 + classes + k) * rows + row]! };
}

/**
 * [B, 6 + extra]: x1, y1, x2, y2, score, class; oriented: cx, cy, w, h, score, class, angle. What is not used is 0.
 */
export function decodeYoloRows(tile: TileOutputs): Decoded {
  const { boxes, keepFrom } = tile;
  const columns = 6 + extraColumns(tile);
  const { data, dims } = tileTensor(tile, boxes.name, [null, columns], 'boxes');
  const candidates: Candidate[] = [];
  for (let row = 0; row < dims[0]!; row++) {
    const at = row * columns;
    const [a, b, c, d, score, classIndex] = data.subarray(at, at + 6) as unknown as Six;
    if (score <= 0 || score < keepFrom) continue;
    candidates.push(
      boxes.oriented === true
        ? centred(a, b, c, d, data[at + 6]!, score, classIndex, row)
        : { x1: a, y1: b, x2: c, y2: d, angle: 0, score, classIndex, row },
    );
  }
  return { candidates, extra: (row, k) => data[row * columns + 6 + k]! };
}

type Six = [number, number, number, number, number, number];

export function centred(
  x: number,
  y: number,
  width: number,
  height: number,
  angle: number,
  score: number,
  classIndex: number,
  row: number,
): Candidate {
  const [halfWidth, halfHeight] = [width / 2, height / 2];
  return {
    x1: x - halfWidth,
    y1: y - halfHeight,
    x2: x + halfWidth,
    y2: y + halfHeight,
    angle,
    score,
    classIndex,
    row,
  };
}
