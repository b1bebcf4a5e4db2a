/** Holds both viewers and moves one as the other moves; what follows never leads back. */
import type { CaseView } from '../../src-main/contract/api.ts';
import { currentViewer } from '../viewer/current-viewer.ts';
import type { SlideViewer } from '../viewer/slide-viewer.ts';
import { viewSignal } from '../viewer/view-signal.ts';
import { firstLink, follow, linkAt, physicalScale, reversed, type Link } from './linked-view.ts';
import { useSplit } from './split-store.ts';

type Image = CaseView['image'];

/** Ties the second viewer to the first one until the returned function is called. */
export function tieViews(
  second: SlideViewer,
  a: Image,
  b: Image,
): { follow: () => void; moved: () => void; untie: () => void } {
  const first = firstLink(a, b);
  let link: Link = first.link;
  useSplit.setState({ by: first.by });
  const lead = (from: SlideViewer | null, to: SlideViewer | null, how: Link): void => {
    const place = from?.place() ?? null;
    if (place !== null) to?.show(follow(how, place));
  };
  const pull = (): void => {
    const viewer = currentViewer();
    if (useSplit.getState().isLinked && viewer?.isLed === false) lead(viewer, second, link);
  };
  const push = (): void => {
    if (useSplit.getState().isLinked && !second.isLed) lead(second, currentViewer(), reversed(link));
  };
  const stopView = viewSignal.subscribe(pull);
  const stopSplit = useSplit.subscribe(({ isLinked }, before) => {
    if (!isLinked || before.isLinked) return;
    // What one side was moved by while they were apart stays between them; lengths are the same again.
    const [placeA, placeB] = [currentViewer()?.place() ?? null, second.place()];
    if (placeA === null || placeB === null) return;
    link = linkAt(placeA, placeB, physicalScale(a, b) ?? placeA.scale / placeB.scale);
    lead(currentViewer(), second, link);
  });
  return {
    follow: () => lead(currentViewer(), second, link),
    moved: push,
    untie: () => {
      stopView();
      stopSplit();
    },
  };
}
