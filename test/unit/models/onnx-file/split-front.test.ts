/** The front of a graph that turns bytes into planes of floats, taken off where the kernel gives the same numbers. */
import * as fc from 'fast-check';
import onnxProto from 'onnx-proto';
import { expect, it } from 'vitest';
import { GraphBuilder, type Dimension, type Tensor } from '../../../../models/builder/graph.ts';
import { splitFront } from '../../../../src-main/models/onnx-file/split-front.ts';

const { onnx } = onnxProto;
const rgb = ['batch', 32, 'width', 3] as const;

/** A network after what `front` makes of the picture. */
function model(
  front: (graph: GraphBuilder, image: Tensor) => Tensor,
  { type = 'uint8', shape = rgb }: { type?: 'uint8' | 'float32'; shape?: readonly Dimension[] } = {},
): { bytes: Uint8Array; graph: GraphBuilder } {
  const graph = new GraphBuilder();
  const made = front(graph, graph.input('image', type, shape));
  conv(graph, made, 'out');
  graph.output('out', 'float32', ['batch', 1, 30, 'w']);
  return { bytes: graph.toBytes('m', 'n', { key: 'value' }), graph };
}

function conv(graph: GraphBuilder, of: Tensor, output?: string): Tensor {
  const weights = graph.floats(Array<number>(27).fill(0.1), [1, 3, 3, 3]);
  return graph.op('Conv', [of, weights], { kernel_shape: [3, 3] }, output);
}

const planes = (graph: GraphBuilder, of: Tensor): Tensor =>
  graph.op('Transpose', [of], { perm: [0, 3, 1, 2] });
const floats = (graph: GraphBuilder, of: Tensor): Tensor => graph.cast(of, 'float32');
const split = (front: (graph: GraphBuilder, image: Tensor) => Tensor) =>
  splitFront(model(front).bytes, 'image');
const fround = Math.fround;

it('bytes to planes of floats, in either order, with a factor and a term', () => {
  const third = fround(1 / 3);
  const front = split((g, image) =>
    g.op('Sub', [
      g.op('Mul', [floats(g, planes(g, image)), g.floats([1 / 3])]),
      g.floats([1, 2, 3], [3, 1, 1]),
    ]),
  );
  expect(front?.work).toEqual({ scale: third, offsets: [-1, -2, -3] });
  const other = split((g, image) =>
    planes(g, g.op('Add', [g.floats([1, 2, 3], [3]), g.op('Mul', [g.floats([1 / 3]), floats(g, image)])])),
  );
  expect(other?.work).toEqual({ scale: third, offsets: [1, 2, 3] });
  expect(split((g, image) => floats(g, planes(g, image)))?.work).toEqual({ scale: 1, offsets: [0, 0, 0] });
});

it('the file without it is the same file otherwise, and takes planes', () => {
  const whole = onnx.ModelProto.decode(model((g, image) => floats(g, planes(g, image))).bytes);
  const front = split((g, image) => floats(g, planes(g, image)));
  const rest = onnx.ModelProto.decode(front?.bytes ?? new Uint8Array(0));
  const [input, ...others] = rest.graph?.input ?? [];
  expect(others).toEqual([]);
  expect(input?.name).toBe(front?.name);
  expect(input?.type?.tensorType?.elemType).toBe(1);
  expect(input?.type?.tensorType?.shape?.dim?.map((d) => d.dimParam || Number(d.dimValue))).toEqual([
    'batch',
    3,
    32,
    'width',
  ]);
  expect(rest.graph?.node).toEqual(whole.graph?.node?.slice(2));
  expect(rest.graph?.initializer).toEqual(whole.graph?.initializer);
  expect(rest.graph?.output).toEqual(whole.graph?.output);
  expect({ ...rest.toJSON(), graph: null }).toEqual({ ...whole.toJSON(), graph: null });
});

it.each<[string, (graph: GraphBuilder, image: Tensor) => Tensor]>([
  [
    'only transposed, and cast to something else',
    (g, image) => g.cast(g.cast(planes(g, image), 'float16'), 'float32'),
  ],
  ['transposed otherwise', (g, image) => floats(g, g.op('Transpose', [image], { perm: [0, 3, 2, 1] }))],
  ['followed by what works in place', (g, image) => g.op('HardSwish', [floats(g, planes(g, image))])],
  [
    'from which two go on',
    (g, image) => {
      const made = floats(g, planes(g, image));
      return g.op('Add', [g.op('Exp', [made]), g.op('Log', [made])]);
    },
  ],
  [
    'that gives its floats away',
    (g, image) => {
      const made = g.cast(planes(g, image), 'float32', 'planes');
      g.output('planes', 'float32', ['batch', 3, 32, 'width']);
      return made;
    },
  ],
])('stays where it is: %s', (_, front) => {
  expect(split(front)).toBeNull();
});

