/** The size of what is being drawn, at the image's edge. */
import type { Annotation } from '../../src-main/contract/annotation.ts';
import { useCase } from '../state/case-store.ts';
import { useLonLat } from '../viewer/projection.ts';
import { measureWords } from './measure.ts';

const nowhere = { geo: null, id: '' };

interface MeasureLabelProps {
  annotation: Annotation;
  /** Screen readers are told the size at the end, not each frame in which the view moves. */
  isQuiet: boolean;
}

export function MeasureLabel({ annotation, isQuiet }: MeasureLabelProps) {
  const image = useCase((state) => state.caseView?.image ?? null);
  const lonLat = useLonLat(image ?? nowhere);
  if (image === null) return null;
  return (
    <output className="drawing-measure numeric" aria-live={isQuiet ? 'off' : 'polite'}>
      {measureWords(annotation, image, lonLat)}
    </output>
  );
}
