/** Suppression among what borders have not cut, and what has been put together (./seams.ts); each with the score of its best view. */
import type { Shape } from '../../contract/finding.ts';
import { detectionStride as stride } from '../worker-protocol.ts';
import { exactRule, shapeRule } from './exact-rule.ts';
import type { Merged } from './merged.ts';
import { shapeOf, type Outlines } from './outlines.ts';
import { rankDetections } from './rank.ts';
import { claims, standing } from './ranked.ts';
import type { Rule } from './rule.ts';
import type { Seams } from './seams.ts';
import type { Coverage } from './shape-match.ts';
import { unionPolygons } from './shape-union.ts';

export interface Detected {
  packed: Float32Array;
  /** The same with the boxes around the outlines. */
  around: Float32Array;
  tiles: Int32Array;
  outlines: Outlines | undefined;
  coverage: Coverage | null;
}

interface Joined {
  /** x, y, width, height of the boxes of all parts, and of what is around their outlines. */
  box: Float64Array;
  around: Float64Array;
  shape: Shape | undefined;
  /** Those that saw a part. */
  tiles: number[];
}

export function mergeWholes(detected: Detected, { owner, parts }: Seams): Merged {
  const { packed, around, tiles, coverage } = detected;
  const scores = new Float32Array(tiles.length).fill(-Infinity);
  for (let i = 0; i < owner.length; i++) {
    const [to, score] = [owner[i]!, packed[i * stride + 5]!];
    if (score > scores[to]!) scores[to] = score;
  }
  const wholes = standing(owner);
  /** Place among the joined objects + 1; 0 for a detection that stands for itself alone. */
  const joinedAt = new Int32Array(tiles.length);
  const joined: Joined[] = [];
  for (const [i, members] of parts) joinedAt[i] = joined.push(join(detected, members));

  const list = rowsOf(packed, wholes);
  const listAround = coverage === null ? list : rowsOf(around, wholes);
  const tileOf = new Int32Array(wholes.length);
  for (let k = 0; k < wholes.length; k++) {
    const i = wholes[k]!;
    list[k * stride + 5] = scores[i]!;
    tileOf[k] = tiles[i]!;
    if (joinedAt[i] === 0) continue;
    const whole = joined[joinedAt[i]! - 1]!;
    list.set(whole.box, k * stride);
    listAround.set(whole.around, k * stride);
  }
  const order = rankDetections(list, tileOf);
  const claimers =
    coverage === null
      ? claims(
          { packed: list, tiles: codesOf(wholes, tileOf, joinedAt), order },
          boxRule(joined.map((each) => each.tiles)),
        )
      : claims(
          { packed: listAround, tiles: wholes, order },
          shapeRule(coverage, shareTile(tiles, joined, joinedAt)),
        );

  const ranks = standing(claimers);
  const kept = new Int32Array(ranks.length);
  const keptScores = new Float32Array(ranks.length);
  const boxes = new Float64Array(ranks.length * 4);
  const shapes = new Map<number, Shape>();
  for (let at = 0; at < ranks.length; at++) {
    const k = order[ranks[at]!]!;
    const i = wholes[k]!;
    kept[at] = i;
    keptScores[at] = list[k * stride + 5]!;
    if (joinedAt[i] === 0) {
      for (let n = 0; n < 4; n++) boxes[at * 4 + n] = list[k * stride + n]!;
      continue;
    }
    const whole = joined[joinedAt[i]! - 1]!;
    if (whole.shape) shapes.set(at, whole.shape);
    boxes.set(whole.box, at * 4);
  }
  return { kept, boxes, scores: keptScores, shapes };
}

function rowsOf(packed: Float32Array, ids: Int32Array): Float32Array {
  const rows = new Float32Array(ids.length * stride);
  for (let k = 0; k < ids.length; k++) {
    for (let n = 0; n < stride; n++) rows[k * stride + n] = packed[ids[k]! * stride + n]!;
  }
  return rows;
}

/** @param members the parts, the best first */
function join({ packed, around, tiles, outlines, coverage }: Detected, members: readonly number[]): Joined {
  const joined: Joined = {
    box: unionBox(packed, members),
    around: unionBox(around, members),
    shape: undefined,
    tiles: members.map((i) => tiles[i]!),
  };
  if (!coverage || !outlines || members.every((i) => coverage.isBox(i))) return joined;
  const polygons = unionPolygons(members.map((i) => coverage.polygons(i)));
  const keypoints = members.map((i) => shapeOf(outlines, i)?.keypoints ?? []).find((list) => list.length > 0);
  coverage.replace(members[0]!, polygons);
  joined.shape = { polygons, keypoints: keypoints ?? [] };
  return joined;
}

function unionBox(packed: Float32Array, members: readonly number[]): Float64Array {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const i of members) {
    const p = i * stride;
    x1 = Math.min(x1, packed[p]!);
    y1 = Math.min(y1, packed[p + 1]!);
    x2 = Math.max(x2, packed[p]! + packed[p + 2]!);
    y2 = Math.max(y2, packed[p + 1]! + packed[p + 3]!);
  }
  return Float64Array.of(x1, y1, x2 - x1, y2 - y1);
}

/** What a tile told apart stays apart: a joined object was seen by the tiles of all its parts. */
function shareTile(
  tiles: Int32Array,
  joined: readonly Joined[],
  joinedAt: Int32Array,
): (i: number, j: number) => boolean {
  if (joined.length === 0) return (i, j) => tiles[i] === tiles[j];
  const tilesOf = (i: number): readonly number[] => joined[joinedAt[i]! - 1]?.tiles ?? [tiles[i]!];
  return (i, j) => {
    if (joinedAt[i] === 0 && joinedAt[j] === 0) return tiles[i] === tiles[j];
    const those = tilesOf(j);
    return tilesOf(i).some((tile) => those.includes(tile));
  };
}

/** The tiles; for the n-th joined object -1 - n. */
function codesOf(wholes: Int32Array, tileOf: Int32Array, joinedAt: Int32Array): Int32Array {
  const codes = tileOf.slice();
  for (let k = 0; k < codes.length; k++) {
    const place = joinedAt[wholes[k]!]!;
    if (place > 0) codes[k] = -place;
  }
  return codes;
}

/** As `exactRule`, with such codes in the place of tiles. */
function boxRule(tilesOfJoined: readonly (readonly number[])[]): Rule {
  if (tilesOfJoined.length === 0) return exactRule;
  const tilesOf = (code: number): readonly number[] => tilesOfJoined[-1 - code] ?? [code];
  return {
    ...exactRule,
    matches(records, a, b) {
      if (!exactRule.matches(records, a, b)) return false;
      const [s, t] = [records.integers[a + 5]!, records.integers[b + 5]!];
      return (s >= 0 && t >= 0) || !tilesOf(s).some((tile) => tilesOf(t).includes(tile));
    },
  };
}
