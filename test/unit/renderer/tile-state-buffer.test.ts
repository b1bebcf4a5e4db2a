import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTileFrame, encodeTileFrame, type TileRecord } from '../../../src-main/contract/tile-frame.ts';
import { TileStateBuffer } from '../../../src-renderer/state/tile-state-buffer.ts';

function frame(revision: number, tileCount: number, records: readonly TileRecord[], generation = 1) {
  return decodeTileFrame(
    encodeTileFrame({ revision, tileCount, generation }, records.length, (position, out) =>
      Object.assign(out, records[position]),
    ),
  );
}

const byte = fc.integer({ min: 0, max: 255 });

describe('tile states by revision', () => {
  it('hold what the frames said last, however the grid is cut into pages', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(
          fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 5 }), byte, byte, byte), { maxLength: 12 }),
          {
            maxLength: 6,
          },
        ),
        (columns, rows, pageSize, frames) => {
          const buffer = new TileStateBuffer({ columns, rows }, pageSize);
          const expected = new Map<number, TileRecord>();
          for (const [i, raw] of frames.entries()) {
            const records = raw.map(([at, state, score, classIndex, skipReason]) => ({
              index: at % (columns * rows),
              state,
              score,
              classIndex,
              skipReason,
            }));
            for (const record of records) expected.set(record.index, record);
            buffer.apply(frame(i + 1, columns * rows, records), i);
            expect(buffer.revision).toBe(i + 1);
          }
          for (let index = 0; index < columns * rows; index++) {
            expect(buffer.at(index)).toEqual(
              expected.get(index) ?? { index, state: 0, score: 0, classIndex: 255, skipReason: 0 },
            );
          }
          const covered = buffer.pages.reduce((sum, page) => sum + page.columns * page.rows, 0);
          expect(covered).toBe(columns * rows);
        },
      ),
    );
  });

  it('mark exactly the rows that changed', () => {
    const buffer = new TileStateBuffer({ columns: 4, rows: 8 });
    const [page] = buffer.pages;
    if (page === undefined) throw new Error('no page');
    page.dirtyFrom = page.dirtyTo = 0; // as the painter leaves it
    const record = (index: number) => ({ index, state: 2, score: 9, classIndex: 1, skipReason: 0 });
    buffer.apply(frame(1, 32, [record(4 * 3), record(4 * 5 + 1)]), 0);
    expect([page.dirtyFrom, page.dirtyTo]).toEqual([3, 6]);
  });

  it('ask for everything again when the engine loaded the run anew', () => {
    const buffer = new TileStateBuffer({ columns: 2, rows: 1 });
    buffer.apply(frame(7, 2, [{ index: 0, state: 4, score: 0, classIndex: 255, skipReason: 0 }], 1), 0);
    expect(buffer.apply(frame(8, 2, [], 2), 7)).toBe('reload');
    expect(buffer.revision).toBe(0);
    expect(buffer.at(0).state).toBe(0);
    expect(
      buffer.apply(frame(3, 2, [{ index: 1, state: 2, score: 5, classIndex: 0, skipReason: 0 }], 2), 0),
    ).toBe('applied');
    expect(buffer.revision).toBe(3);
    expect(buffer.at(1).state).toBe(2);
  });

  it('are not undone by an answer that was overtaken', () => {
    const buffer = new TileStateBuffer({ columns: 1, rows: 1 });
    const record = (state: number) => ({ index: 0, state, score: 0, classIndex: 255, skipReason: 0 });
    buffer.apply(frame(5, 1, [record(2)]), 0);
    expect(buffer.apply(frame(4, 1, [record(1)]), 0)).toBe('unchanged');
    expect(buffer.at(0).state).toBe(2);
  });

  it('refuse frames of another grid and tiles that are not in it', () => {
    const buffer = new TileStateBuffer({ columns: 2, rows: 2 });
    expect(() => buffer.apply(frame(1, 5, []), 0)).toThrow(RangeError);
    expect(() =>
      buffer.apply(frame(1, 4, [{ index: 4, state: 2, score: 0, classIndex: 0, skipReason: 0 }]), 0),
    ).toThrow(RangeError);
  });
});
