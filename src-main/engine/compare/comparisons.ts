/**
 * Comparisons that a screen looks at. Each is a picture of its moment: lists stay as they are while findings are decided, and a new one
 * is asked for where the new numbers are wanted. The last few are kept.
 */
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import {
  comparisonGroups,
  groupCode,
  type ComparedFinding,
  type ComparisonOptions,
  type ComparisonSummary,
  type comparisonListSchema,
} from '../../contract/compare.ts';
import { GigatileError } from '../../contract/errors.ts';
import { encodeFindingFrame } from '../../contract/finding-frame.ts';
import type { Rect } from '../../contract/run.ts';
import type { PackedShape } from '../../contract/shape-frame.ts';
import { detectionStride as stride } from '../../core/worker-protocol.ts';
import type { CaseSession } from '../case-session.ts';
import { shownFinding } from '../finding-views.ts';
import { runNoOf } from '../run-id.ts';
import { classNameOfItem, compareRuns, type ComparedRuns } from './compare-runs.ts';

type List = z.output<typeof comparisonListSchema>;

interface Kept extends ComparedRuns {
  session: CaseSession;
  /** What both runs were when they were compared: where it is another now, their findings are others. */
  stamp: string;
  /** The list that was asked for last: a screen asks for it page by page. */
  chosen: { key: string; items: Int32Array } | null;
  /** The object of each position in A and B; made when it is asked for. */
  items?: { a: Int32Array; b: Int32Array };
}

const mostKept = 4;
/** Rows of the image that a list by position goes along. */
const bands = 48;

export class Comparisons {
  readonly #kept = new Map<string, Kept>();

  /** @throws {GigatileError} as compareRuns */
  make(session: CaseSession, runA: string, runB: string, options: ComparisonOptions): ComparisonSummary {
    const [a, b] = [runA, runB].map((id) => {
      const run = session.file.runs.get(runNoOf(id));
      return { run, findings: session.conductor(run.no).findings };
    }) as [ComparedRuns['a'], ComparedRuns['b']];
    const compared = compareRuns(session.file, a, b, options);
    const id = randomUUID();
    this.#kept.set(id, { ...compared, session, stamp: stampOf(session, compared), chosen: null });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= mostKept) break;
      this.#kept.delete(oldest);
    }
    return { id, ...compared.summary };
  }

  page(
    session: CaseSession,
    id: string,
    list: List & { offset: number; limit: number },
  ): { total: number; items: ComparedFinding[] } {
    const kept = this.#get(session, id);
    const items = chosenItems(kept, list);
    return {
      total: items.length,
      items: [...items.subarray(list.offset, list.offset + list.limit)].map((item) => itemView(kept, item)),
    };
  }

  /** Where an object stands in such a list, from 0; null where it is not in it. */
  place(session: CaseSession, id: string, list: List, index: number): number | null {
    const place = chosenItems(this.#get(session, id), list).indexOf(index);
    return place < 0 ? null : place;
  }

  item(session: CaseSession, id: string, index: number): ComparedFinding {
    const kept = this.#get(session, id);
    if (index >= kept.list.count) {
      throw new GigatileError(
        'run-not-found',
        `This comparison has ${kept.list.count} objects, and no ${index}`,
      );
    }
    return itemView(kept, index);
  }

  /** What was compared, whole. */
  compared(session: CaseSession, id: string): ComparedRuns {
    return this.#get(session, id);
  }

  /** All objects, to be painted: `class` and `verdict` of a record are its group and 0; the box is A's, where it has one. */
  frame(session: CaseSession, id: string): Uint8Array {
    const { list, a, b } = this.#get(session, id);
    return encodeFindingFrame(list.count, (item) => {
      const i = list.a[item]!;
      const [packed, at] = i >= 0 ? [a.set.packed, i * stride] : [b.set.packed, list.b[item]! * stride];
      return {
        x: packed[at]!,
        y: packed[at + 1]!,
        width: packed[at + 2]!,
        height: packed[at + 3]!,
        score: packed[at + 5]!,
        classIndex: list.group[item]!,
        verdict: 0,
      };
    });
  }

  /**
   * Outlines of the objects that a part of the image shows: A's, where it has one; `ordinal` and `classIndex` are the object's place in
   * the frame and its group.
   * @returns `total` is more than the number of shapes where there are more than `limit`
   */
  shapes(
    session: CaseSession,
    id: string,
    rect: Rect,
    limit: number,
  ): { shapes: PackedShape[]; total: number } {
    const kept = this.#get(session, id);
    const { list } = kept;
    kept.items ??= { a: itemsOf(list, list.a, kept.a), b: itemsOf(list, list.b, kept.b) };
    const shapes: PackedShape[] = [];
    let isCut = false;
    for (const side of ['a', 'b'] as const) {
      const { run, findings, set } = kept[side];
      const threshold = kept.summary.options[side === 'a' ? 'thresholdA' : 'thresholdB'];
      const found = findings.shapesIn(run.no, rect, threshold, limit);
      isCut ||= found.total > found.shapes.length;
      for (const { finding, numbers } of found.shapes) {
        const item = kept.items[side][positionOf(set.ordinals, finding.ordinal)];
        // What was left out of the comparison, and what A shows already.
        if (item === undefined || (side === 'b' && list.a[item] !== -1)) continue;
        shapes.push({ ordinal: item, classIndex: list.group[item]!, verdict: 0, numbers });
      }
    }
    return { shapes, total: shapes.length + (isCut ? 1 : 0) };
  }

  #get(session: CaseSession, id: string): Kept {
    const kept = this.#kept.get(id);
    if (kept === undefined || kept.session !== session) {
      throw new GigatileError('conflict', 'This comparison is not kept any more', { hint: 'Compare again.' });
    }
    if (kept.stamp !== stampOf(session, kept)) {
      throw new GigatileError('conflict', 'One of the runs was worked on since they were compared', {
        hint: 'Compare again.',
      });
    }
    return kept;
  }
}

