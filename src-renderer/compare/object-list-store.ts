/** The objects of a comparison, fetched by pages as far as somebody scrolls. */
import { create } from 'zustand';
import type { ComparedFinding, ComparisonGroup } from '../../src-main/contract/compare.ts';
import type { PlainError } from '../../src-main/contract/errors.ts';
import type { Connection } from '../client/connection.ts';
import { plainErrorOf } from '../client/plain-error.ts';
import { useView } from '../state/view-store.ts';
import type { ObjectSort } from './compare-store.ts';

const pageSize = 100;

export interface ObjectQuery {
  caseId: string;
  comparisonId: string;
  groups: readonly ComparisonGroup[];
  className: string | null;
  sort: ObjectSort;
}

export function objectRequest({ caseId, comparisonId, groups, className, sort }: ObjectQuery) {
  return {
    caseId,
    comparisonId,
    groups: [...groups],
    sort,
    ...(className !== null && { className }),
  };
}

interface ObjectListState {
  query: ObjectQuery | null;
  /** null until the first page is there. */
  total: number | null;
  pages: ReadonlyMap<number, readonly ComparedFinding[]>;
  error: PlainError | null;
}

const empty: ObjectListState = { query: null, total: null, pages: new Map(), error: null };
export const useObjectList = create<ObjectListState>()(() => empty);

const requested = new Set<number>();
let ended = new AbortController();

/** Starts another list; null leaves it empty. */
export function startObjects(connection: Connection, query: ObjectQuery | null): void {
  ended.abort();
  ended = new AbortController();
  requested.clear();
  useObjectList.setState({ ...empty, query });
  if (query !== null) void loadPage(connection, 0);
}

export function objectAt(position: number): ComparedFinding | null {
  return useObjectList.getState().pages.get(Math.floor(position / pageSize))?.[position % pageSize] ?? null;
}

/** Loads the page that holds a position, unless it is there or on its way. */
export function wantObject(connection: Connection, position: number): void {
  const page = Math.floor(position / pageSize);
  if (!requested.has(page)) void loadPage(connection, page);
}

/** The object at a position, loaded where it has to be; null where there is none. */
export async function objectAtLoaded(
  connection: Connection,
  position: number,
): Promise<ComparedFinding | null> {
  const { total } = useObjectList.getState();
  if (position < 0 || (total !== null && position >= total)) return null;
  const known = objectAt(position);
  if (known !== null) return known;
  await loadPage(connection, Math.floor(position / pageSize));
  return objectAt(position);
}

async function loadPage(connection: Connection, page: number): Promise<void> {
  const { query } = useObjectList.getState();
  if (query === null) return;
  const { signal } = ended;
  requested.add(page);
  try {
    const answer = await connection.api.comparisons.page(
      { ...objectRequest(query), offset: page * pageSize, limit: pageSize },
      { signal },
    );
    if (signal.aborted) return;
    useObjectList.setState((state) => ({
      total: answer.total,
      pages: new Map(state.pages).set(page, answer.items),
      error: null,
    }));
  } catch (error) {
    if (signal.aborted) return;
    requested.delete(page);
    useObjectList.setState({ error: plainErrorOf(error) });
  }
}

// What is decided of the selected finding shows in the list too.
useView.subscribe(({ selectedFinding }, before) => {
  if (selectedFinding === null || selectedFinding === before.selectedFinding) return;
  const { finding } = selectedFinding;
  useObjectList.setState(({ pages }) => {
    for (const [number, page] of pages) {
      const at = page.findIndex(({ a }) => a?.id === finding.id);
      const item = page[at];
      if (item !== undefined)
        return { pages: new Map(pages).set(number, page.with(at, { ...item, a: finding })) };
    }
    return {};
  });
});
