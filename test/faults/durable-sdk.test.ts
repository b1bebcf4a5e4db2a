/**
 * The engine's map over tiles against the map of AWS Lambda durable functions, run by the unmodified SDK on its local runner: the same
 * items, fates and completion policies. What differs on purpose is named here and in src-main/engine/README.md.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CaseFile } from '../../src-main/store/case-file.ts';
import { mapWithEngine } from './durable-sdk/engine-map.ts';
import {
  fatesOf,
  maxAttempts,
  mixes,
  policies,
  rows,
  type Outcome,
  type Row,
} from './durable-sdk/policies.ts';
import { mapWithSdk } from './durable-sdk/sdk-map.ts';
import { putFigures } from './support/figures.ts';

let folder: string;
let file: CaseFile;
const bySdk = new Map<Row, Outcome>();
const byEngine = new Map<Row, Outcome>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-sdk-'));
  file = CaseFile.open(join(folder, 'a.gigatile'), 'create');
  const outcomes = await mapWithSdk(rows);
  for (const [index, row] of rows.entries()) bySdk.set(row, outcomes[index]!);
  for (const row of rows) byEngine.set(row, await mapWithEngine(file, row));
});

afterAll(() => {
  file.close();
  rmSync(folder, { recursive: true, force: true });
});

const named = (row: Row): [string, Row] => [`${row.mix}; ${row.policy}; ${row.concurrency} at once`, row];
const countOf = ({ items }: Outcome, what: Outcome['items'][number]): number =>
  items.filter((item) => item === what).length;
const hasEnded = (outcome: Outcome): boolean => countOf(outcome, 'open') === 0;

/**
 * A tile that waits for its next try holds no worker here, and another goes on in its place; there the item keeps its place. And neighbours
 * go to the same worker here, while there items begin in the order of their index. So where a run ends early, what it has done by then
 * may differ, unless one item goes after the other.
 */
const mayDiffer = (row: Row): boolean => row.concurrency > 1 || fatesOf(row).some((fate) => /\d/.test(fate));

describe.each(rows.map(named))('%s', (_name, row) => {
  it('ends for the same reason', () => {
    expect(byEngine.get(row)!.reason).toBe(bySdk.get(row)!.reason);
  });

  it('with the same results, failures and attempts of each item', () => {
    const [engine, sdk] = [byEngine.get(row)!, bySdk.get(row)!];
    expect(hasEnded(engine)).toBe(hasEnded(sdk));
    if (hasEnded(sdk) || !mayDiffer(row)) {
      expect(engine.items).toEqual(sdk.items);
      expect(engine.results).toEqual(sdk.results);
      expect(engine.attempts).toEqual(sdk.attempts);
      return;
    }
    for (const [item, ended] of engine.items.entries()) {
      const other = sdk.items[item];
      if (ended === 'open' || other === 'open') continue;
      expect(ended).toBe(other);
      expect(engine.results[item]).toBe(sdk.results[item]);
      expect(engine.attempts[item]).toBe(sdk.attempts[item]);
    }
    // Outcomes that come in the same moment count together: as the SDK says of itself, a few more than was asked for.
    const decisive = engine.reason === 'minimum-reached' ? 'ok' : 'failed';
    const most = countOf(sdk, decisive) + row.concurrency - 1;
    expect(countOf(engine, decisive)).toBeGreaterThanOrEqual(countOf(sdk, decisive));
    expect(countOf(engine, decisive)).toBeLessThanOrEqual(most);
  });

  it('and is called what it is', () => {
    const [{ status }, sdk] = [byEngine.get(row)!, bySdk.get(row)!];
    // There a tolerated failure fails the whole; here it is a gap. There a whole that ended early without one has succeeded.
    if (status === 'complete') expect(sdk.status).toBe('SUCCEEDED');
    if (status === 'failed') expect(sdk.status).toBe('FAILED');
    if (status === 'complete-with-gaps')
      expect(sdk.status).toBe(countOf(sdk, 'failed') > 0 ? 'FAILED' : 'SUCCEEDED');
  });
});

it('the table holds every reason, and attempts that were used up', () => {
  const outcomes = [...byEngine.values()];
  expect(new Set(outcomes.map(({ reason }) => reason)).size).toBe(3);
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(
    new Set(['complete', 'complete-with-gaps', 'failed']),
  );
  expect(Math.max(...outcomes.flatMap(({ attempts }) => attempts))).toBe(maxAttempts);
  putFigures('durable-sdk', {
    'policies, mixes of failures and concurrencies': rows.length,
    'that ended for the same reason in the SDK': rows.filter(
      (row) => byEngine.get(row)!.reason === bySdk.get(row)!.reason,
    ).length,
  });
  expect(bySdk.size).toBe(Object.keys(mixes).length * Object.keys(policies).length * 2);
});
