import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { eachMove, tileMoves } from '../../../src-main/engine/tile-moves.ts';
import type { TileChange } from '../../../src-main/store/tile-store.ts';

const change = (kind: TileChange['kind'], tile: number): TileChange =>
  ({ kind, tile, result: { tile } }) as unknown as TileChange;

it('says in a few words what happened to tiles, and it can be read back in its order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('grant', 'done', 'wait', 'fail', 'release'), fc.nat(30)), {
        maxLength: 60,
      }),
      (pairs) => {
        const moves = tileMoves(pairs.map(([kind, tile]) => change(kind, tile)));
        const found: [kind: string, tile: number][] = [];
        eachMove(moves, (kind, tile) => found.push([kind, tile]));
        expect(found).toEqual(pairs);
      },
    ),
  );
});

it('writes neighbours as ranges', () => {
  const changes = [
    ...[4, 5, 6, 9].map((tile) => change('grant', tile)),
    change('release', 9),
    change('done', 4),
  ];
  expect(tileMoves(changes)).toEqual(['grant 4-6,9', 'release 9', 'done 4']);
});

it.each(['', 'done', 'done 1,', 'lost 3', 'done 1-', 'done 1 2'])('refuses "%s"', (move) => {
  expect(() => eachMove([move], () => undefined)).toThrow(SyntaxError);
});
