/**
 * Outlines of the findings in view: rotated boxes, masks, regions, key points. They are asked for when the view rests, for a little
 * more than it shows; where there are more than can be painted clearly, the boxes and points of all findings stay instead.
 */
import { useEffect, useState } from 'react';
import { bytePaths } from '../../src-main/contract/bytes.ts';
import type { ModelManifest } from '../../src-main/contract/model.ts';
import type { Rect, RunView } from '../../src-main/contract/run.ts';
import { decodeShapeFrame, type ShapeInView } from '../../src-main/contract/shape-frame.ts';
import { decodeShape } from '../../src-main/core/shape.ts';
import { useController } from '../app/controller-context.ts';
import { isAbort, plainErrorOf } from '../client/plain-error.ts';
import { notifyError } from '../state/app-store.ts';
import { useCase } from '../state/case-store.ts';
import { useView } from '../state/view-store.ts';
import { words } from '../words/words.ts';

export interface Outlines {
  runId: string;
  /** Where all of them are known, level-0 pixels. */
  rect: Rect;
  threshold: number;
  shapes: readonly ShapeInView[];
}

/** Around the view, as a part of its size: a short way can be gone without waiting. */
const margin = 0.4;
const settleMs = 120;

/** Whether a model gives more than upright boxes. */
export function givesOutlines({ task, outputs }: Pick<ModelManifest, 'task' | 'outputs'>): boolean {
  const { boxes } = outputs;
  return (
    task === 'segment' ||
    boxes?.oriented === true ||
    boxes?.protos !== undefined ||
    boxes?.masks !== undefined ||
    boxes?.keypoints !== undefined
  );
}

/**
 * @param rest what the view shows since it rests; null while nothing is shown
 * @param from score; the threshold that is chosen on the screen where left out
 */
export function useOutlines(
  run: RunView | null,
  manifest: ModelManifest | null,
  rest: Rect | null,
  from?: number,
): Outlines | null {
  const controller = useController();
  const chosen = useView((state) => state.threshold);
  const threshold = from ?? chosen;
  const version = useCase((state) => state.findingsVersion);
  const [outlines, setOutlines] = useState<Outlines | null>(null);
  const wanted = run !== null && manifest !== null && givesOutlines(manifest);
  const { caseId = '', id: runId = '' } = run ?? {};
  useEffect(() => {
    // Decisions and new findings change what is painted: the version has them read again.
    if (!wanted || rest === null || version < 0) return undefined;
    const ended = new AbortController();
    const rect = grown(rest);
    const load = async (): Promise<void> => {
      try {
        const path = bytePaths.shapes(caseId, runId, rect, threshold);
        const { data } = await controller.connection.bytes(path, ended.signal);
        const { shapes, total } = decodeShapeFrame(data, decodeShape);
        setOutlines(shapes.length === total ? { runId, rect, threshold, shapes } : null);
      } catch (error) {
        if (!isAbort(error)) notifyError(words.overlay.theOutlinesCouldNotBeRead, plainErrorOf(error));
      }
    };
    const timer = setTimeout(() => void load(), settleMs);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [controller, wanted, caseId, runId, rest, threshold, version]);
  return wanted && outlines?.runId === runId ? outlines : null;
}

/** A little more than a view shows. */
export function grown({ x, y, width, height }: Rect): Rect {
  return {
    x: x - width * margin,
    y: y - height * margin,
    width: width * (1 + 2 * margin),
    height: height * (1 + 2 * margin),
  };
}

/** Are all findings of this part of the image among them? */
export function coversView({ rect }: Outlines, seen: Rect): boolean {
  return (
    seen.x >= rect.x &&
    seen.y >= rect.y &&
    seen.x + seen.width <= rect.x + rect.width &&
    seen.y + seen.height <= rect.y + rect.height
  );
}
