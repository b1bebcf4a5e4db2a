/** Room on the disk, by figures and by a clock of the test's own: what runs will take, and runs that wait for it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import {
  bytesNeeded,
  expectedTileBytes,
  reserveBytes,
  tileBytesFrom,
} from '../../../src-main/core/case-size.ts';
import { hasRoom, roomFor, roomForRest, roomNote, withBytesNeeded } from '../../../src-main/engine/room.ts';
import { RoomWatch } from '../../../src-main/engine/room-watch.ts';
import { coreRect } from '../../../src-main/core/grid.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { VirtualClock } from '../../faults/simulation/virtual-clock.ts';
import { manifest, storedRun } from '../store/stored-run.ts';

describe('what a case grows by', () => {
  it('is guessed from the task and the size of a tile, and counts the reserve once', () => {
    expect(expectedTileBytes('classify', 512 ** 2)).toBeLessThan(expectedTileBytes('segment', 512 ** 2));
    expect(expectedTileBytes('detect', 512 ** 2)).toBeGreaterThan(20_000);
    expect(bytesNeeded(1000, 100)).toBe(100_000 + reserveBytes);
  });

  it('is told from tiles that are done, once there are enough of them', () => {
    expect(tileBytesFrom({ tiles: 31, bytes: 1e6 })).toBe(null);
    expect(tileBytesFrom({ tiles: 100, bytes: 5000 })).toBe(50);
  });

  it('comes near what it was, for the rest of a run and for another one like it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gigatile-room-'));
    const file = CaseFile.open(join(folder, 'c.gigatile'), 'create');
    const run = storedRun(file, 40, 40);
    const { grid } = file.runs.get(run);
    const guess = roomFor(file, manifest, 's', grid);
    expect(guess).toMatchObject({ tiles: 1600, bytes: bytesNeeded(1600, expectedTileBytes('detect', 2500)) });
    const { x, y, width, height } = coreRect(grid, 41);
    const [right, bottom] = [x + width - 1, y + height - 1];
    const inTile: [number, number][] = [
      [x + 1, y + 1],
      [right, y + 1],
      [right, bottom],
    ];
    expect(roomFor(file, manifest, 's', grid, { roi: [inTile] }).tiles).toBe(1);
    // Ten detections a tile: far more than the guess for so small tiles.
    file.transaction(() =>
      file.tiles.apply(
        run,
        Array.from({ length: 400 }, (_, tile) => ({
          kind: 'done' as const,
          epoch: 1,
          result: {
            tile,
            score: 1,
            classIndex: 0,
            values: new Float32Array(2),
            detections: new Float32Array(60),
          },
        })),
      ),
    );
    const perTile = (roomForRest(file, run).bytes - reserveBytes) / 1200;
    expect(perTile).toBeGreaterThan(10 * (24 + 100));
    expect(perTile).toBeLessThan(10 * (24 + 250));
    expect(roomFor(file, manifest, 's', grid).bytes).toBeGreaterThan(guess.bytes);
    // Another model: nothing is known of it.
    expect(roomFor(file, manifest, 'another', grid).bytes).toBe(guess.bytes);
    const full = withBytesNeeded(new GigatileError('disk-full', 'The disk is full'), file, run);
    expect(full).toMatchObject({ hint: expect.stringMatching(/^About 10 MB are needed/) as string });
    const other = new GigatileError('io', 'x');
    expect(withBytesNeeded(other, file, run)).toBe(other);
    file.close();
    rmSync(folder, { recursive: true });
  });

  it('is noted where it is more than is free, and only there', () => {
    expect(roomNote({ tiles: 1, bytes: 5e6, freeBytes: 5e6 })).toBe(null);
    expect(roomNote({ tiles: 1, bytes: 50e6, freeBytes: 2e6 })).toMatch(
      /may need 50 MB on the disk of the case, and 2\.0 MB are free/,
    );
    expect(hasRoom({ tiles: 1, bytes: 6, freeBytes: 5 })).toBe(false);
  });
});

describe('a run that waits for room', () => {
  const clock = new VirtualClock();
  const owner = { isAlive: true };

  function scene() {
    const run = { no: 1, waitsForRoom: true };
    const said = { free: false, resumed: 0, fails: 0 };
    const watch = new RoomWatch(
      clock.of(owner),
      () => said.free,
      () => {
        said.resumed++;
        if (said.fails-- > 0) throw new GigatileError('disk-full', 'again');
        run.waitsForRoom = false;
      },
    );
    return { run, said, watch };
  }
  const look = (times: number): void => {
    for (let i = 0; i < times; i++) clock.step();
  };

  it('goes on when there is room, once; and looks again where somebody else took it', () => {
    const { run, said, watch } = scene();
    watch.rests(run);
    watch.rests(run);
    look(5);
    expect(said.resumed).toBe(0);
    said.free = true;
    said.fails = 1;
    look(1);
    expect(said.resumed).toBe(1);
    look(1);
    expect(said.resumed).toBe(2);
    expect(clock.step()).toBe(false);
  });

  it('is left alone when a person has taken it up or ended it, and when the case is closed', () => {
    const { run, said, watch } = scene();
    watch.rests(run);
    run.waitsForRoom = false;
    said.free = true;
    look(1);
    expect(clock.step()).toBe(false);
    run.waitsForRoom = true;
    watch.rests(run);
    watch.close();
    expect(clock.step()).toBe(false);
    expect(said.resumed).toBe(0);
  });
});
