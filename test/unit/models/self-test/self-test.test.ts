import { array, assert, nat, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, finished } from '../../../../src-main/models/self-test/compare.ts';
import { readNpy } from '../../../../src-main/models/self-test/npy.ts';
import { GigatileError } from '../../../../src-main/contract/errors.ts';

function npy(header: string, body: Uint8Array = new Uint8Array(0), version = 1): Uint8Array {
  const text = new TextEncoder().encode(`${header}\n`);
  const length =
    version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  return Uint8Array.from([
    0x93,
    ...new TextEncoder().encode('NUMPY'),
    version,
    0,
    ...length,
    ...text,
    ...body,
  ]);
}
const header = (descr: string, shape: string): string =>
  `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

describe('.npy', () => {
  it('is read in every version, order of bytes and type', () => {
    expect(readNpy(npy(header('<f4', '(2, 1)'), floats(1.5, -2)), 'f')).toEqual({
      dims: [2, 1],
      data: Float64Array.of(1.5, -2),
    });
    expect(readNpy(npy(header('>i2', '(1,)'), Uint8Array.of(1, 2), 2), 'f').data[0]).toBe(258);
    expect(readNpy(npy(header('|b1', '(2,)'), Uint8Array.of(0, 7), 3), 'f').data).toEqual(
      Float64Array.of(0, 1),
    );
    expect(readNpy(npy(header('<i8', '()'), new Uint8Array(BigInt64Array.of(-5n).buffer)), 'f')).toEqual({
      dims: [],
      data: Float64Array.of(-5),
    });
  });

  it.each([
    ['objects', npy(header('|O', '(1,)'), floats(1))],
    ['text', npy(header('<U4', '(1,)'), floats(1))],
    ['too many bytes', npy(header('<f4', '(1,)'), floats(1, 2))],
    ['more than memory', npy(header('<f4', '(1000000, 1000000, 1000000)'), floats(1))],
    ['a negative size', npy(header('<f4', '(-1,)'), floats(1))],
    ['Fortran order', npy(`{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1)}`, floats(1))],
    ['code', npy(`__import__('os').system('true')`, floats(1))],
    ['no header', npy('[]', floats(1))],
    ['another file', new TextEncoder().encode('PK\u0003\u0004 not an array at all')],
    ['nothing', new Uint8Array(0)],
  ])('is an error with %s', (_, bytes) => {
    expect(() => readNpy(bytes, 'f')).toThrow(GigatileError);
  });

  it('is read or an error, whatever the bytes are', () => {
    const good = npy(header('<f4', '(2, 1)'), floats(1.5, -2));
    assert(
      property(array(tuple(nat(good.length - 1), nat(255))), nat(good.length), (changes, length) => {
        const bytes = Uint8Array.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          const { dims, data } = readNpy(bytes.subarray(0, length), 'f');
          expect(data.length).toBe(dims.reduce((a, b) => a * b, 1));
        } catch (error) {
          expect(error).toBeInstanceOf(GigatileError);
        }
      }),
    );
  });
});

describe('an answer against the published one', () => {
  const tolerance = { relative: 0.1, absolute: 0.01, mismatchedPerMillion: 0 };
  const of = (...data: number[]): { dims: number[]; data: Float64Array } => ({
    dims: [data.length],
    data: Float64Array.from(data),
  });

  it('may differ by the tolerance, and no more', () => {
    // 1 may be off by 0.11.
    expect(compare(of(1.1099), of(1), tolerance)).toMatchObject({ mismatched: 0, isWithin: true });
    expect(compare(of(1.1101), of(1), tolerance)).toMatchObject({ mismatched: 1, isWithin: false });
  });

  it('lets some in a million off', () => {
    const many = of(...Array.from({ length: 1000 }, (_, i) => (i === 0 ? 9 : 1)));
    const ones = of(...Array.from({ length: 1000 }, () => 1));
    expect(compare(many, ones, { ...tolerance, mismatchedPerMillion: 1000 }).isWithin).toBe(true);
    expect(compare(many, ones, { ...tolerance, mismatchedPerMillion: 999 }).isWithin).toBe(false);
  });

  it('takes NaN for another number than any', () => {
    expect(compare(of(Number.NaN), of(1), tolerance)).toMatchObject({ mismatched: 1, largest: Infinity });
    expect(compare(of(Number.NaN), of(Number.NaN), tolerance).isWithin).toBe(true);
    expect(compare(of(Infinity), of(Infinity), tolerance).isWithin).toBe(true);
    expect(compare(of(1), of(Infinity), tolerance).isWithin).toBe(false);
  });

  it('has the same shape, and something to compare', () => {
    expect(() => compare({ ...of(1, 2), dims: [1, 2] }, of(1, 2), tolerance)).toThrow('1 x 2');
    expect(compare(of(), of(), tolerance).isWithin).toBe(false);
  });

  it('goes through the steps after the model', () => {
    const step = { name: 'y', activation: 'none', factor: 1, threshold: null, channelAxis: 1 } as const;
    const pair = { dims: [1, 2, 2], data: [0, 1, 0, 1 + Math.log(3)] };
    expect([...finished(pair, { ...step, activation: 'softmax' })]).toEqual(
      [0.5, 0.25, 0.5, 0.75].map((v) => expect.closeTo(v, 12) as number),
    );
    expect([
      ...finished({ dims: [2], data: [0, 5] }, { ...step, activation: 'sigmoid', threshold: 0.5 }),
    ]).toEqual([0, 1]);
    expect([...finished({ dims: [2], data: [1, 5] }, { ...step, factor: 10 })]).toEqual([10, 50]);
    expect(() => finished(pair, { ...step, activation: 'softmax', channelAxis: null })).toThrow(
      'no axis of channels',
    );
  });
});
