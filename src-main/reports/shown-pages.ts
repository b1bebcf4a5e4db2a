/** The findings that count, at or above the threshold, some at a time: what has a line a finding is written from these. */
import type { FindingView } from '../contract/finding.ts';
import type { ReportData } from './report-data.ts';
import { Turn } from './turn.ts';

/** So many findings a turn: a promise for each would cost more than writing it. */
const pageSize = 64;

/** @throws the signal's reason */
export async function* shownPages(data: ReportData, signal?: AbortSignal): AsyncGenerator<FindingView[]> {
  const findings = data.findings();
  if (Symbol.iterator in findings) {
    const turn = new Turn();
    for (const page of pagesOf(shown(findings, data.threshold))) {
      yield page;
      if (turn.isOver) await turn.giveWay();
      signal?.throwIfAborted();
    }
    return;
  }
  let page: FindingView[] = [];
  for await (const finding of findings) {
    if (finding.score >= data.threshold) page.push(finding);
    if (page.length < pageSize) continue;
    yield page;
    signal?.throwIfAborted();
    page = [];
  }
  if (page.length > 0) yield page;
}

function* shown(findings: Iterable<FindingView>, threshold: number): Generator<FindingView> {
  for (const finding of findings) if (finding.score >= threshold) yield finding;
}

export function* pagesOf<T>(all: Iterable<T>): Generator<T[]> {
  let page: T[] = [];
  for (const each of all) {
    page.push(each);
    if (page.length < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
