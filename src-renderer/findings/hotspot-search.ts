/** The search for the densest square in a thread of its own: one at a time, told once it takes a while, and given up with its run. */
import { create } from 'zustand';
import type { Hotspot } from '../../src-main/core/hotspots.ts';
import { useCase } from '../state/case-store.ts';
import type { SquareRequest } from './densest-square.ts';
import { words } from '../words/words.ts';

/** What is found sooner is marked without a word. */
const toldAfterMs = 700;

export const useHotspotSearch = create<{ isTold: boolean }>()(() => ({ isTold: false }));

let underWay: AbortController | null = null;

/**
 * Gives up an earlier search. The request's centres go to the other thread: they are empty afterwards.
 * @returns undefined: it was given up
 * @throws where the thread cannot be started, or fails
 */
export async function searchHotspot(request: SquareRequest): Promise<Hotspot | null | undefined> {
  cancelHotspotSearch();
  const search = new AbortController();
  underWay = search;
  const { runId, caseView } = useCase.getState();
  const leave = useCase.subscribe((now) => {
    if (now.runId !== runId || now.caseView?.id !== caseView?.id) search.abort();
  });
  const timer = setTimeout(() => useHotspotSearch.setState({ isTold: true }), toldAfterMs);
  try {
    return await inItsThread(request, search.signal);
  } finally {
    clearTimeout(timer);
    leave();
    if (underWay === search) {
      underWay = null;
      useHotspotSearch.setState({ isTold: false });
    }
  }
}

export function cancelHotspotSearch(): void {
  underWay?.abort();
}

function inItsThread(request: SquareRequest, signal: AbortSignal): Promise<Hotspot | null | undefined> {
  const worker = new Worker(new URL('./hotspot.worker.ts', import.meta.url), { type: 'module' });
  return new Promise<Hotspot | null | undefined>((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(undefined));
    worker.addEventListener('message', ({ data }: MessageEvent<Hotspot | null>) => resolve(data));
    worker.addEventListener('error', ({ message }) =>
      reject(new Error(message || words.findings.itsThreadDidNotStart)),
    );
    worker.postMessage(request, [request.centres.buffer]);
  }).finally(() => worker.terminate());
}
