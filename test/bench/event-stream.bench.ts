/**
 * What a screen costs the engine while a run goes on: `node test/bench/event-stream.bench.ts [seconds] [edge in tiles]`.
 *
 * The engine's own event stream, tile states and contract over a MessagePort, as in the desktop window; the screen asks for what a
 * screen asks for (state/run-follower.ts), in a thread of its own. Tiles are told as committed at 2,000 a second, in the groups that the
 * group commit makes; no workers and no commits, so that nothing but the telling is measured.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, MessageChannel, parentPort, Worker, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { RPCHandler } from '@orpc/server/message-port';
import type { Contract } from '../../src-main/contract/api.ts';
import { bytePaths } from '../../src-main/contract/bytes.ts';
import { decodeTileFrame } from '../../src-main/contract/tile-frame.ts';
import { serveBytes } from '../../src-main/electron/bytes-port.ts';
import { RunConductor } from '../../src-main/engine/run-conductor.ts';
import { createRouter } from '../../src-main/engine/router.ts';
import type { RouterParts } from '../../src-main/engine/router.ts';
import { runIdOf } from '../../src-main/engine/run-id.ts';
import type { TileChange } from '../../src-main/store/tile-store.ts';
import { beginMillion, resultOf } from './million-case.ts';
import { record } from './results.ts';

const seconds = Number(process.argv[2] ?? 10);
const edge = Number(process.argv[3] ?? 1000);
const tilesPerSecond = 2000;
/** Of the group commit. */
const groupMs = 100;

interface Seen {
  events: number;
  frames: number;
  tiles: number;
}

/** The screen. */
async function screen(): Promise<void> {
  const { rpc, bytes, runId } = workerData as { rpc: MessagePort; bytes: MessagePort; runId: string };
  const api: ContractRouterClient<Contract> = createORPCClient(new RPCLink({ port: rpc }));
  rpc.start();
  let answered: (body: Uint8Array) => void = () => undefined;
  bytes.on('message', ({ body }: { body: Uint8Array }) => answered(body));
  const seen: Seen = { events: 0, frames: 0, tiles: 0 };
  let since = 0;
  const fetchTiles = async (): Promise<void> => {
    const answer = new Promise<Uint8Array>((resolve) => (answered = resolve));
    bytes.postMessage({ id: ++seen.frames, path: bytePaths.tileStates('case', runId, since) }, []);
    const frame = decodeTileFrame(await answer);
    // The first one is the whole picture.
    if (since > 0) seen.tiles += frame.recordCount;
    since = frame.revision;
  };
  await fetchTiles();
  const stop = new AbortController();
  parentPort?.once('message', () => stop.abort());
  parentPort?.postMessage('ready', []);
  try {
    for await (const event of await api.runs.watch({ caseId: 'case', runId }, { signal: stop.signal })) {
      seen.events++;
      if (event.revision !== since) await fetchTiles();
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
  parentPort?.postMessage(seen, []);
  rpc.close();
  bytes.close();
}

/** A tenth of a second of a run: its first half granted the group before. */
function group(from: number, size: number): TileChange[] {
  const changes: TileChange[] = [];
  for (let tile = from; tile < from + size; tile++) {
    changes.push({ kind: 'grant', tile: tile + size, epoch: 1 });
    changes.push({ kind: 'done', epoch: 1, result: resultOf(tile) });
  }
  return changes;
}

/** Processor time of this thread, ms. */
const used = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

async function bench(): Promise<void> {
  const load = loadavg()[0] ?? 0;
  const folder = mkdtempSync(join(tmpdir(), 'gigatile-stream-'));
  const { file, run } = beginMillion(join(folder, 'a.gigatile'), edge);
  try {
    const conductor = new RunConductor({ caseId: 'case', caseFile: file, no: run } as never);
    const visible = conductor.visibleTiles();
    const cases = { get: () => ({ file, conductor: () => conductor }) };
    const router = createRouter({
      options: { dataDir: folder, modelsDir: folder },
      cases,
    } as unknown as RouterParts);
    const [rpc, bytes] = [new MessageChannel(), new MessageChannel()];
    new RPCHandler(router).upgrade(rpc.port1, { context: {} });
    rpc.port1.start();
    serveBytes(
      {
        postMessage: (message: unknown) => bytes.port1.postMessage(message),
        start: () => undefined,
        on: (event: 'message' | 'close', listener: (event: { data: unknown }) => void) =>
          bytes.port1.on(event, (data: unknown) => listener({ data })),
      },
      (path) => {
        const since = Number(new URL(path, 'http://engine').searchParams.get('since'));
        return Promise.resolve({ status: 200, type: 'application/octet-stream', body: visible.frame(since) });
      },
    );
    const size = Math.round((tilesPerSecond * groupMs) / 1000);
    let next = 0;
    /** @returns share of a core that this thread used */
    const measure = async (): Promise<number> => {
      const [from, at] = [used(), performance.now()];
      for (let i = 0; i < seconds * (1000 / groupMs); i++) {
        visible.committed(group(next, size));
        next += size;
        conductor.watchable.changed();
        const due = at + (i + 1) * groupMs;
        await sleep(Math.max(0, due - performance.now()));
      }
      return (used() - from) / (performance.now() - at);
    };
    await measure();
    const alone = await measure();
    const worker = new Worker(import.meta.filename, {
      workerData: { rpc: rpc.port2, bytes: bytes.port2, runId: runIdOf(run) },
      transferList: [rpc.port2, bytes.port2],
    });
    await once(worker, 'message');
    // A run takes minutes: the first seconds are those of code that is not compiled yet.
    await measure();
    const watched = await measure();
    worker.postMessage('stop', []);
    const [seen] = (await once(worker, 'message')) as [Seen];
    const share = (watched - alone) * 100;
    const watchedSeconds = 2 * seconds;
    const rate = seen.events / watchedSeconds;
    const n = (value: number): string => Math.round(value).toLocaleString('en');
    await record(
      'event-stream',
      [
        {
          what: `A screen that watches a run of ${n(edge ** 2)} tiles, ${n(tilesPerSecond)} tiles/s`,
          ours: `${share.toFixed(2)} % of a core of the engine, ${(seen.frames / watchedSeconds).toFixed(1)} requests of tile states a second`,
          against: 'the design',
          result: `${share.toFixed(2)} %`,
          target: 'at most 1 %',
          reached: share <= 1,
        },
        {
          what: 'Events that it gets',
          ours: `${rate.toFixed(1)} a second, ${n(seen.tiles / seen.events)} changed tiles each`,
          against: 'the design',
          result: `${rate.toFixed(1)} Hz`,
          target: 'at most 20 Hz',
          reached: rate <= 20,
        },
      ],
      { seconds, alone, watched, seen },
      load,
    );
  } finally {
    file.close();
    rmSync(folder, { recursive: true, force: true });
  }
  process.exit();
}

await (isMainThread ? bench() : screen());
