/** Differences of the tiles' scores between two runs over the same tiles, as the overlay's textures and colours want them. */
import { tileStateCode, type GridPlan } from '../../src-main/contract/run.ts';
import { sampleRamp, tileColour, type Rgb } from '../../src-main/core/colour.ts';
import { tileColours, type TileColours } from '../overlay/tile-pixel.ts';
import { TileStateBuffer } from '../state/tile-state-buffer.ts';

/** Neither is higher. */
const equal = 128;

/** From A higher to B higher; told apart by colour-blind eyes (ColorBrewer's PuOr, 2003). */
export const differenceRamp: readonly Rgb[] = [
  [45, 0, 75],
  [128, 115, 172],
  [247, 247, 247],
  [224, 130, 20],
  [127, 59, 8],
];

/** Score of a tile in the result: 128 + half of B's less A's. A tile that is not done in both has the state that it has in the other. */
export function tileDifferences(a: TileStateBuffer, b: TileStateBuffer, plan: GridPlan): TileStateBuffer {
  const result = new TileStateBuffer(plan);
  result.pages.forEach((page, p) => {
    const [one, other] = [a.pages[p]?.data, b.pages[p]?.data];
    if (one === undefined || other === undefined) return;
    for (let at = 0; at < page.data.length; at += 4) {
      const [stateA = 0, stateB = 0] = [one[at], other[at]];
      page.data[at] = stateA === tileStateCode.done ? stateB : stateA;
      page.data[at + 1] = Math.min(
        255,
        Math.max(0, equal + Math.round(((other[at + 1] ?? 0) - (one[at + 1] ?? 0)) / 2)),
      );
    }
  });
  return result;
}

/** Where nothing differs the image is as it is. */
export function differenceColours(): TileColours {
  return tileColours(0, (record) => {
    if (record.state !== tileStateCode.done)
      return tileColour(record, { by: 'score', stops: differenceRamp });
    const way = (record.score - equal) / (255 - equal);
    const strength = Math.min(1, Math.abs(way) * 1.5);
    return [...sampleRamp(differenceRamp, (way + 1) / 2), Math.round(255 * strength)];
  });
}
