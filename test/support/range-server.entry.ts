/** The server in a thread of its own: a reader that sleeps until its bytes are there must not put its server to sleep. */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { RangeServer } from './range-server.ts';
import type { Misbehaviour } from './range-server.ts';

export interface Rule extends Misbehaviour {
  /** Requests from this one on (since the last reset), 0-based. */
  from?: number;
  /** How many of them; left out: all. */
  count?: number;
}

/** Paths of files by the path that they are served at. */
const files = workerData as Record<string, string>;
const server = await RangeServer.start(
  Object.fromEntries(Object.entries(files).map(([at, path]) => [at, readFileSync(path)])),
);

parentPort?.on('message', (message: { rules?: Rule[] }) => {
  const asked = server.asked.splice(0);
  const rules = message.rules;
  if (rules) {
    server.misbehave = ({ index }) =>
      rules.find(({ from = 0, count = Infinity }) => index >= from && index < from + count) ?? {};
  } else {
    // Only looked at: what was asked stays.
    server.asked.push(...asked);
  }
  parentPort?.postMessage({ asked, origin: server.origin }, []);
});
parentPort?.postMessage({ asked: [], origin: server.origin }, []);
