/** A thread of run-seeds.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { runSeeds, type SeedRange } from './run-seeds.ts';

parentPort?.postMessage(await runSeeds(workerData as SeedRange), []);