/** The object of each position in one of the sets. */
function itemsOf(
  { count }: ComparedRuns['list'],
  positions: Int32Array,
  { set }: ComparedRuns['a'],
): Int32Array {
  const items = new Int32Array(set.ordinals.length);
  for (let item = 0; item < count; item++) {
    const position = positions[item]!;
    if (position >= 0) items[position] = item;
  }
  return items;
}

/** Where an ordinal stands among ascending ones; -1: nowhere. */
function positionOf(ordinals: Int32Array, ordinal: number): number {
  let [low, high] = [0, ordinals.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const there = ordinals[middle]!;
    if (there === ordinal) return middle;
    if (there < ordinal) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function stampOf({ file }: CaseSession, { a, b }: Pick<ComparedRuns, 'a' | 'b'>): string {
  return [a, b]
    .map(({ run, findings }) => {
      const { epoch, state, step } = file.runs.get(run.no);
      return `${epoch} ${state} ${step} ${findings.countFrom(run.no, -Infinity)}`;
    })
    .join(' | ');
}

function chosenItems(kept: Kept, { groups, className, sort }: List): Int32Array {
  const key = JSON.stringify([groups.toSorted(), className, sort]);
  if (kept.chosen?.key === key) return kept.chosen.items;
  const codes = new Set<number>(groups.map((group) => groupCode[group]));
  const items: number[] = [];
  for (let item = 0; item < kept.list.count; item++) {
    if (!codes.has(kept.list.group[item]!)) continue;
    if (className !== undefined && classNameOfItem(kept, item) !== className) continue;
    items.push(item);
  }
  kept.chosen = { key, items: sort === 'position' ? byPosition(kept, items) : Int32Array.from(items) };
  return kept.chosen.items;
}

/** Along bands of the image, every other one backwards, so that the way from one to the next is short. */
function byPosition({ list, a, b, session }: Kept, items: readonly number[]): Int32Array {
  const height = session.image.info.height / bands;
  const rank = (item: number): [number, number] => {
    const i = list.a[item]!;
    const [packed, at] = i >= 0 ? [a.set.packed, i * stride] : [b.set.packed, list.b[item]! * stride];
    const band = Math.floor((packed[at + 1]! + packed[at + 3]! / 2) / height);
    const x = packed[at]! + packed[at + 2]! / 2;
    return [band, band % 2 === 0 ? x : -x];
  };
  const ranks = new Map(items.map((item) => [item, rank(item)]));
  return Int32Array.from(items).sort((p, q) => {
    const [one, other] = [ranks.get(p)!, ranks.get(q)!];
    return one[0] - other[0] || one[1] - other[1] || p - q;
  });
}

function itemView(kept: Kept, index: number): ComparedFinding {
  const { list, a, b, session } = kept;
  const view = ({ run, findings, set }: ComparedRuns['a'], position: number) => {
    const row = position < 0 ? null : findings.at(run.no, set.ordinals[position]!);
    return row === null ? null : shownFinding(session, run, row);
  };
  const isMatched = list.a[index]! >= 0 && list.b[index]! >= 0;
  return {
    index,
    group: comparisonGroups[list.group[index]!]!,
    a: view(a, list.a[index]!),
    b: view(b, list.b[index]!),
    iou: isMatched ? list.iou[index]! : null,
  };
}
