/** All findings of a run as the screens paint them. */
import { encodeFindingFrame } from '../contract/finding-frame.ts';
import type { Verdict } from '../contract/finding.ts';
import type { FindingStore } from '../store/finding-store.ts';

export function verdictCode(verdict: Verdict | null): 0 | 1 | 2 {
  return verdict === 'accepted' ? 1 : verdict === 'rejected' ? 2 : 0;
}

/** @param by only this reviewer's decisions count */
export function findingFrame(findings: FindingStore, run: number, by?: string): Uint8Array {
  const rows = findings.boxes(run, by);
  // One by one: a million rows at once would be a million objects.
  const count = findings.countFrom(run, -Infinity);
  const bytes = encodeFindingFrame(count, (i) => {
    const next = rows.next();
    if (next.done === true) throw new RangeError(`no finding ${i}`);
    return { ...next.value, verdict: verdictCode(next.value.verdict) };
  });
  rows.return?.();
  return bytes;
}
