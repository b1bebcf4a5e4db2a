/**
 * Detectors with the outputs of Ultralytics' exports, that find squares of 8 x 8 px on a lattice of 8 px: built here, so that the right
 * answer is known in level-0 pixels. Red is class 0, green class 1; the score is how much of the square is bright.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GraphBuilder, type Tensor } from '../../../models/builder/graph.ts';
import type { Shape } from '../../../src-main/contract/finding.ts';
import { tileCount } from '../../../src-main/core/grid.ts';
import { decodeShape, shapeArea, shapeBounds } from '../../../src-main/core/shape.ts';
import type { TileResult } from '../../../src-main/core/worker-protocol.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { gigatile } from '../../support/cli.ts';
import { boxesOf, prepare, WorkerClient } from './worker-client.ts';

const tile = 64;
const cell = 8;
const across = tile / cell;
const cells = across * across;
const centres = Array.from({ length: cells }, (_, i) => [
  (i % across) * cell + cell / 2,
  Math.floor(i / across) * cell + cell / 2,
]);

/** [1, 1, cells] of one number for each cell, from its centre. */
const column = (graph: GraphBuilder, of: (x: number, y: number) => number): Tensor =>
  graph.floats(
    centres.map(([x = 0, y = 0]) => of(x, y)),
    [1, 1, cells],
  );

/** Mean red and green of each cell, [1, 2, cells]. */
function scores(graph: GraphBuilder, image: Tensor): Tensor {
  const mean = graph.op('AveragePool', [graph.channels(image, 0, 2)], {
    kernel_shape: [cell, cell],
    strides: [cell, cell],
  });
  return graph.op('Reshape', [mean, graph.ints([1, 2, cells])]);
}

const box = (graph: GraphBuilder, width = cell, height = cell): Tensor[] => [
  column(graph, (x) => x),
  column(graph, (_, y) => y),
  column(graph, () => width),
  column(graph, () => height),
];

const turn = Math.PI / 6;

/** Columns of the first output; further outputs are written by the function itself. */
const kinds = {
  detect: {
    boxes: { name: 'output0', form: 'yolov8', iou: 0.45, maxDetections: 300 },
    columns: (graph: GraphBuilder, image: Tensor) => [...box(graph), scores(graph, image)],
  },
  segment: {
    boxes: { name: 'output0', form: 'yolov8', protos: 'output1', iou: 0.45 },
    columns: (graph: GraphBuilder, image: Tensor) => {
      // Of the mean of 4 x 4 pixels, red or green: 10 where bright, -10 where dark.
      const mean = graph.op('AveragePool', [graph.channels(image, 0, 2)], {
        kernel_shape: [4, 4],
        strides: [4, 4],
      });
      const bright = graph.op('ReduceMax', [mean], { axes: [1], keepdims: 1 });
      const steep = graph.op('Mul', [graph.op('Sub', [bright, graph.floats([0.5])]), graph.floats([20])]);
      graph.op('Identity', [steep], {}, 'output1');
      graph.output('output1', 'float32', [1, 1, tile / 4, tile / 4]);
      return [...box(graph), scores(graph, image), column(graph, () => 1)];
    },
  },
  obb: {
    boxes: { name: 'output0', form: 'yolov8', oriented: true, iou: 0.45 },
    columns: (graph: GraphBuilder, image: Tensor) => [
      ...box(graph, 8, 4),
      scores(graph, image),
      column(graph, () => turn),
    ],
  },
  pose: {
    boxes: { name: 'output0', form: 'yolov8', keypoints: { count: 2, numbers: 3 }, iou: 0.45 },
    columns: (graph: GraphBuilder, image: Tensor) => [
      ...box(graph),
      scores(graph, image),
      ...[-2, 3].flatMap((dx) => [
        column(graph, (x) => x + dx),
        column(graph, (_, y) => y + 1),
        column(graph, () => 0.5),
      ]),
    ],
  },
  end2end: {
    boxes: { name: 'output0', form: 'yolo-end2end', maxDetections: 300 },
    columns: (graph: GraphBuilder, image: Tensor) => {
      const both = scores(graph, image);
      const strongest = graph.op('ArgMax', [both], { axis: 1, keepdims: 1 });
      return [
        column(graph, (x) => x - 4),
        column(graph, (_, y) => y - 4),
        column(graph, (x) => x + 4),
        column(graph, (_, y) => y + 4),
        graph.op('ReduceMax', [both], { axes: [1], keepdims: 1 }),
        graph.cast(strongest, 'float32'),
      ];
    },
  },
} as const;

