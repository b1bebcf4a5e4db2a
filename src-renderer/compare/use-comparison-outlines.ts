/** Outlines of the compared objects in view, where both models give more than boxes; asked for when the view rests. */
import { useEffect, useMemo, useState } from 'react';
import { bytePaths } from '../../src-main/contract/bytes.ts';
import type { Rect } from '../../src-main/contract/run.ts';
import { decodeShapeFrame, type ShapeInView } from '../../src-main/contract/shape-frame.ts';
import { comparisonGroups } from '../../src-main/contract/compare.ts';
import { decodeShape } from '../../src-main/core/shape.ts';
import { useController } from '../app/controller-context.ts';
import { isAbort, plainErrorOf } from '../client/plain-error.ts';
import { givesOutlines, grown, type Outlines } from '../overlay/outlines.ts';
import { notifyError } from '../state/app-store.ts';
import { modelOf, useCase } from '../state/case-store.ts';
import { lineOfGroup, useCompare } from './compare-store.ts';
import { words } from '../words/words.ts';

const settleMs = 120;

/** @returns null where there are none, or too many; `wanted`: that there are outlines to wait for */
export function useComparisonOutlines(rest: Rect | null): { outlines: Outlines | null; wanted: boolean } {
  const controller = useController();
  const summary = useCompare((state) => state.summary);
  const groups = useCompare((state) => state.groups);
  const caseId = useCase((state) => state.caseView?.id ?? '');
  const wanted = useCase((state) =>
    [summary?.runA, summary?.runB].every((id) => {
      const run = state.caseView?.runs.find((other) => other.id === id) ?? null;
      const card = modelOf(state, run);
      return card !== null && givesOutlines(card.manifest);
    }),
  );
  const [found, setFound] = useState<Outlines | null>(null);
  const id = summary?.id ?? '';
  useEffect(() => {
    if (!wanted || rest === null || id === '') return undefined;
    const ended = new AbortController();
    const rect = grown(rest);
    const load = async (): Promise<void> => {
      try {
        const path = bytePaths.comparisonShapes(caseId, id, rect);
        const { data } = await controller.connection.bytes(path, ended.signal);
        const { shapes, total } = decodeShapeFrame(data, decodeShape);
        setFound(shapes.length === total ? { runId: id, rect, threshold: 0, shapes } : null);
      } catch (error) {
        if (!isAbort(error)) notifyError(words.compare.theOutlinesCouldNotBeRead, plainErrorOf(error));
      }
    };
    const timer = setTimeout(() => void load(), settleMs);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [controller, wanted, caseId, id, rest]);
  const outlines = useMemo(() => {
    if (found === null || found.runId !== id) return null;
    const shapes = found.shapes.flatMap((shape): ShapeInView[] => {
      const group = comparisonGroups[shape.classIndex];
      if (group === undefined || !groups.includes(group)) return [];
      return [{ ...shape, verdict: lineOfGroup(group) }];
    });
    return { ...found, shapes };
  }, [found, id, groups]);
  return { outlines: wanted ? outlines : null, wanted };
}
