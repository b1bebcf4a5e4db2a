/** Batches as the screens show them: the list, the one that is open, and the one that is being put together. */
import { create } from 'zustand';
import type { BatchEvent, BatchItem, BatchSummary } from '../../src-main/contract/batch.ts';
import type { PlainError } from '../../src-main/contract/errors.ts';

export interface DraftImage {
  fileId: string;
  name: string;
}

interface BatchStore {
  /** null until it was asked for. */
  list: readonly BatchSummary[] | null;
  /** Names of files that could not be read. */
  damaged: readonly string[];
  listError: PlainError | null;
  open: { batch: BatchSummary; items: readonly BatchItem[] } | null;
  openError: PlainError | null;
  draft: readonly DraftImage[];
  /** The batch whose image is being looked at: the way back. */
  cameFrom: string | null;
}

export const useBatches = create<BatchStore>()(() => ({
  list: null,
  damaged: [],
  listError: null,
  open: null,
  openError: null,
  draft: [],
  cameFrom: null,
}));

/** What changed takes the place of what was. */
export function takeBatchEvent({ batch, items }: BatchEvent): void {
  const { open } = useBatches.getState();
  const known = open?.batch.id === batch.id ? [...open.items] : [];
  for (const item of items) known[item.index] = item;
  useBatches.setState({ open: { batch, items: known }, openError: null });
}

/** Each image once, in the order in which they came. */
export function addToDraft(images: readonly DraftImage[]): number {
  const { draft } = useBatches.getState();
  const known = new Set(draft.map(({ fileId }) => fileId));
  const added = images.filter(({ fileId }) => !known.has(fileId) && known.add(fileId));
  useBatches.setState({ draft: [...draft, ...added] });
  return added.length;
}