function modelOf(kind: keyof typeof kinds): Uint8Array {
  const graph = new GraphBuilder();
  const image = graph.input('images', 'float32', [1, 3, tile, tile]);
  const all = graph.op('Concat', kinds[kind].columns(graph, image), { axis: 1 });
  if (kind === 'end2end') graph.op('Transpose', [all], { perm: [0, 2, 1] }, 'output0');
  else graph.op('Identity', [all], {}, 'output0');
  graph.output('output0', 'float32', [1, 'rows', 'columns']);
  return graph.toBytes('squares', 'Finds squares', {});
}

/** Three quarters of the first square are bright; some squares lie where tiles overlap, one in the last, pulled-back tile. */
const squares = [
  { x: 16, y: 24, classIndex: 0, quarters: 3 },
  { x: 48, y: 8, classIndex: 1, quarters: 4 },
  { x: 56, y: 56, classIndex: 0, quarters: 4 },
  { x: 136, y: 96, classIndex: 1, quarters: 4 },
];
const [width, height] = [144, 112];

/** Quarters of a square in the order in which they are painted: the top right one is the last. */
const order = [
  [0, 0],
  [0, 4],
  [4, 4],
  [4, 0],
] as const;

/** What a cell of the model covers when it sees the whole image at once: 144 px in 64. */
const large = { x: 54, y: 36, size: 18 };

async function picture(path: string, withLarge = false): Promise<void> {
  const pixels = Buffer.alloc(width * height * 3);
  const largeEnd = withLarge ? large.y + large.size : large.y;
  for (let y = large.y; y < largeEnd; y++) {
    for (let x = large.x; x < large.x + large.size; x++) pixels[(y * width + x) * 3] = 255;
  }
  for (const { x, y, classIndex, quarters } of squares) {
    for (let q = 0; q < quarters; q++) {
      const [left, top] = [x + order[q]![0], y + order[q]![1]];
      for (let dy = 0; dy < 4; dy++) {
        for (let dx = 0; dx < 4; dx++) pixels[((top + dy) * width + left + dx) * 3 + classIndex] = 255;
      }
    }
  }
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path);
}

async function write(folder: string, kind: keyof typeof kinds): Promise<string> {
  const model = join(folder, `${kind}.onnx`);
  await writeFile(model, modelOf(kind));
  await writeFile(
    join(folder, 'gigatile.json'),
    JSON.stringify({
      schema: 1,
      id: kind,
      name: kind,
      version: '1',
      task: 'detect',
      license: 'MIT',
      description: '',
      limits: [],
      references: [],
      files: [{ file: `${kind}.onnx`, imageTypes: ['uint8'] }],
      mpp: null,
      input: {
        name: 'images',
        layout: 'NCHW',
        dtype: 'float32',
        bands: ['red', 'green', 'blue'],
        tileSize: tile,
        fixedSize: true,
        scale: 1 / 255,
        padValue: 0,
      },
      halo: 0,
      outputs: { boxes: kinds[kind].boxes },
      classes: [
        { name: 'red', color: [230, 159, 0] },
        { name: 'green', color: [0, 158, 115] },
      ],
      backgroundClass: null,
      threshold: 0.5,
      keepFrom: 0.25,
      tileColor: { by: 'density', full: 1000 },
      background: 'none',
    }),
  );
  return model;
}

let folder: string;
let image: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gigatile-detectors-'));
  image = join(folder, 'squares.png');
  await picture(image);
});
afterEach(() => rm(folder, { recursive: true }));

function shapesOf({ shapes, detections }: TileResult): Shape[] {
  const list: Shape[] = [];
  for (let i = 0, at = 0; i < detections.length / 6; i++) {
    const { shape, end } = decodeShape(shapes ?? new Float32Array(0), at);
    list.push(shape);
    at = end;
  }
  return list;
}

/** Through a real worker: what the tiles own, by place. */
async function analyse(kind: keyof typeof kinds) {
  const { init, fit } = await prepare(image, await write(folder, kind), {
    overlap: { unit: 'px', value: 16 },
  });
  expect(tileCount(fit.grid)).toBe(6);
  const worker = new WorkerClient();
  try {
    await worker.start(init);
    const { results, failures } = await worker.lease(fit.grid);
    expect(failures).toEqual([]);
    const tiles = [...results.values()];
    const boxes = boxesOf(tiles);
    const shapes = tiles.some((t) => t.shapes) ? tiles.flatMap(shapesOf) : [];
    return boxes
      .map((b, i) => ({ ...b, shape: shapes[i] }))
      .sort((a, b) => a.x + a.width / 2 - b.x - b.width / 2);
  } finally {
    await worker.stop();
  }
}

