/**
 * What a Lambda function of the example template loads (scale/aws/template.yaml): `handler` is the durable one, `chunk` the one that it
 * invokes. The bucket and the name of the chunk function come from the environment.
 */
import { S3Client } from '@aws-sdk/client-s3';
import { withDurableExecution } from '@aws/durable-execution-sdk-js';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { GigatileError } from '../../contract/errors.ts';
import { ChildWorkerHost } from '../../engine/child-worker-host.ts';
import { CloudPipeline } from './cloud-pipeline.ts';
import { chunkFunction, durableRun } from './durable-run.ts';
import { S3Store } from './object-store.ts';

function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new GigatileError('usage', `The function’s environment lacks ${name}`);
  }
  return value;
}

const root = resolve(import.meta.dirname, '../../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const pipeline = new CloudPipeline({
  store: new S3Store(new S3Client({}), fromEnvironment('GIGATILE_BUCKET')),
  host: new ChildWorkerHost(),
  modelsDir: join(root, 'models'),
  version,
});

export const handler = withDurableExecution(
  durableRun(pipeline, { chunkFunction: process.env['GIGATILE_CHUNK_FUNCTION'] }),
);
export const chunk = chunkFunction(pipeline);
