/** Entry of the engine's utility process. */
import { createEngine } from '../engine/engine.ts';
import type { Engine, EngineOptions } from '../engine/shell.ts';
import { fleetConnector } from '../scale/fleet-connector.ts';
import { EngineService } from './engine-service.ts';

async function create(options: EngineOptions): Promise<Engine> {
  const connectFleet = fleetConnector({ software: options.version });
  const queue = process.env['GIGATILE_QUEUE'];
  return createEngine({
    ...options,
    connectFleet,
    ...(queue !== undefined && queue !== '' && { fleet: await connectFleet(queue) }),
  });
}

const { parentPort } = process;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a process has no origin
const service = new EngineService((message) => parentPort.postMessage(message), create);
parentPort.on('message', ({ data, ports }) => void service.onMessage(data, ports));
