/**
 * Where the view is, frame by frame. Not in a store of React's: only the few parts that show it (scale bar, zoom, place) listen,
 * and they write to the page themselves, so that panning renders nothing else.
 */
import { StateSignal } from '../client/state-signal.ts';
import type { ViewTransform } from '../overlay/view-transform.ts';

export const viewSignal = new StateSignal<ViewTransform | null>(null);