const upright = squares.map(({ x, y, classIndex, quarters }) => ({
  x,
  y,
  width: 8,
  height: 8,
  classIndex,
  score: quarters / 4,
  shape: undefined,
}));

test('detect and end-to-end: boxes where the squares are, each owned by one tile', async () => {
  expect(await analyse('detect')).toEqual(upright);
  expect(await analyse('end2end')).toEqual(upright);
});

test('segment: masks in their boxes', async () => {
  const found = await analyse('segment');
  expect(found).toMatchObject(upright.map(({ x, y, classIndex, score }) => ({ x, y, classIndex, score })));
  // Bilinear interpolation rounds corners: each outward corner loses a pixel, each inward corner gains one;
  // not at the edge of the tile, beyond which there is nothing to interpolate with.
  expect(found.map(({ shape }) => shapeArea(shape!))).toEqual([48 - 5 + 1, 64 - 4, 64 - 4, 64 - 2]);
  found.forEach(({ shape, x, y }) => {
    expect(shape!.polygons).toHaveLength(1);
    expect(shapeBounds(shape!)).toEqual({ x, y, width: 8, height: 8 });
  });
});

test('obb: rectangles of 8 x 4, a twelfth of a turn clockwise', async () => {
  const found = await analyse('obb');
  expect(found).toHaveLength(squares.length);
  found.forEach(({ shape }, i) => {
    const { x, y } = squares[i]!;
    const corners = [-4, -2, 4, -2, 4, 2, -4, 2];
    const expected = corners.map((_, k) => {
      const [dx, dy] = [corners[k - (k % 2)]!, corners[k - (k % 2) + 1]!];
      return k % 2 === 0
        ? x + 4 + dx * Math.cos(turn) - dy * Math.sin(turn)
        : y + 4 + dx * Math.sin(turn) + dy * Math.cos(turn);
    });
    const [[ring]] = shape!.polygons as [[number[]]];
    ring.forEach((value, k) => expect(value).toBeCloseTo(expected[k]!, 4));
    const bounds = shapeBounds(shape!)!;
    expect(found[i]!.x).toBeCloseTo(bounds.x, 4);
    expect(found[i]!.height).toBeCloseTo(bounds.height, 4);
  });
});

test('pose: key points where they are on the image', async () => {
  const found = await analyse('pose');
  expect(found.map(({ shape }) => shape!.keypoints)).toEqual(
    squares.map(({ x, y }) => [x + 2, y + 5, 0.5, x + 7, y + 5, 0.5]),
  );
});

test('on the command line: what two tiles see is one finding', async () => {
  const model = await write(folder, 'detect');
  const file = join(folder, 'squares.gigatile');
  const run = gigatile(folder, [
    'analyze',
    image,
    '--model',
    model,
    '--case',
    file,
    '--overlap',
    '16',
    '--json',
  ]);
  expect(run.stderr).toBe('');
  expect(run.json().at(-1)).toMatchObject({ event: 'finished', state: 'complete', findings: squares.length });
});

test('--full-image: what no tile sees as one is found in the whole image, once, and it says so', async () => {
  const model = await write(folder, 'detect');
  const big = join(folder, 'large.png');
  await picture(big, true);
  const path = join(folder, 'large.gigatile');
  const run = gigatile(folder, ['analyze', big, '--model', model, '--case', path, '--full-image', '--json']);
  expect(run.code, run.stderr).toBe(0);
  const file = CaseFile.openReadOnly(path);
  try {
    const found = [...file.findings.all(1)].filter(({ width }) => width > cell);
    expect(found).toMatchObject([
      { x: large.x, y: large.y, width: large.size, height: large.size, classIndex: 0, score: 1 },
    ]);
    // Its centre's tile: the findings of a tile are looked up by it.
    expect(found[0]?.tile).toBeLessThan(tileCount(file.runs.get(1).grid));
    expect(file.runs.get(1).fit.notes.join()).toContain(
      'whole image was also looked at once, 2.25 times smaller',
    );
  } finally {
    file.close();
  }
});
