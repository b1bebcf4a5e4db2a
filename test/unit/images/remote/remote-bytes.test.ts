/** Blocks, merging and reading: over a fetcher that counts, without a network. */
import { setImmediate } from 'node:timers/promises';
import { array, assert, asyncProperty, constantFrom, integer, nat, oneof, property, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ByteRange } from '../../../../src-main/images/remote/protocol.ts';
import {
  blockBytes,
  mergeRanges,
  readAheadBytes,
  RemoteBytes,
} from '../../../../src-main/images/remote/remote-bytes.ts';

const size = 3 * 1024 * 1024 + 12_345;
const content = Buffer.alloc(size);
for (let i = 0; i < size; i += 4) content.writeUInt32LE((i * 2_654_435_761) >>> 0, Math.min(i, size - 4));

class CountingFetcher {
  readonly size = size;
  readonly ahead: ByteRange[] = [];
  readonly now: ByteRange[] = [];
  fails = false;

  async get(range: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    this.ahead.push(range);
    await setImmediate();
    if (this.fails) throw new Error('the server has gone');
    return this.#part(range);
  }

  getNow(range: ByteRange): Uint8Array {
    this.now.push(range);
    if (this.fails) throw new Error('the server has gone');
    return this.#part(range);
  }

  close(): void {
    this.fails = true;
  }

  #part({ offset, length }: ByteRange): Uint8Array<ArrayBuffer> {
    if (offset < 0 || length <= 0 || offset + length > size) throw new RangeError(`${offset}+${length}`);
    return new Uint8Array(content.subarray(offset, offset + length));
  }
}

function open(head = 0): { fetcher: CountingFetcher; bytes: RemoteBytes } {
  const fetcher = new CountingFetcher();
  return { fetcher, bytes: new RemoteBytes(fetcher, new Uint8Array(content.subarray(0, head))) };
}

function read(bytes: RemoteBytes, offset: number, length: number): Buffer {
  const target = Buffer.alloc(length + 10);
  bytes.readInto(target, 5, offset, length);
  expect(target.subarray(0, 5).every((byte) => byte === 0)).toBe(true);
  expect(target.subarray(length + 5).every((byte) => byte === 0)).toBe(true);
  return target.subarray(5, length + 5);
}

const ranges = tuple(
  nat(size - 1),
  oneof(integer({ min: 1, max: 300 }), integer({ min: 1, max: 700_000 })),
).map(([offset, length]) => ({ offset, length: Math.min(length, size - offset) }));

describe('reading', () => {
  test('gives the bytes, whatever was read or fetched ahead before', async () => {
    const step = tuple(
      constantFrom('read', 'ahead', 'ranges'),
      array(ranges, { minLength: 1, maxLength: 4 }),
    );
    await assert(
      asyncProperty(array(step, { maxLength: 8 }), nat(400_000), async (steps, head) => {
        const { bytes } = open(head);
        for (const [what, asked] of steps) {
          if (what === 'ahead') await bytes.prefetch(asked);
          const parts =
            what === 'ranges'
              ? await bytes.readRanges(asked)
              : asked.map(({ offset, length }) => read(bytes, offset, length));
          parts.forEach((part, i) => {
            const { offset, length } = asked[i] ?? { offset: 0, length: 0 };
            expect(Buffer.compare(part, content.subarray(offset, offset + length))).toBe(0);
          });
        }
      }),
      { numRuns: 60 },
    );
  });

  test('what was fetched ahead is not fetched again, and nobody sleeps for it', async () => {
    const { fetcher, bytes } = open();
    await bytes.prefetch([{ offset: 1_000_000, length: 100_000 }]);
    expect(fetcher.ahead).toHaveLength(1);
    read(bytes, 1_000_000, 100_000);
    expect(bytes.prefetch([{ offset: 1_000_000, length: 100_000 }])).toBeNull();
    expect([fetcher.ahead.length, fetcher.now.length]).toEqual([1, 0]);
  });

  test('a reader that goes on reading small pieces asks once for all of them', () => {
    const { fetcher, bytes } = open();
    for (let at = 2 * blockBytes; at < 2 * blockBytes + readAheadBytes; at += 500) read(bytes, at, 12);
    expect(fetcher.now).toEqual([{ offset: 2 * blockBytes, length: readAheadBytes }]);
  });

  test('the last block, which is shorter, is kept too', async () => {
    const { fetcher, bytes } = open();
    await bytes.prefetch([{ offset: size - 10, length: 10 }]);
    read(bytes, size - 10, 10);
    expect(fetcher.now).toHaveLength(0);
  });
});

describe('fetching ahead', () => {
  test('what is asked in one turn by several, next to each other, is one request', async () => {
    const { fetcher, bytes } = open();
    const tiles = Array.from({ length: 6 }, (_, i) => ({ offset: 500_000 + i * 40_000, length: 40_000 }));
    await Promise.all(tiles.map(async (tile) => bytes.prefetch([tile])));
    expect(fetcher.ahead).toHaveLength(1);
  });

  test('what lies far apart is asked for at the same time, in requests of its own', async () => {
    const { fetcher, bytes } = open();
    await bytes.prefetch([0, 700_000, 1_400_000, 2_100_000].map((offset) => ({ offset, length: 1000 })));
    expect(fetcher.ahead).toHaveLength(4);
    expect(fetcher.ahead.every(({ length }) => length <= 2 * blockBytes)).toBe(true);
  });

  test('who asks for what is on its way waits for the same request', async () => {
    const { fetcher, bytes } = open();
    const first = bytes.prefetch([{ offset: 900_000, length: 10 }]);
    await setImmediate();
    const second = bytes.prefetch([{ offset: 900_100, length: 10 }]);
    await Promise.all([first, second]);
    expect(fetcher.ahead).toHaveLength(1);
  });

  test('a request that failed fails for all who wait, and is made again for who asks again', async () => {
    const { fetcher, bytes } = open();
    fetcher.fails = true;
    const both = [0, 1].map(() => bytes.prefetch([{ offset: 900_000, length: 10 }]));
    for (const waiting of both) await expect(waiting).rejects.toThrow('gone');
    fetcher.fails = false;
    await bytes.prefetch([{ offset: 900_000, length: 10 }]);
    read(bytes, 900_000, 10);
    expect(fetcher.now).toHaveLength(0);
  });

  test('what lies outside the file, or is empty, is nobody to fetch', () => {
    const { fetcher, bytes } = open();
    const outside = [
      { offset: size, length: 10 },
      { offset: size - 5, length: 10 },
      { offset: -10, length: 10 },
      { offset: 10, length: 0 },
    ];
    expect(bytes.prefetch(outside)).toBeNull();
    expect(fetcher.ahead).toHaveLength(0);
  });
});

test('merged ranges hold every range, in order, and no two are closer than the gap', () => {
  assert(
    property(array(ranges, { maxLength: 30 }), nat(100_000), (asked, gap) => {
      const merged = mergeRanges(asked, gap);
      for (const { offset, length } of asked) {
        expect(
          merged.some((span) => span.offset <= offset && offset + length <= span.offset + span.length),
        ).toBe(true);
      }
      merged.slice(1).forEach((span, i) => {
        const before = merged[i];
        expect(span.offset - ((before?.offset ?? 0) + (before?.length ?? 0))).toBeGreaterThan(gap);
      });
    }),
  );
});
