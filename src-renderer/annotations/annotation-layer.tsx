/**
 * Annotations over the image, in image coordinates under one transformation, which follows the view in each frame without React. Lines,
 * points and handles keep their size on the screen.
 */
import { memo, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Annotation } from '../../src-main/contract/annotation.ts';
import { useController } from '../app/controller-context.ts';
import type { ViewTransform } from '../overlay/view-transform.ts';
import { selectedAnnotation, useAnnotations } from '../state/annotation-store.ts';
import { useView } from '../state/view-store.ts';
import { currentViewer } from '../viewer/current-viewer.ts';
import { viewSignal } from '../viewer/view-signal.ts';
import { keepAnnotations } from './annotation-actions.ts';
import { handlesOf, withMovedHandle, withoutVertex, type Handle } from './handles.ts';
import { annotationPath } from './path.ts';

/** Image pixels to CSS pixels of the screen, as SVG has it. */
function matrixOf({ originX, originY, scale, width, height, turn }: ViewTransform): string {
  const image = `translate(${originX} ${originY}) scale(${scale})`;
  if (turn === undefined) return image;
  const [left, top] = [(turn.width - width) / 2, (turn.height - height) / 2];
  return [
    `translate(${turn.width / 2} ${turn.height / 2})`,
    `scale(${turn.isFlipped ? -1 : 1} 1)`,
    `rotate(${turn.degrees})`,
    `translate(${-turn.width / 2 + left} ${-turn.height / 2 + top})`,
    image,
  ].join(' ');
}

/** An empty group stays where it is: to move it would have the page laid out in each frame, for nothing. */
function placeGroup(group: SVGGElement | null, view: ViewTransform | null): void {
  if (view !== null && group !== null && group.childElementCount > 0)
    group.setAttribute('transform', matrixOf(view));
}

/** The group whose content lies in image coordinates. */
export function useImageGroup() {
  const group = useRef<SVGGElement>(null);
  useEffect(() => viewSignal.subscribe((view) => placeGroup(group.current, view)), []);
  // What has just come into it has to lie where the view is.
  useLayoutEffect(() => placeGroup(group.current, viewSignal.value));
  return group;
}

export function AnnotationLayer() {
  const items = useAnnotations((state) => state.items);
  const selected = useAnnotations((state) => state.selected);
  const peeking = useView((state) => state.peeking);
  const shown = useView((state) => state.showAnnotations);
  const tool = useView((state) => state.tool);
  const chosen = useAnnotations(selectedAnnotation);
  const group = useImageGroup();
  const [dragged, setDragged] = useState<Annotation | null>(null);
  const byKeys = useAnnotations((state) => state.edited);
  const edited = dragged ?? byKeys;
  if (peeking || !shown) return null;
  return (
    <svg className="annotation-layer" aria-hidden>
      <g ref={group}>
        {items.map((item) => (
          <Outline
            key={item.id}
            annotation={item.id === edited?.id ? edited : item}
            selected={item.id === selected}
          />
        ))}
        {chosen !== null && tool === 'move' && (
          <Handles annotation={edited?.id === chosen.id ? edited : chosen} onEdit={setDragged} />
        )}
      </g>
    </svg>
  );
}

interface OutlineProps {
  annotation: Annotation;
  selected: boolean;
  /** While it is drawn: inside of all others the colours of the image are judged. */
  isTinted?: boolean;
}

/** Thousands of them stay as they are when one is selected or moved. */
export const Outline = memo(function Outline({ annotation, selected, isTinted = false }: OutlineProps) {
  const path = annotationPath(annotation);
  const color = `rgb(${annotation.color.join(' ')})`;
  const isArea = annotation.kind !== 'point' && annotation.kind !== 'ruler';
  return (
    <g className={`annotation annotation-${annotation.kind} ${selected ? 'annotation-selected' : ''}`}>
      {isArea && isTinted && <path d={path} className="annotation-fill" fill={color} fillRule="evenodd" />}
      <path d={path} className="annotation-rim" />
      <path d={path} className="annotation-line" stroke={color} />
    </g>
  );
});

interface HandlesProps {
  annotation: Annotation;
  /** While a handle is moved; null when it is let go. */
  onEdit: (annotation: Annotation | null) => void;
}

function Handles({ annotation, onEdit }: HandlesProps) {
  const controller = useController();
  const moving = useRef<{ handle: Handle; from: Annotation; now: Annotation } | null>(null);
  const end = (): void => {
    const moved = moving.current;
    moving.current = null;
    if (moved === null) return;
    void keepAnnotations(controller, [moved.now]).finally(() => onEdit(null));
  };
  return handlesOf(annotation).map((handle) => (
    <path
      key={`${handle.kind} ${handle.index}`}
      d={`M${handle.x} ${handle.y}h0`}
      className={`annotation-handle annotation-handle-${handle.kind}`}
      onPointerDown={(event) => {
        event.stopPropagation();
        if (event.altKey && handle.kind === 'vertex') {
          const fewer = withoutVertex(annotation, handle.index);
          if (fewer !== null) void keepAnnotations(controller, [fewer]);
          return;
        }
        event.currentTarget.setPointerCapture(event.pointerId);
        moving.current = { handle, from: annotation, now: annotation };
      }}
      onPointerMove={(event) => {
        const place = currentViewer()?.imagePointAt(event.clientX, event.clientY, false);
        if (moving.current === null || place === null || place === undefined) return;
        const now = withMovedHandle(moving.current.from, moving.current.handle, place);
        moving.current.now = now;
        onEdit(now);
      }}
      onPointerUp={end}
      onPointerCancel={end}
    />
  ));
}
