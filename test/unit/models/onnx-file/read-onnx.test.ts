import { mkdtempSync, rmSync, truncateSync, writeFileSync, openSync, writeSync, closeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GigatileError } from '../../../../src-main/contract/errors.ts';
import { checkOnnx } from '../../../../src-main/models/onnx-file/check-onnx.ts';
import { readOnnx } from '../../../../src-main/models/onnx-file/read-onnx.ts';
import { branch, onnxBytes, writeOnnx, type OnnxSpec, type TensorSpec } from '../../../support/onnx-file.ts';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'gigatile-onnx-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function written(bytes: Uint8Array, name = 'x.onnx'): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function errorOf(path: string): GigatileError {
  try {
    readOnnx(path);
  } catch (error) {
    if (error instanceof GigatileError) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('facts', () => {
  test('all that the encoder wrote, whatever it is', () => {
    const word = fc.string({ maxLength: 12 });
    const name = fc.string({ minLength: 1, maxLength: 12 });
    const dim = fc.oneof(fc.nat(2 ** 31 - 1), name, fc.constant(null));
    const type = fc.constantFrom('float32', 'uint8', 'uint16', 'int32', 'int64', 'float16');
    const tensor = fc.tuple(name, type, fc.array(dim, { maxLength: 5 })) as fc.Arbitrary<TensorSpec>;
    const spec = fc.record({
      inputs: fc.array(tensor, { maxLength: 4 }),
      outputs: fc.array(tensor, { maxLength: 4 }),
      metadata: fc.dictionary(word, word, { maxKeys: 6 }),
      irVersion: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      opsets: fc.uniqueArray(fc.record({ domain: word, version: fc.nat(1000) }), {
        selector: ({ domain }) => (domain === 'ai.onnx' ? '' : domain),
        minLength: 1,
        maxLength: 4,
      }),
    });
    fc.assert(
      fc.property(spec, (wanted) => {
        const facts = readOnnx(writeOnnx(folder, wanted, 'any.onnx'));
        const values = (tensors: readonly TensorSpec[]): unknown =>
          tensors.map(([name, dtype, dims]) => ({ name, dtype, dims }));
        expect(facts.inputs).toEqual(values(wanted.inputs));
        expect(facts.outputs).toEqual(values(wanted.outputs));
        expect(Object.fromEntries(facts.metadata)).toEqual({ ...wanted.metadata });
        expect(facts.irVersion).toBe(wanted.irVersion);
        expect(new Map(Object.entries(facts.opsets))).toEqual(
          new Map(wanted.opsets.map(({ domain, version }) => [domain === 'ai.onnx' ? '' : domain, version])),
        );
      }),
    );
  });

  test('inputs with an initializer are weights and need not be given; operators are found in branches and functions', () => {
    const inner = {
      node: [
        { opType: 'Relu', domain: '' },
        { opType: 'Gelu', domain: 'com.microsoft' },
      ],
    };
    const path = writeOnnx(folder, {
      inputs: [
        ['x', 'float32', ['N', 3, null, null]],
        ['w', 'float32', [2]],
      ],
      graph: {
        initializer: [{ name: 'w', dataType: 1, dims: [2], rawData: new Uint8Array(8) }],
        node: [
          { opType: 'If', attribute: [branch(inner)] },
          { opType: 'Mine', domain: 'local' },
          { opType: 'Loop', domain: 'ai.onnx' },
        ],
      },
      functions: [{ name: 'Mine', domain: 'local', node: [{ opType: 'Exp' }] }],
    });
    const facts = readOnnx(path);
    expect(facts.inputs).toEqual([{ name: 'x', dtype: 'float32', dims: ['N', 3, null, null] }]);
    expect(facts.operators).toEqual({ '': ['Exp', 'If', 'Loop', 'Relu'], 'com.microsoft': ['Gelu'] });
    expect(facts.nodes).toBe(6);
  });

  test('a file of 4 GB is read without its weights, and refused because nothing can load it', async () => {
    const path = join(folder, 'large.onnx');
    const varint = (n: number): number[] =>
      n < 128 ? [n] : [(n % 128) + 128, ...varint(Math.floor(n / 128))];
    const field = (no: number, length: number): number[] => [...varint(no * 8 + 2), ...varint(length)];
    const raw = 4 * 2 ** 30;
    const weight = [8, 4, 16, 1, ...field(8, 1), 0x77, ...field(9, raw)];
    const initializer = [...field(5, weight.length + raw), ...weight];
    const after = [...field(2, 1), 0x67];
    const opset = [16, 17];
    const head = [
      8,
      8,
      ...field(8, opset.length),
      ...opset,
      ...field(7, initializer.length + raw + after.length),
      ...initializer,
    ];
    const file = openSync(path, 'w');
    writeSync(file, new Uint8Array(head));
    writeSync(file, new Uint8Array(after), 0, after.length, head.length + raw);
    closeSync(file);
    const facts = readOnnx(path);
    expect(facts).toMatchObject({ graphName: 'g', size: head.length + raw + after.length });
    await expect(checkOnnx(facts)).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('4.0 GB') as string,
      hint: expect.stringContaining('external data') as string,
    });
    truncateSync(path, head.length + 1000);
    expect(errorOf(path).message).toMatch(/cut off/);
  });
});

