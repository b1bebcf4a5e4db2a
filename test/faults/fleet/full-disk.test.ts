/** The disk of the queue's server is full in the middle of a run: everybody waits, says what for and since when, and goes on. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isLong, putFigures } from '../support/figures.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { ended, FleetUnderTest, isGone, until } from './fleet.ts';

const chunk = 16;
const slowMs = 100;

// Half a minute for two processors: only in the long form.
it.runIf(isLong)('waits for room, says so, and loses nothing', { timeout: 0 }, async ({ skip }) => {
  const place = mkdtempSync(join(tmpdir(), 'gigatile-full-'));
  // The server is another user's.
  chmodSync(place, 0o755);
  const disk = mountSmallDisk(join(place, 'disk'), '220m');
  skip(disk.why !== null, disk.why ?? '');
  // The log takes its share at once, so that it is not what lacks room.
  const settings = ['min_wal_size=64MB', 'max_wal_size=64MB', 'autovacuum=off'];
  const fleet = await FleetUnderTest.create({ parent: disk.path, settings });
  try {
    const queue = await fleet.queue('crowded');
    const worker = queue.worker('one', slowMs);
    const desktop = queue.desktop(chunk);
    await until('some chunks are done', async () => (await queue.done()) >= 3, worker, desktop);
    const ballast = join(disk.path, 'ballast');
    // Until nothing goes in any more: the server takes and gives back pages meanwhile.
    const fill = (): void => {
      try {
        for (;;) writeFileSync(ballast, Buffer.alloc(65_536), { flag: 'a' });
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      }
    };
    fill();
    const filledAt = Date.now();
    await until(
      'the worker says what it waits for',
      async () => {
        fill();
        return Promise.resolve(/disk of the queue’s server is full.*Waiting for it/.test(worker.said()));
      },
      worker,
      desktop,
    );
    await until(
      'the run says what it waits for, and since when',
      () => Promise.resolve(/disk of the queue’s server is full \(waiting since/.test(desktop.said())),
      worker,
      desktop,
    );
    const told = Date.now();
    await sleep(3000);
    expect([isGone(worker), isGone(desktop)], `${worker.said()}\n${desktop.said()}`).toEqual([false, false]);
    const before = await queue.done();
    rmSync(ballast);
    // A server that gave up altogether is started again by whoever looks after it; this one does nothing where it runs.
    await fleet.postgres.start();
    expect(await ended(desktop), `${desktop.said()}\n${worker.said()}`).toBe(0);
    expect(await queue.faults(), worker.said()).toEqual([]);
    expect(worker.said()).toMatch(/The queue is there again, after/);
    putFigures('fleet-disk', {
      'disk of the server full in the middle of a run': `with ${before} chunks done; worker and run said so within ${Math.round((told - filledAt) / 1000)} s, went on when there was room; nothing lost or doubled`,
    });
  } finally {
    await fleet.remove();
    disk.unmount();
    rmSync(place, { recursive: true });
  }
});
