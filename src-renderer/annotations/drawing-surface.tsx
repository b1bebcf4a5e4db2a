/** Where a person draws: over the image while a drawing tool is chosen. The wheel still zooms, the middle button still pans. */
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import type { Annotation } from '../../src-main/contract/annotation.ts';
import { simplified } from '../../src-main/core/annotation-shapes.ts';
import { useController } from '../app/controller-context.ts';
import { useAnnotations } from '../state/annotation-store.ts';
import { drawingTools, useView, type DrawingTool } from '../state/view-store.ts';
import { currentViewer } from '../viewer/current-viewer.ts';
import { viewSignal } from '../viewer/view-signal.ts';
import { addAnnotation } from './annotation-actions.ts';
import { Outline, useImageGroup } from './annotation-layer.tsx';
import { MeasureLabel } from './measure-label.tsx';
import { words } from '../words/words.ts';

type Point = [number, number];

/** Nearer than this to its first point, a click closes a polygon, CSS pixels. */
const closeReach = 10;
/** A drag that is shorter was none. */
const leastDrag = 3;

const hints: Record<DrawingTool, string> = {
  rectangle: words.annotations.dragARectangle,
  ellipse: words.annotations.dragAnEllipse,
  polygon: words.annotations.clickEachCornerEnterOrAClick,
  freehand: words.annotations.drawAroundTheRegion,
  point: words.annotations.clickEachPoint,
  ruler: words.annotations.dragFromOneEndToTheOther,
};

export function DrawingSurface() {
  const tool = useView((state) => state.tool);
  const drawing = drawingTools.find((name) => name === tool);
  return drawing === undefined ? null : <Surface key={drawing} tool={drawing} />;
}

function Surface({ tool }: { tool: DrawingTool }) {
  const controller = useController();
  const drawing = useAnnotations((state) => state.drawing);
  const group = useImageGroup();
  const [points, setPoints] = useState<Point[]>([]);
  const [pointer, setPointer] = useState<Point | null>(null);
  const dragging = useRef<{ x: number; y: number } | null>(null);
  const panning = useRef<{ x: number; y: number } | null>(null);
  const at = (event: { clientX: number; clientY: number }): Point | null => {
    const place = currentViewer()?.imagePointAt(event.clientX, event.clientY, false) ?? null;
    return place === null ? null : [place.x, place.y];
  };
  const leave = (): void => useView.getState().set({ tool: 'move' });
  const finish = (shape: readonly Point[]): void => {
    setPoints([]);
    setPointer(null);
    if (shape.length >= (tool === 'point' ? 1 : tool === 'polygon' || tool === 'freehand' ? 3 : 2)) {
      void addAnnotation(controller, tool, shape);
      if (tool !== 'point') leave();
    }
  };
  const onKey = useEffectEvent((event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      if (points.length > 0) setPoints([]);
      else leave();
    } else if (event.key === 'Enter' && tool === 'polygon') finish(points);
    else if (event.key === 'Backspace' && tool === 'polygon') setPoints(points.slice(0, -1));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => onKey(event);
    // Before the window's own keys.
    window.addEventListener('keydown', listen, true);
    return () => window.removeEventListener('keydown', listen, true);
  }, []);
  const shown = pointer === null || tool === 'freehand' ? points : [...points, pointer];
  const preview: Annotation | null =
    shown.length === 0 || (tool !== 'point' && shown.length < 2)
      ? null
      : {
          id: '',
          kind: tool === 'polygon' && shown.length < 3 ? 'ruler' : tool,
          points: shown,
          className: drawing.name,
          color: [...drawing.color],
          name: '',
        };
  return (
    <div
      className="drawing-surface"
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
        if (tool === 'point') finish([place]);
        else if (tool === 'polygon') {
          const scale = viewSignal.value?.scale ?? 1;
          const [first] = points;
          const isClosing =
            first !== undefined &&
            points.length >= 3 &&
            Math.hypot(place[0] - first[0], place[1] - first[1]) * scale <= closeReach;
          if (isClosing) finish(points);
          else setPoints([...points, place]);
        } else {
          dragging.current = { x: event.clientX, y: event.clientY };
          setPoints([place]);
        }
      }}
      onPointerMove={(event) => {
        if (panning.current !== null) {
          const { x, y } = panning.current;
          currentViewer()?.panByPixels(x - event.clientX, y - event.clientY, true);
          panning.current = { x: event.clientX, y: event.clientY };
          return;
        }
        const place = at(event);
        if (place === null) return;
        if (tool === 'freehand') {
          if (dragging.current !== null) setPoints([...points, place]);
        } else if (dragging.current !== null || (tool === 'polygon' && points.length > 0)) setPointer(place);
      }}
      onPointerUp={(event) => {
        panning.current = null;
        const from = dragging.current;
        dragging.current = null;
        const place = at(event);
        if (from === null || place === null) return;
        if (Math.hypot(event.clientX - from.x, event.clientY - from.y) < leastDrag) {
          setPoints([]);
          setPointer(null);
        } else if (tool === 'freehand') {
          finish(simplified(points, 1 / (viewSignal.value?.scale ?? 1)).map(([x, y]): Point => [x, y]));
        } else finish([...points.slice(0, 1), place]);
      }}
    >
      <svg className="annotation-layer" aria-hidden>
        <g ref={group}>{preview !== null && <Outline annotation={preview} selected isTinted />}</g>
      </svg>
      <div className="drawing-hint" role="status">
        {words.annotations.escapeEnds(hints[tool])}
      </div>
      {preview !== null && tool !== 'point' && <MeasureLabel annotation={preview} />}
    </div>
  );
}