describe('hostile bytes', () => {
  const whole = onnxBytes({
    metadata: { names: "{0: 'a'}", stride: '32' },
    graph: {
      initializer: [{ name: 'w', dataType: 1, dims: [4], rawData: new Uint8Array(16) }],
      node: [{ opType: 'If', attribute: [branch({ node: [{ opType: 'Relu' }] })] }],
    },
  });

  test('cut off anywhere: said, or what is there is whole', () => {
    let refused = 0;
    for (let length = 0; length < whole.length; length++) {
      const path = written(whole.subarray(0, length));
      try {
        readOnnx(path);
      } catch (error) {
        expect(error).toBeInstanceOf(GigatileError);
        expect((error as GigatileError).code).toBe('model-invalid');
        expect((error as GigatileError).where).toContain(path);
        refused++;
      }
    }
    // Between two top-level fields after the last that is needed, nothing tells that there were more.
    expect(refused).toBeGreaterThan(whole.length * 0.85);
  });

  test('any bytes, and any changes to a real file: facts or one clear error, nothing else', () => {
    const tell = (bytes: Uint8Array): void => {
      try {
        readOnnx(written(bytes));
      } catch (error) {
        if (!(error instanceof GigatileError) || error.code !== 'model-invalid') throw error;
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), tell));
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const bytes = whole.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        tell(bytes);
      }),
    );
  });

  test('graphs in graphs without end', () => {
    let graph: NonNullable<OnnxSpec['graph']> = { node: [{ opType: 'Relu' }] };
    for (let i = 0; i < 60; i++) graph = { node: [{ opType: 'If', attribute: [branch(graph)] }] };
    expect(errorOf(writeOnnx(folder, { graph })).message).toMatch(/nested more than 100 levels/);
  });

  test('a length of 2^63 and more', () => {
    const bytes = new Uint8Array([0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 2, 3]);
    expect(errorOf(written(bytes)).message).toMatch(/cut off/);
    const negative = new Uint8Array([0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
    expect(errorOf(written(negative)).message).toMatch(/negative length/);
    const endless = new Uint8Array(30).fill(0xff);
    expect(errorOf(written(endless)).message).toMatch(/more than 64 bits/);
  });

  test('a name of a megabyte', () => {
    const path = writeOnnx(folder, { inputs: [['x'.repeat(2 ** 20), 'float32', [1]]] });
    expect(errorOf(path).message).toMatch(/the name of an input has 1048576 bytes/);
  });

  test.each([
    ['a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:00', /git lfs pull/],
    ['a web page', '<!DOCTYPE html><html>', /sign-in/],
    ['a PyTorch archive', 'PK\u0003\u0004data', /torch\.onnx\.export/],
    ['a pickle', '\u0080\u0002}q\u0000.', /Export the model/],
    ['nothing', '', /again/],
  ])('%s says what it is', (_, text, hint) => {
    const error = errorOf(written(Buffer.from(text, 'latin1')));
    expect(error.message).toMatch(/^This is no ONNX file: it is/);
    expect(error.hint).toMatch(hint);
  });

  test('a file that is not there', () => {
    expect(errorOf(join(folder, 'none.onnx')).code).toBe('model-not-found');
    expect(errorOf(folder).code).toBe('model-invalid');
  });
});
