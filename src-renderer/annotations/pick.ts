/** Which annotation is under a place of the image. */
import { annotationArea, hitAnnotation } from '../../src-main/core/annotation-shapes.ts';
import { useAnnotations } from '../state/annotation-store.ts';
import { useView } from '../state/view-store.ts';

/** An edge before an inside; among insides the smallest. @param slack level-0 pixels */
export function annotationUnder(
  { x, y }: { x: number; y: number },
  slack: number,
): { id: string; at: 'edge' | 'inside' } | null {
  if (!useView.getState().showAnnotations) return null;
  let best: { id: string; at: 'edge' | 'inside'; area: number } | null = null;
  for (const item of useAnnotations.getState().items) {
    const at = hitAnnotation(item, x, y, slack);
    if (at === null) continue;
    if (at === 'edge') return { id: item.id, at };
    const area = annotationArea(item);
    if (best === null || area < best.area) best = { id: item.id, at, area };
  }
  return best === null ? null : { id: best.id, at: best.at };
}
