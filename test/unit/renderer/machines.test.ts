/** The queue's address from its fields, and what is said of its machines. */
import { describe, expect, it } from 'vitest';
import type { FleetRun, FleetWorker } from '../../../src-main/contract/fleet.ts';
import { queueAddress } from '../../../src-main/scale/queue/address.ts';
import {
  chunkLine,
  headline,
  runTone,
  staleLine,
  workerLine,
} from '../../../src-renderer/machines/fleet-words.ts';
import { queueUrl } from '../../../src-renderer/machines/queue-url.ts';

describe('the address of a queue', () => {
  const fields = { host: 'db.example', database: '', user: '', schema: '', tls: 'verify-full' } as const;
  it.each([
    [fields, 'postgres://db.example/gigatile?sslmode=verify-full'],
    [{ ...fields, tls: '' as const }, 'postgres://db.example/gigatile'],
    [
      { host: ' db:5433 ', database: 'a b', user: 'Anna@lab', schema: 'path', tls: 'no-verify' as const },
      'postgres://Anna%40lab@db:5433/a%20b?sslmode=no-verify&schema=path',
    ],
    [{ ...fields, host: 'postgres://u@h/d?schema=x' }, 'postgres://u@h/d?schema=x'],
  ])('%o', (texts, url) => {
    expect(queueUrl(texts)).toBe(url);
    expect(() => queueAddress(queueUrl(texts))).not.toThrow();
  });
});

const run: FleetRun = {
  id: 'r1',
  image: 'a.svs',
  fingerprint: 'f',
  model: 'm',
  state: 'open',
  priority: 0,
  createdAt: '2026-01-01T00:00:00.000Z',
  chunks: { total: 2000, done: 1000, working: 4, waiting: 995, dead: 1 },
  tiles: { total: 9, done: 3, failed: 0 },
  tilesPerSecond: null,
  etaSeconds: null,
};
const worker: FleetWorker = {
  name: 'w',
  host: 'h',
  startedAt: run.createdAt,
  silentSeconds: 1,
  isAbsent: false,
  state: 'working',
  run: 'r1',
  chunk: 0,
  chunks: 0,
  tiles: 0,
  failed: 0,
  tilesPerSecond: null,
  refused: [],
};

describe('what is said', () => {
  it('of all machines', () => {
    const totals = { runs: 3, open: 2, tilesPerSecond: 41.4 };
    const absent = { ...worker, name: 'gone', isAbsent: true };
    const idle = { ...worker, name: 'idle', state: 'idle' as const };
    expect(headline({ runs: [run], workers: [worker, idle, absent], totals })).toBe(
      '1 of 2 machines at work · 1 not heard of · 2 open runs · 41 tiles/s',
    );
    expect(headline({ runs: [], workers: [], totals: { runs: 0, open: 0, tilesPerSecond: 0 } })).toBe(
      'No machine is there · no open run',
    );
  });

  it('of a run and of a worker', () => {
    expect(chunkLine(run)).toBe('1,000 of 2,000 chunks done, 4 at work, 995 waiting, 1 given up');
    expect(runTone(run)).toBe('bad');
    expect(runTone({ ...run, state: 'paused', chunks: { ...run.chunks, dead: 0 } })).toBe('warn');
    expect(workerLine(worker, [run])).toBe('has chunk 1 of a.svs');
    expect(workerLine({ ...worker, isAbsent: true }, [])).toBe('had chunk 1 of run r1');
    expect(workerLine({ ...worker, state: 'idle', run: null }, [run])).toBe('waits for work');
  });

  it('of a server that is away', () => {
    const event = { queue: 'q', view: null, seenAt: null, problem: null, since: null };
    expect(staleLine(event)).toBeNull();
    const problem = { code: 'queue-unreachable', message: 'away' } as const;
    expect(staleLine({ ...event, problem, since: '2020-01-02T12:00:00.000Z' })).toMatch(
      /^Since .*2020\. Work/,
    );
  });
});
