/** Where a person draws: over the image while a drawing tool is chosen. The wheel still zooms, the middle button still pans. */
import { useLayoutEffect, useRef, useState } from 'react';
import type { Annotation } from '../../src-main/contract/annotation.ts';
import type { ImageInfo } from '../../src-main/contract/image.ts';
import { simplified } from '../../src-main/core/annotation-shapes.ts';
import { useController } from '../app/controller-context.ts';
import { useAnnotations } from '../state/annotation-store.ts';
import { drawingToolOf, useView, type DrawingTool } from '../state/view-store.ts';
import { currentViewer } from '../viewer/current-viewer.ts';
import { viewSignal } from '../viewer/view-signal.ts';
import { Outline, useImageGroup } from './annotation-layer.tsx';
import { Crosshair } from './crosshair.tsx';
import { finishDrawing } from './drawing-actions.ts';
import { DrawingStatus } from './drawing-status.tsx';
import { resetDrawing, useDrawing } from './drawing-store.ts';
import { closes, isRing, leastDrag, type Point } from './key-drawing.ts';
import { MeasureLabel } from './measure-label.tsx';
import { useKeyboardFocus } from './use-keyboard-focus.ts';
import { useMiddle } from './use-middle.ts';
import { words } from '../words/words.ts';

export function DrawingSurface({ image }: { image: ImageInfo & { id: string } }) {
  const tool = drawingToolOf(useView((state) => state.tool));
  return (
    <>
      {tool !== null && <Surface key={tool} tool={tool} />}
      <DrawingStatus image={image} tool={tool} />
    </>
  );
}

const set = useDrawing.setState;

function Surface({ tool }: { tool: DrawingTool }) {
  const controller = useController();
  const drawing = useAnnotations((state) => state.drawing);
  const group = useImageGroup();
  const points = useDrawing((state) => state.points);
  const isByKeys = useDrawing((state) => state.isByKeys);
  const [pointer, setPointer] = useState<Point | null>(null);
  const surface = useRef<HTMLDivElement>(null);
  const dragging = useRef<{ x: number; y: number } | null>(null);
  const panning = useRef<{ x: number; y: number } | null>(null);
  useLayoutEffect(() => {
    resetDrawing(true);
    return () => resetDrawing(false);
  }, []);
  useKeyboardFocus(surface, () => set({ isByKeys: true }));
  const middle = useMiddle(isByKeys && points.length > 0);
  const at = (event: { clientX: number; clientY: number }): Point | null => {
    const place = currentViewer()?.imagePointAt(event.clientX, event.clientY, false) ?? null;
    return place === null ? null : [place.x, place.y];
  };
  const finish = (shape: readonly Point[]): void => {
    setPointer(null);
    finishDrawing(controller, tool, shape);
  };
  const end = isByKeys ? middle : tool === 'freehand' ? null : pointer;
  const shown = points.length === 0 || end === null ? points : [...points, end];
  const preview: Annotation | null =
    shown.length === 0 || (tool !== 'point' && shown.length < 2)
      ? null
      : {
          id: '',
          kind: isRing(tool) && shown.length < 3 ? 'ruler' : tool,
          points: shown.map(([x, y]) => [x, y]),
          className: drawing.name,
          color: [...drawing.color],
          name: '',
        };
  return (
    <div
      ref={surface}
      className="drawing-surface"
      // Keys of the window's own, as on the image.
      role="application"
      aria-label={words.annotations.drawHere}
      tabIndex={0}
      onFocus={(event) => {
        if (event.currentTarget.matches(':focus-visible') && points.length === 0) set({ isByKeys: true });
      }}
      // Back from the mouse, which had put the crosshair away.
      onKeyDown={({ key }) => {
        if (key.startsWith('Arrow') && points.length === 0) set({ isByKeys: true });
      }}
      onContextMenu={(event) => event.preventDefault()}
      onWheel={(event) =>
        currentViewer()?.zoomAt(event.clientX, event.clientY, event.deltaY < 0 ? 1.3 : 1 / 1.3)
      }
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        if (event.button !== 0) {
          panning.current = { x: event.clientX, y: event.clientY };
          return;
        }
        const place = at(event);
        if (place === null) return;
        set({ isByKeys: false, told: null });
        if (tool === 'point') finish([place]);
        else if (tool === 'polygon') {
          if (closes(points, place, viewSignal.value?.scale ?? 1)) finish(points);
          else set({ points: [...points, place] });
        } else {
          dragging.current = { x: event.clientX, y: event.clientY };
          set({ points: [place] });
        }
      }}
      onPointerMove={(event) => {
        if (panning.current !== null) {
          const { x, y } = panning.current;
          currentViewer()?.panByPixels(x - event.clientX, y - event.clientY, true);
          panning.current = { x: event.clientX, y: event.clientY };
          return;
        }
        const isMoved = event.movementX !== 0 || event.movementY !== 0;
        if (isByKeys && points.length === 0 && isMoved) set({ isByKeys: false });
        const place = at(event);
        if (place === null) return;
        if (tool === 'freehand') {
          if (dragging.current !== null) set({ points: [...points, place] });
        } else if (dragging.current !== null || (tool === 'polygon' && points.length > 0)) setPointer(place);
      }}
      onPointerUp={(event) => {
        panning.current = null;
        const from = dragging.current;
        dragging.current = null;
        const place = at(event);
        if (from === null || place === null) return;
        if (Math.hypot(event.clientX - from.x, event.clientY - from.y) < leastDrag) {
          set({ points: [] });
          setPointer(null);
        } else if (tool === 'freehand') {
          finish(simplified(points, 1 / (viewSignal.value?.scale ?? 1)));
        } else finish([...points.slice(0, 1), place]);
      }}
    >
      <svg className="annotation-layer" aria-hidden>
        <g ref={group}>{preview !== null && <Outline annotation={preview} selected isTinted />}</g>
      </svg>
      {isByKeys && <Crosshair />}
      {preview !== null && tool !== 'point' && <MeasureLabel annotation={preview} isQuiet={isByKeys} />}
    </div>
  );
}
