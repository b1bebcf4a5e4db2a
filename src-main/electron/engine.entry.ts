/** Entry of the engine's utility process. */
import { createEngine } from '../engine/engine.ts';
import { EngineService } from './engine-service.ts';

const { parentPort } = process;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a process has no origin
const service = new EngineService((message) => parentPort.postMessage(message), createEngine);
parentPort.on('message', ({ data, ports }) => void service.onMessage(data, ports));
