/** What a person expects of a desktop application around a run: windows, taskbar, sleep, crashes, over the real bundles. */
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { runStatus } from '../e2e/screen.ts';
import type { Application } from './application.ts';
import {
  answerQuitQuestion,
  clickMenu,
  complaints,
  menuItem,
  openFile,
  patience,
  screens,
  startLongRun,
  tilesEnded,
  until,
  useDesk,
  waitForCompleteRun,
  waitForImage,
} from './fixture.ts';

const desk = useDesk(1600, 1400);
let app: Application;
let page: Page;
let other: string;

beforeAll(async () => {
  other = join(desk.userData, '..', 'other.png');
  copyFileSync(desk.image, other);
  ({ app, page } = await desk.startWithImage());
});

const titles = () =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.getTitle()));
const front = () => app.evaluate(({ seen }) => seen.front());
const blockers = () => app.evaluate(({ seen }) => [...seen.powerBlockers.values()]);
const progress = () => app.evaluate(({ seen }) => seen.progress);
const written = (name: string): unknown => JSON.parse(readFileSync(join(desk.userData, name), 'utf8'));

it('the window is called after its image, and its menu holds the commands of the screen with their keys', async () => {
  await until(titles).toEqual(['tissue.png – Gigatile']);
  await until(() => menuItem(app, 'rotate-right')).toMatchObject({ enabled: true, accelerator: 'R' });
  expect(await menuItem(app, 'pause')).toMatchObject({ enabled: false });
  await clickMenu(app, 'settings');
  await page.getByRole('dialog', { name: 'Settings' }).waitFor();
  await page.keyboard.press('Escape');
  expect(await app.evaluate(({ seen }) => seen.recentDocuments)).toEqual([desk.image]);
  expect(await menuItem(app, 'recent-0')).toMatchObject({ label: 'tissue.png' });
});

it('another file gets a window of its own; the same one again does not', async () => {
  expect(await desk.startSecond({ args: [other] })).toBe(0);
  await until(async () => (await titles()).toSorted()).toEqual([
    'other.png – Gigatile',
    'tissue.png – Gigatile',
  ]);
  await openFile(app, desk.image);
  await until(front).toBe('tissue.png – Gigatile');
  expect(await titles()).toHaveLength(2);
  // Closing one of two windows asks nothing and ends nothing.
  await app.evaluate(({ BrowserWindow }) => {
    const window = BrowserWindow.getAllWindows().find((window) => window.getTitle().startsWith('other'))!;
    window.setBounds({ x: 40, y: 50, width: 900, height: 700 });
    window.close();
  });
  await until(titles).toEqual(['tissue.png – Gigatile']);
  expect(written('window-state.json')).toMatchObject({
    bounds: { x: 40, y: 50, width: 900, height: 700 },
  });
});

it('a run shows on the taskbar and keeps the computer awake; sleep pauses it', async () => {
  await startLongRun(page);
  await until(async () => (await tilesEnded(page)).ended).toBeGreaterThan(3);
  await until(progress).toBeGreaterThan(0);
  await until(blockers).toEqual(['prevent-app-suspension']);

  await app.evaluate(({ powerMonitor }) => powerMonitor.emit('suspend') && null);
  await until(async () => (await runStatus(page).textContent()) ?? '').toMatch(/went to sleep|Paused/);
  await until(blockers).toEqual([]);
  await until(progress).toBe(-1);
  const asleep = await tilesEnded(page);
  expect(asleep.ended).toBeLessThan(asleep.total);
});

it('a page that dies is loaded again with its case, and says so; runs do not notice', async () => {
  const before = await tilesEnded(page);
  await app.crashPage();
  page = await screens(app);
  await page.getByText('This window had stopped unexpectedly').waitFor(patience);
  await waitForImage(page);
  await until(() => tilesEnded(page)).toEqual(before);
  await app.evaluate(({ powerMonitor }) => powerMonitor.emit('resume') && null);
  await until(async () => (await tilesEnded(page)).ended).toBeGreaterThan(before.ended);
  // Heard on another way than the tiles are.
  await until(blockers).toEqual(['prevent-app-suspension']);
});

it('an engine that dies is started again, says so, and its run goes on to the end that a notification tells', async () => {
  const before = await tilesEnded(page);
  expect(before.ended).toBeLessThan(before.total);
  // The person is elsewhere, however soon the run ends.
  await app.evaluate(({ seen }) => seen.leaveFocus());
  expect(await app.evaluate(({ seen }) => seen.killUtility('Gigatile engine'))).toBe(1);
  await page.getByText('The engine had stopped unexpectedly').waitFor(patience);
  await waitForImage(page);
  await waitForCompleteRun(page);
  await until(() => app.evaluate(({ seen }) => seen.notifications.map(({ title }) => title))).toEqual([
    'The analysis is complete',
  ]);
  const timesBefore = await app.evaluate(({ seen }) => seen.timesFocused);
  await app.evaluate(({ seen }) => {
    seen.notifications[0]!.emit('click');
  });
  await until(() => app.evaluate(({ seen }) => seen.timesFocused)).toBeGreaterThan(timesBefore);
  expect(await front()).toBe('tissue.png – Gigatile');
});

it('a graphics process that dies again and again is left alone from the next start on', async () => {
  await app.evaluate(({ app, dialog }) => {
    const kept = globalThis as { told?: string };
    dialog.showMessageBox = (options: unknown) => {
      kept.told = (options as { message: string }).message;
      return Promise.resolve({ response: 0, checkboxChecked: false });
    };
    for (let i = 0; i < 3; i++) {
      app.emit('child-process-gone', {}, { type: 'GPU', reason: 'crashed', exitCode: 1 });
    }
  });
  await until(() => app.evaluate(() => (globalThis as { told?: string }).told)).toMatch(/graphics processor/);
  expect(written('settings.json')).toMatchObject({
    useGpu: false,
  });
});

it('quits without a question where nothing runs, and comes back where it was', async () => {
  // Whoever were asked would cancel.
  await answerQuitQuestion(app, 1);
  // The engine that was started again does not know the case until the window has opened it there: tiles in between are refused.
  const expected = /websocket|crash|This case is not open any more/i;
  expect(complaints(app).filter((text) => !expected.test(text))).toEqual([]);
  expect(await app.quit()).toBe(0);
  expect(app.errors).not.toMatch(/NotModelled|set aside/);
  const again = desk.start();
  const window = await screens(again);
  const state = await again.evaluate(({ seen, BrowserWindow }) => ({
    bounds: BrowserWindow.getAllWindows()[0]!.getNormalBounds(),
    gpuIsOff: seen.gpuIsOff,
  }));
  const { bounds } = written('window-state.json') as { bounds: object };
  expect(state).toEqual({ bounds, gpuIsOff: true });
  await window
    .getByRole('button', { name: /tissue\.png/ })
    .first()
    .waitFor();
  expect(await again.quit()).toBe(0);
});
