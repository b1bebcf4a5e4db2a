/** The connection of a worker, which may be started before its server: by a machine that comes up after a power cut, for instance. */
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
    await rest(waitMs, stopped);
    if (stopped.aborted) return null;
  }
}

/** Or until it is stopped. */
function rest(ms: number, stopped: AbortSignal): Promise<void> {
  if (stopped.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stopped.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stopped.addEventListener('abort', done);
  });
}
