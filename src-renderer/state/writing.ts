/** Files that the engine writes for this window: what is under way is told, and can be given up. */
import { create } from 'zustand';
import { words } from '../words/words.ts';
import { useApp } from './app-store.ts';

/** What is written sooner is told when it is done. */
const toldAfterMs = 700;

interface Writing {
  label: string;
  abort: AbortController;
}

export const useWriting = create<{ items: readonly Writing[] }>()(() => ({ items: [] }));

/** Tells of it for as long as it lasts. null: it was given up. @throws what `write` throws */
export async function whileWriting<T>(
  label: string,
  write: (signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const item = { label, abort: new AbortController() };
  const timer = setTimeout(
    () => useWriting.setState(({ items }) => ({ items: [...items, item] })),
    toldAfterMs,
  );
  try {
    return await write(item.abort.signal);
  } catch (error) {
    if (!item.abort.signal.aborted) throw error;
    useApp.getState().notify({ tone: 'info', title: words.state.wasNotWritten(label) });
    return null;
  } finally {
    clearTimeout(timer);
    useWriting.setState(({ items }) => ({ items: items.filter((other) => other !== item) }));
  }
}

export function cancelWriting(): void {
  for (const { abort } of useWriting.getState().items) abort.abort();
}
