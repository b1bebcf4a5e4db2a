/** The size of what is being drawn, at the image's edge. */
import type { Annotation } from '../../src-main/contract/annotation.ts';
import { useCase } from '../state/case-store.ts';
import { useLonLat } from '../viewer/projection.ts';
import { measureWords } from './measure.ts';

const nowhere = { geo: null, id: '' };

export function MeasureLabel({ annotation }: { annotation: Annotation }) {
  const image = useCase((state) => state.caseView?.image ?? null);
  const lonLat = useLonLat(image ?? nowhere);
  if (image === null) return null;
  return <output className="drawing-measure numeric">{measureWords(annotation, image, lonLat)}</output>;
}
