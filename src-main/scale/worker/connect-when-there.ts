/** The connection of a worker, which may be started before its server: by a machine that comes up after a power cut, for instance. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueAddress } from '../queue/address.ts';
import { connectQueue, type QueueConnection } from '../queue/connection.ts';
import { isUnreachable } from '../queue/queue-errors.ts';
import { waitMs } from './fleet-worker.ts';
import { ServerWatch } from './server-watch.ts';

/**
 * @returns null where it was stopped before
 * @throws {GigatileError} queue-refused: waiting mends no wrong password
 */
export async function connectWhenThere(
  address: QueueAddress,
  name: string,
  say: (text: string) => void,
  stopped: AbortSignal,
): Promise<QueueConnection | null> {
  const server = new ServerWatch(say);
  // That the server is away is said once, by the loop that waits for it.
  const onError = (error: Error): void => {
    if (!isUnreachable(error)) say(error.message);
  };
  for (;;) {
    try {
      const connection = await connectQueue(address, `worker ${name}`, true, onError);
      server.there();
      return connection;
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      server.away(error);
    }
    if (stopped.aborted) return null;
    // Its end is seen above: not an error.
    await sleep(waitMs, undefined, { signal: stopped }).catch(() => undefined);
    if (stopped.aborted) return null;
  }
}
