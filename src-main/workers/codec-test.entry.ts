/** Entry of the utility process that tries the codecs out and is thrown away; its only message is what came out. */
import type { CodecTestResult } from '../core/worker-protocol.ts';
import { codecTest } from './codecs/codec-test.ts';

const result: CodecTestResult = { problem: await codecTest() };
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a process has no origin
process.parentPort.postMessage(result);
// It leaves the process asynchronously: a short wait lets it out.
setTimeout(() => process.exit(0), 50);