it('what is no factor and term is a table, which is made by the nodes themselves', () => {
  const at = (after: (graph: GraphBuilder, made: Tensor) => Tensor) =>
    splitFront(model((g, image) => after(g, floats(g, planes(g, image)))).bytes, 'image');
  const [two, each] = [[2], [1, 2, 3]];
  const nodesOf = (front: ReturnType<typeof at>): string[] =>
    front && 'graph' in front.work
      ? (onnx.ModelProto.decode(front.work.graph).graph?.node ?? []).map(({ opType }) => opType ?? '')
      : [];
  const table = ['Transpose', 'Cast'];
  // A factor a colour, a division, a term before the factor, a term from which is taken, a logarithm.
  expect(nodesOf(at((g, made) => g.op('Mul', [made, g.floats(each, [3, 1, 1])])))).toEqual([...table, 'Mul']);
  expect(nodesOf(at((g, made) => g.op('Div', [made, g.floats(two)])))).toEqual([...table, 'Div']);
  const term = at((g, made) => g.op('Mul', [g.op('Add', [made, g.floats(two)]), g.floats(two)]));
  expect(nodesOf(term)).toEqual([...table, 'Add', 'Mul']);
  expect(nodesOf(at((g, made) => g.op('Sub', [g.floats(two), made])))).toEqual([...table, 'Sub']);
  expect(nodesOf(at((g, made) => g.op('Log', [g.op('Max', [made, g.floats(two)])])))).toEqual([
    ...table,
    'Max',
    'Log',
  ]);
  // Along the width of three pixels, not along the colours.
  expect(at((g, made) => g.op('Add', [made, g.floats(each, [3])]))).toBeNull();
  // For each place another one.
  expect(at((g, made) => g.op('Add', [made, g.floats(Array<number>(96).fill(1), [3, 32, 1])]))).toBeNull();
  expect(at((g, made) => g.op('Mul', [made, g.floats([Number.NaN])]))).toBeNull();
  expect(at((g, made) => g.op('Mul', [made, made]))).toBeNull();
  // As before opset 7.
  expect(at((g, made) => g.op('Add', [made, g.floats(each, [3])], { axis: 1, broadcast: 1 }))).toBeNull();
  expect(at((g, made) => g.op('Mul', [made, g.floats(two)], { broadcast: 1 }))).toBeNull();
  const linear = at((g, made) => g.op('Mul', [made, g.floats(two)]));
  expect(linear?.work).toEqual({ scale: 2, offsets: [0, 0, 0] });
});

it('what something else takes too stays in the graph, and with it the bytes', () => {
  const front = split((g, image) => {
    const made = floats(g, planes(g, image));
    g.op('ReduceMax', [made], { axes: [1] }, 'highest');
    return g.op('Log', [made]);
  });
  expect(front?.keepsBytes).toBe(true);
  const { graph } = onnx.ModelProto.decode(front?.bytes ?? new Uint8Array(0));
  expect(graph?.input?.map(({ name }) => name)).toEqual(['image', front?.name]);
  expect(graph?.node?.map(({ opType }) => opType)).toEqual(['Transpose', 'Cast', 'ReduceMax', 'Conv']);
  expect(split((g, image) => g.op('Log', [floats(g, planes(g, image))]))?.keepsBytes).toBe(false);
});

it('inputs that are no RGB bytes, or have another name, are left alone', () => {
  const front = (g: GraphBuilder, image: Tensor): Tensor => floats(g, planes(g, image));
  expect(splitFront(model(front, { type: 'float32' }).bytes, 'image')).toBeNull();
  expect(splitFront(model(front, { shape: ['batch', 32, 32, 4] }).bytes, 'image')).toBeNull();
  expect(splitFront(model(front, { shape: ['batch', 32, 32, 'bands'] }).bytes, 'image')).toBeNull();
  expect(splitFront(model(front).bytes, 'picture')).toBeNull();
  expect(splitFront(new Uint8Array(0), 'image')).toBeNull();
});

it('whatever bytes are wrong, it throws nothing: what is wrong is for onnxruntime to say', () => {
  const { bytes } = model((g, image) =>
    g.op('Sqrt', [
      g.op('Sub', [
        g.op('Mul', [floats(g, planes(g, image)), g.floats([1 / 3])]),
        g.floats([1, 2, 3], [3, 1, 1]),
      ]),
    ]),
  );
  expect(splitFront(bytes, 'image')).not.toBeNull();
  const at = fc.nat({ max: bytes.length - 1 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(at, fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
      at,
      (changes, end) => {
        const damaged = Uint8Array.from(bytes);
        for (const [place, byte] of changes) damaged[place] = byte;
        splitFront(damaged, 'image');
        splitFront(damaged.subarray(0, end), 'image');
      },
    ),
    { numRuns: 3000 },
  );
});

it('a graph with other graphs in it stays whole: those take values by their names', () => {
  const { bytes } = model((g, image) => floats(g, planes(g, image)));
  const proto = onnx.ModelProto.decode(bytes);
  const branch = {
    name: 'b',
    node: [{ opType: 'Identity', input: ['image'], output: ['o'] }],
    output: [{ name: 'o' }],
  };
  proto.graph?.node?.push(
    onnx.NodeProto.create({
      opType: 'If',
      input: ['c'],
      output: ['i'],
      attribute: [{ name: 'then_branch', type: onnx.AttributeProto.AttributeType.GRAPH, g: branch }],
    }),
  );
  expect(splitFront(onnx.ModelProto.encode(proto).finish(), 'image')).toBeNull();
});
