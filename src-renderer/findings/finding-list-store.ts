/** The list of findings, fetched by pages as far as somebody scrolls. */
import { create } from 'zustand';
import type { PlainError } from '../../src-main/contract/errors.ts';
import type { FindingView } from '../../src-main/contract/finding.ts';
import type { Connection } from '../client/connection.ts';
import { plainErrorOf } from '../client/plain-error.ts';
import type { ListChoice, VerdictFilter } from '../state/view-store.ts';

export const pageSize = 100;

/** Which list this is: any change of it is another list. */
export interface ListQuery {
  caseId: string;
  runId: string;
  threshold: number;
  verdict: VerdictFilter;
  list: ListChoice;
  /** Only this reviewer's decisions count; null: everybody's. */
  by: string | null;
}

/** As the engine wants it. */
export function listRequest({ caseId, runId, threshold, verdict, list, by }: ListQuery) {
  return {
    caseId,
    runId,
    threshold,
    verdict,
    sort: list.sort,
    reverse: list.reverse,
    ...(list.classes !== null && { classes: [...list.classes] }),
    ...(list.highest < 1 && { highest: list.highest }),
    ...(list.reviewer !== null && { reviewer: list.reviewer }),
    ...(by !== null && { by }),
  };
}

export function isSameList(a: ListQuery, b: ListQuery): boolean {
  return JSON.stringify(listRequest(a)) === JSON.stringify(listRequest(b));
}

interface FindingListState {
  query: ListQuery | null;
  /** null until the first page is there. */
  total: number | null;
  pages: ReadonlyMap<number, readonly FindingView[]>;
  error: PlainError | null;
}

export const useFindingList = create<FindingListState>()(() => ({
  query: null,
  total: null,
  pages: new Map<number, readonly FindingView[]>(),
  error: null,
}));

const requested = new Set<number>();
let listEnded = new AbortController();

/** Starts another list; null leaves it empty. */
export function startList(connection: Connection, query: ListQuery | null): void {
  listEnded.abort();
  listEnded = new AbortController();
  requested.clear();
  useFindingList.setState({ query, total: null, pages: new Map(), error: null });
  if (query !== null) void loadPage(connection, 0);
}

/** Where the person is in the list: of a list that is renewed, these are asked for first. */
let shown: { from: number; to: number } = { from: 0, to: 0 };

export function noteShown(from: number, to: number): void {
  shown = { from, to };
}

/** The same list after findings have come or gone: what is shown stays until its successor is there. */
export async function renewList(connection: Connection): Promise<void> {
  const { query } = useFindingList.getState();
  if (query === null) return;
  listEnded.abort();
  listEnded = new AbortController();
  const signal = listEnded.signal;
  requested.clear();
  const first = Math.floor(shown.from / pageSize);
  const numbers = Array.from({ length: Math.floor(shown.to / pageSize) - first + 1 }, (_, i) => first + i);
  for (const number of numbers) requested.add(number);
  try {
    const answers = await Promise.all(numbers.map((number) => askFor(connection, query, number, signal)));
    if (signal.aborted) return;
    useFindingList.setState({
      total: answers[0]?.total ?? 0,
      pages: new Map(numbers.map((number, i) => [number, answers[i]?.findings ?? []])),
      error: null,
    });
  } catch (error) {
    if (signal.aborted) return;
    requested.clear();
    useFindingList.setState({ error: plainErrorOf(error) });
  }
}

export function findingAt(position: number): FindingView | null {
  const { pages } = useFindingList.getState();
  return pages.get(Math.floor(position / pageSize))?.[position % pageSize] ?? null;
}

/** Where a finding stands in the pages that are loaded; null where it is in none of them. */
export function placeOf(id: string): { finding: FindingView; position: number } | null {
  for (const [number, page] of useFindingList.getState().pages) {
    const at = page.findIndex((finding) => finding.id === id);
    const finding = page[at];
    if (finding !== undefined) return { finding, position: number * pageSize + at };
  }
  return null;
}

/** Loads the page that holds a position, unless it is there or on its way. */
export function wantPosition(connection: Connection, position: number): void {
  const page = Math.floor(position / pageSize);
  if (!requested.has(page)) void loadPage(connection, page);
}

/** The finding at a position, loaded where it has to be; null where there is none. */
export async function findingAtLoaded(connection: Connection, position: number): Promise<FindingView | null> {
  const { total } = useFindingList.getState();
  if (position < 0 || (total !== null && position >= total)) return null;
  const known = findingAt(position);
  if (known !== null) return known;
  for (;;) {
    const signal = listEnded.signal;
    await loadPage(connection, Math.floor(position / pageSize));
    const finding = findingAt(position);
    // Of a list that was renewed meanwhile nothing was taken.
    if (finding !== null || !signal.aborted) return finding;
  }
}

/** Puts a finding's new picture into the list where it stands. It stays there, even where the filter would drop it now. */
export function replaceInList(finding: FindingView): void {
  useFindingList.setState((state) => {
    for (const [number, page] of state.pages) {
      const at = page.findIndex((other) => other.id === finding.id);
      if (at < 0) continue;
      return { pages: new Map(state.pages).set(number, page.with(at, finding)) };
    }
    return {};
  });
}

function askFor(connection: Connection, query: ListQuery, page: number, signal: AbortSignal) {
  return connection.api.findings.page(
    { ...listRequest(query), offset: page * pageSize, limit: pageSize },
    { signal },
  );
}

async function loadPage(connection: Connection, page: number): Promise<void> {
  const { query } = useFindingList.getState();
  if (query === null) return;
  const signal = listEnded.signal;
  requested.add(page);
  try {
    const answer = await askFor(connection, query, page, signal);
    if (signal.aborted) return;
    useFindingList.setState((state) => ({
      total: answer.total,
      pages: new Map(state.pages).set(page, answer.findings),
      error: null,
    }));
  } catch (error) {
    if (signal.aborted) return;
    requested.delete(page);
    useFindingList.setState({ error: plainErrorOf(error) });
  }
}
