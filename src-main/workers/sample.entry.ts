/** Worker process that paints and encodes parts of a sample (`gigatile sample`). */
import { runSampleWorker } from './sample/worker.ts';
import { workerPort } from './port.ts';

runSampleWorker(workerPort());
