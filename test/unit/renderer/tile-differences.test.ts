/** The differences of two runs' tiles as they are painted. */
import { describe, expect, it } from 'vitest';
import { encodeTileFrame, decodeTileFrame } from '../../../src-main/contract/tile-frame.ts';
import { tileStateCode } from '../../../src-main/contract/run.ts';
import { differenceColours, tileDifferences } from '../../../src-renderer/compare/tile-differences.ts';
import { TileStateBuffer } from '../../../src-renderer/state/tile-state-buffer.ts';
import { gridOf } from '../store/stored-run.ts';

const { done, failed, pending } = tileStateCode;

const grid = gridOf(4, 1);

function buffer(tiles: readonly (readonly [state: number, score: number])[]): TileStateBuffer {
  const made = new TileStateBuffer(grid);
  const head = { revision: 1, tileCount: tiles.length, generation: 1 };
  const frame = encodeTileFrame(head, tiles.length, (index, out) => {
    const [state, score] = tiles[index] ?? [pending, 0];
    Object.assign(out, { index, state, score });
  });
  made.apply(decodeTileFrame(frame), 0);
  return made;
}

describe('differences of tiles', () => {
  const a = buffer([
    [done, 100],
    [done, 255],
    [failed, 0],
    [done, 7],
  ]);
  const b = buffer([
    [done, 100],
    [done, 0],
    [done, 200],
    [pending, 0],
  ]);
  const found = tileDifferences(a, b, grid);
  const { texels } = differenceColours();
  const colour = (tile: number) => {
    const { state, score } = found.at(tile);
    return [...texels.subarray((state * 256 + score) * 4, (state * 256 + score) * 4 + 4)];
  };

  it('leave the image as it is where nothing differs, and say which run is higher', () => {
    expect(colour(0)[3]).toBe(0);
    const [red = 0, , blue = 0, alpha] = colour(1);
    expect(alpha).toBe(255);
    expect(blue).toBeGreaterThan(red);
    const other = tileDifferences(b, a, grid);
    expect(other.at(1).score).toBe(255);
  });

  it('say of tiles that one run does not have what became of them there', () => {
    expect(found.at(2).state).toBe(failed);
    expect(found.at(3).state).toBe(pending);
  });
});
