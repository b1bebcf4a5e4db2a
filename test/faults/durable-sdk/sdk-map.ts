/** The table through the SDK's map, on its local runner. */
import { BatchItemStatus, withDurableExecution, type DurableContext } from '@aws/durable-execution-sdk-js';
import { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing';
import { fatesOf, maxAttempts, policies, resultOf, tryItem, type Outcome, type Row } from './policies.ts';

interface Payload {
  fates: string[];
  row: Row;
}

class Permanent extends Error {
  override readonly name = 'Permanent';
}

const reasons = {
  ALL_COMPLETED: 'all-ended',
  MIN_SUCCESSFUL_REACHED: 'minimum-reached',
  FAILURE_TOLERANCE_EXCEEDED: 'tolerance-exceeded',
} as const;

/** All rows, in their order. */
export async function mapWithSdk(rows: readonly Row[]): Promise<Outcome[]> {
  // The runner's waits are skipped by timers that are not the system's: nothing else may run meanwhile.
  await LocalDurableTestRunner.setupTestEnvironment({ skipTime: true });
  try {
    return await Promise.all(rows.map((row) => mapRow(row)));
  } finally {
    await LocalDurableTestRunner.teardownTestEnvironment();
  }
}

async function mapRow(row: Row): Promise<Outcome> {
  const fates = fatesOf(row);
  const attempts = fates.map(() => 0);
  const handler = async (
    { fates: items, row: { policy, concurrency } }: Payload,
    context: DurableContext,
  ) => {
    const batch = await context.map(
      items,
      (item, fate, index) =>
        item.step(
          'tile',
          () => {
            const before = attempts[index]!++;
            const how = tryItem(fate, before);
            if (how === 'permanent') return Promise.reject(new Permanent('corrupt'));
            if (how === 'transient') return Promise.reject(new Error('busy'));
            return Promise.resolve(resultOf(index));
          },
          {
            retryStrategy: (error, tries) => ({
              shouldRetry: error.message !== 'corrupt' && tries < maxAttempts,
              delay: { seconds: 1 },
            }),
          },
        ),
      { maxConcurrency: concurrency, completionConfig: policies[policy]!.sdk },
    );
    const { completionReason, status } = batch;
    const all = batch.all.map(({ index, status: itemStatus, result }) => ({
      index,
      status: itemStatus,
      result: result ?? null,
    }));
    return { completionReason, status, all };
  };
  const runner = new LocalDurableTestRunner({ handlerFunction: withDurableExecution(handler) });
  const execution = await runner.run({ payload: { fates, row } });
  const told = execution.getResult() as Awaited<ReturnType<typeof handler>>;
  const items = fates.map((): Outcome['items'][number] => 'open');
  const results = fates.map((): number | null => null);
  for (const { index, status, result } of told.all) {
    if (status === BatchItemStatus.SUCCEEDED) items[index] = 'ok';
    else if (status === BatchItemStatus.FAILED) items[index] = 'failed';
    results[index] = result;
  }
  const reason = reasons[told.completionReason as keyof typeof reasons];
  return { reason, items, results, attempts, status: told.status };
}
