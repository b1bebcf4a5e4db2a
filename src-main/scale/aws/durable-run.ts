/**
 * A run as an AWS Lambda durable function: preprocess, a flat map over chunks, synthesize and store. Each step is a checkpoint; what is
 * larger than one lies in S3. The cloud itself was not part of the tests: they run this code on the SDK's local runner.
 */
import {
  NestingType,
  retryPresets,
  type DurableContext,
  type DurableExecutionHandler,
} from '@aws/durable-execution-sdk-js';
import { GigatileError, isInputError } from '../../contract/errors.ts';
import type { CloudPipeline } from './cloud-pipeline.ts';
import { cloudRunSchema, type CloudResult, type CloudRun } from './cloud-run.ts';

export interface DurableRunOptions {
  /**
   * Name or ARN of the function that analyses a chunk (chunkFunction below), so that chunks run on as many machines as are allowed;
   * without one they are steps of this very function, one after the other.
   */
  chunkFunction?: string | undefined;
}

const usualAtOnce = 50;

/** What is wrong with the order itself is as wrong the next time. */
const retryStrategy: typeof retryPresets.default = (error, attempt) =>
  error instanceof GigatileError && isInputError(error.code)
    ? { shouldRetry: false }
    : retryPresets.default(error, attempt);

export interface ChunkOrder {
  run: CloudRun;
  chunk: number;
}

/** For withDurableExecution. */
export function durableRun(
  pipeline: CloudPipeline,
  { chunkFunction }: DurableRunOptions,
): DurableExecutionHandler<unknown, CloudResult> {
  return async (event: unknown, context: DurableContext): Promise<CloudResult> => {
    const run = cloudRunSchema.parse(event);
    const { chunks, mostAtOnce } = await context.step('preprocess', () => pipeline.preprocess(run), {
      retryStrategy,
    });
    const batch = await context.map(
      'analyze',
      Array.from({ length: chunks }, (_one, chunk) => chunk),
      (item, chunk) =>
        chunkFunction === undefined
          ? item.step('chunk', () => pipeline.analyze(run, chunk), { retryStrategy })
          : item.invoke<ChunkOrder, { done: number; failed: number }>('chunk', chunkFunction, { run, chunk }),
      // A chunk fails only where machines do, after all retries: then there is no result to go on with. Tiles that fail are results.
      {
        maxConcurrency: Math.min(
          run.atOnce ?? (chunkFunction === undefined ? 1 : usualAtOnce),
          mostAtOnce ?? Infinity,
        ),
        completionConfig: { toleratedFailureCount: 0 },
        // One operation a chunk, of the 3,000 that an execution holds.
        nesting: NestingType.FLAT,
      },
    );
    batch.throwIfError();
    return context.step('synthesize and store', () => pipeline.finish(run), { retryStrategy });
  };
}

/** The function that is invoked for each chunk: an ordinary one. */
export const chunkFunction =
  (pipeline: CloudPipeline) =>
  ({ run, chunk }: ChunkOrder): Promise<{ done: number; failed: number }> =>
    pipeline.analyze(cloudRunSchema.parse(run), chunk);
