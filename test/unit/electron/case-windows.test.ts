/** Which window a file goes to, where a window goes, and what is remembered of both. */
import * as fc from 'fast-check';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseWindow } from '../../../src-main/electron/choose-window.ts';
import { CrashCount } from '../../../src-main/electron/crash-count.ts';
import { noRecentFiles, RecentFiles, recentFilesSchema } from '../../../src-main/electron/recent-files.ts';
import { firstState, placeWindow, windowStateSchema } from '../../../src-main/electron/window-state.ts';
import { JsonFile } from '../../../src-main/engine/json-file.ts';

describe('a file goes', () => {
  const shows = (screen: string, usedAt: number, ...paths: string[]) => ({ screen, usedAt, paths });

  it('to the window that shows it, by its image or its case', () => {
    const windows = [shows('1', 9), shows('2', 3, '/a.svs', '/cases/a.gigatile')];
    expect(chooseWindow(windows, '/cases/a.gigatile')).toEqual({ focus: '2' });
    expect(chooseWindow(windows, '/a.svs')).toEqual({ focus: '2' });
  });

  it('else to the empty one that was used last, else to a new one', () => {
    const windows = [shows('1', 1), shows('2', 5), shows('3', 9, '/a.svs')];
    expect(chooseWindow(windows, '/b.svs')).toEqual({ openIn: '2' });
    expect(chooseWindow(windows.slice(2), '/b.svs')).toBe('new-window');
    expect(chooseWindow([], '/b.svs')).toBe('new-window');
  });
});

describe('a window is placed', () => {
  const left = { x: 0, y: 25, width: 1920, height: 1055 };
  const right = { x: 1920, y: 0, width: 2560, height: 1440 };
  const at = (x: number, y: number, width = 1200, height = 800) => ({
    ...firstState,
    bounds: { x, y, width, height },
  });

  it('where it was, also on another display', () => {
    expect(placeWindow(at(2000, 100), [left, right], 0)).toEqual({
      x: 2000,
      y: 100,
      width: 1200,
      height: 800,
    });
  });

  it('in the middle of the main display where its display is gone', () => {
    expect(placeWindow(at(2000, 100), [left], 0)).toEqual({ x: 360, y: 153, width: 1200, height: 800 });
  });

  it('beside those that are there', () => {
    expect(placeWindow(at(100, 100), [left], 2)).toMatchObject({ x: 156, y: 156 });
  });

  it('where a person can take hold of it, and no larger than the display, whatever was kept', () => {
    const coordinate = fc.integer({ min: -100_000, max: 100_000 });
    const size = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(coordinate, coordinate, size, size, fc.nat(20), (x, y, width, height, others) => {
        const placed = placeWindow(at(x, y, width, height), [left, right], others);
        const isWithin = [left, right].some(
          (display) =>
            'x' in placed &&
            placed.x + placed.width >= display.x + 160 &&
            placed.x <= display.x + display.width - 160 &&
            placed.y >= display.y &&
            placed.y <= display.y + display.height - 60 &&
            placed.width <= display.width &&
            placed.height <= display.height,
        );
        expect(isWithin).toBe(true);
      }),
    );
  });

  it('at the usual size the first time, or what a small display has', () => {
    expect(placeWindow(firstState, [left], 0)).toEqual({ width: 1440, height: 900 });
    expect(placeWindow(firstState, [{ x: 0, y: 0, width: 1024, height: 740 }], 0)).toEqual({
      width: 1024,
      height: 740,
    });
  });
});

describe('what is remembered', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gigatile-windows-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const aside: string[] = [];
  const onSetAside = (_path: string, why: string) => void aside.push(why);

  it('are ten files, the newest first, with names that tell them apart', () => {
    const file = () =>
      new JsonFile({
        path: join(folder, 'recent.json'),
        schema: recentFilesSchema,
        initial: noRecentFiles,
        onSetAside,
      });
    const recent = new RecentFiles(file());
    for (let i = 0; i < 12; i++) recent.add(`/slides/${i}.svs`);
    expect(recent.add('/other/11.svs')).toBe(true);
    expect(recent.add('/other/11.svs')).toBe(false);
    const again = new RecentFiles(file());
    expect(again.list()).toHaveLength(10);
    expect(again.list().slice(0, 3)).toEqual([
      { path: '/other/11.svs', label: '11.svs (other)' },
      { path: '/slides/11.svs', label: '11.svs (slides)' },
      { path: '/slides/10.svs', label: '10.svs' },
    ]);
    again.clear();
    expect(new RecentFiles(file()).list()).toEqual([]);
  });

  it.each([
    ['{"bounds"', 'no JSON'],
    ['{"bounds":{"x":1e9,"y":0,"width":-5,"height":1},"maximized":false,"fullScreen":false}', 'bounds'],
    ['[]', 'the file'],
  ])('is set aside where it is damaged: %s', (text, why) => {
    const path = join(folder, 'window-state.json');
    writeFileSync(path, text);
    const file = new JsonFile({ path, schema: windowStateSchema, initial: firstState, onSetAside });
    expect(file.read()).toEqual(firstState);
    expect(aside.at(-1)).toContain(why);
    expect(readFileSync(join(folder, 'window-state.damaged.json'), 'utf8')).toBe(text);
    file.write({ ...firstState, maximized: true });
    expect(file.read().maximized).toBe(true);
    expect(readdirSync(folder).toSorted()).toEqual(['window-state.damaged.json', 'window-state.json']);
  });
});

it('what dies often within a minute is not started anew without asking', () => {
  let now = 0;
  const count = new CrashCount(2, () => now);
  expect([count.add(), count.add()]).toEqual([true, true]);
  now = 61_000;
  expect([count.add(), count.add(), count.add()]).toEqual([true, true, false]);
});
