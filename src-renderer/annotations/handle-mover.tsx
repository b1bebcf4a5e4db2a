/** Changes a drawing without a pointer: one of its handles is chosen, and the arrow keys move it. */
import { Move } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Annotation } from '../../src-main/contract/annotation.ts';
import { useController } from '../app/controller-context.ts';
import { useAnnotations } from '../state/annotation-store.ts';
import { Button } from '../ui/button.tsx';
import { viewSignal } from '../viewer/view-signal.ts';
import { keepAnnotations } from './annotation-actions.ts';
import { handlesOf, withMovedHandle, withoutVertex, type Handle } from './handles.ts';
import { moveOf } from './handle-keys.ts';
import { words } from '../words/words.ts';

/** A change is stored when the keys have rested so long. */
const settleMs = 500;

const kinds: Record<Handle['kind'], string> = {
  corner: 'corner',
  vertex: 'corner',
  between: words.annotations.middleOfASide,
  whole: words.annotations.theWhole,
};

export function HandleMover({ annotation }: { annotation: Annotation }) {
  const controller = useController();
  const [chosen, setChosen] = useState(0);
  const [edited, setEdited] = useState<Annotation | null>(null);
  const unsaved = useRef<Annotation | null>(null);
  const shape = edited ?? annotation;
  const handles = handlesOf(shape);
  const at = Math.min(chosen, handles.length - 1);
  const handle = handles[at];

  useEffect(() => {
    useAnnotations.setState({ edited });
    if (edited === null) return undefined;
    unsaved.current = edited;
    const save = (): void => {
      const now = unsaved.current;
      unsaved.current = null;
      if (now === null) return;
      // Unless the keys have gone on meanwhile.
      const settle = (): void => setEdited((newest) => (newest === now ? null : newest));
      void keepAnnotations(controller, [now]).finally(settle);
    };
    const timer = setTimeout(save, settleMs);
    return () => clearTimeout(timer);
  }, [edited, controller]);
  // What was not stored when another one is selected is stored then.
  useEffect(
    () => () => {
      useAnnotations.setState({ edited: null });
      if (unsaved.current !== null) void keepAnnotations(controller, [unsaved.current]);
    },
    [controller],
  );

  if (handle === undefined) return null;
  return (
    <Button
      size="small"
      aria-keyshortcuts="ArrowLeft ArrowRight ArrowUp ArrowDown PageUp PageDown Delete"
      onKeyDown={(event) => {
        const move = moveOf(event);
        if (move === null) return;
        event.preventDefault();
        if (move.kind === 'choose') setChosen((at + move.step + handles.length) % handles.length);
        else if (move.kind === 'remove') {
          const fewer = handle.kind === 'vertex' ? withoutVertex(shape, handle.index) : null;
          if (fewer !== null) setEdited(fewer);
        } else {
          const pixel = 1 / (viewSignal.value?.scale ?? 1);
          const to = { x: handle.x + move.x * pixel, y: handle.y + move.y * pixel };
          setEdited(withMovedHandle(shape, handle, to));
          // The middle of a side became a corner of its own, which goes on moving.
          if (handle.kind === 'between') setChosen(handle.index + 1);
        }
      }}
    >
      <Move aria-hidden />
      <span aria-live="polite">{words.annotations.moveOf(kinds[handle.kind], at + 1, handles.length)}</span>
    </Button>
  );
}
