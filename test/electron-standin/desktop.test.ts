/** What a person expects of a desktop application around a run: windows, taskbar, sleep, crashes, over the real bundles. */
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runStatus } from '../e2e/screen.ts';
import type { Application } from './driver.ts';
import {
  answerQuitQuestion,
  complaints,
  makeDesk,
  patience,
  quitQuestions,
  screens,
  startLongRun,
  tilesEnded,
  until,
  waitForImage,
  type Desk,
} from './fixture.ts';

let desk: Desk;
let app: Application;
let page: Page;
let other: string;

beforeAll(async () => {
  desk = await makeDesk(1600, 1400);
  other = join(desk.userData, '..', 'other.png');
  copyFileSync(desk.image, other);
  app = desk.start({ args: [desk.image] });
  page = await screens(app);
  await waitForImage(page);
});
afterAll(() => desk.clear());

interface Frame {
  minimized: boolean;
  title: string;
  progress: number[];
}
type Framed = Electron.BrowserWindow & { frame: Frame; timesFocused: number };

const titles = () =>
  app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map((window) => (window as Framed).frame.title),
  );

const menuItem = (id: string) =>
  app.evaluate(({ Menu }, id) => {
    const item = Menu.getApplicationMenu()!.getMenuItemById(id);
    return item && { label: item.label, enabled: item.enabled, accelerator: item.accelerator };
  }, id);

const click = (id: string) =>
  app.evaluate(({ Menu }, id) => {
    Menu.getApplicationMenu()!.getMenuItemById(id)!.click();
  }, id);

it('the window is called after its image, and its menu holds the commands of the screen with their keys', async () => {
  await until(titles).toEqual(['tissue.png – Gigatile']);
  await until(() => menuItem('rotate-right')).toMatchObject({ enabled: true, accelerator: 'R' });
  expect(await menuItem('pause')).toMatchObject({ enabled: false });
  await click('settings');
  await page.getByRole('dialog', { name: 'Settings' }).waitFor();
  await page.keyboard.press('Escape');
  expect(await app.evaluate(({ standIn }) => standIn.recentDocuments)).toEqual([desk.image]);
  expect(await menuItem('recent-0')).toMatchObject({ label: 'tissue.png' });
});

it('another file gets a window of its own; the same one again does not', async () => {
  const second = desk.start({ args: [other] });
  expect(await second.exited).toBe(0);
  await until(async () => (await titles()).toSorted()).toEqual([
    'other.png – Gigatile',
    'tissue.png – Gigatile',
  ]);
  await app.evaluate(({ app }, path) => {
    app.emit('open-file', { preventDefault: () => undefined }, path);
  }, desk.image);
  const fronts = () =>
    app.evaluate(({ BrowserWindow }) => (BrowserWindow.getFocusedWindow() as Framed | null)?.frame.title);
  await until(fronts).toBe('tissue.png – Gigatile');
  expect(await titles()).toHaveLength(2);
  // Closing one of two windows asks nothing and ends nothing.
  await app.evaluate(({ BrowserWindow }) => {
    const window = BrowserWindow.getAllWindows().find((window) =>
      (window as Framed).frame.title.startsWith('other'),
    );
    (window as Framed & { setBounds(bounds: object): void }).setBounds({
      x: 40,
      y: 50,
      width: 900,
      height: 700,
    });
    window!.close();
  });
  await until(titles).toEqual(['tissue.png – Gigatile']);
  expect(JSON.parse(readFileSync(join(desk.userData, 'window-state.json'), 'utf8'))).toMatchObject({
    bounds: { x: 40, y: 50, width: 900, height: 700 },
  });
});

it('a run shows on the taskbar and keeps the computer awake; sleep pauses it', async () => {
  await startLongRun(page);
  await until(async () => (await tilesEnded(page)).ended).toBeGreaterThan(3);
  const signals = () =>
    app.evaluate(({ BrowserWindow, standIn }) => ({
      blockers: [...standIn.powerBlockers.values()],
      progress: (BrowserWindow.getAllWindows()[0] as Framed).frame.progress.at(-1) ?? -1,
    }));
  await until(async () => (await signals()).progress).toBeGreaterThan(0);
  await until(async () => (await signals()).blockers).toEqual(['prevent-app-suspension']);

  await app.evaluate(({ powerMonitor }) => powerMonitor.emit('suspend') && null);
  await until(async () => (await runStatus(page).textContent()) ?? '').toMatch(/went to sleep|Paused/);
  await until(signals).toEqual({ blockers: [], progress: -1 });
  const asleep = await tilesEnded(page);
  expect(asleep.ended).toBeLessThan(asleep.total);
});

it('a page that dies is loaded again with its case, and says so; runs do not notice', async () => {
  const before = await tilesEnded(page);
  await app.evaluate(({ BrowserWindow }) => {
    const { webContents } = BrowserWindow.getAllWindows()[0]!;
    return (
      webContents as Electron.WebContents & { standInCrash(reason: string): Promise<void> }
    ).standInCrash('crashed');
  });
  await page.getByText('This window had stopped unexpectedly').waitFor(patience);
  await waitForImage(page);
  await until(() => tilesEnded(page)).toEqual(before);
  await app.evaluate(({ powerMonitor }) => powerMonitor.emit('resume') && null);
  await until(async () => (await tilesEnded(page)).ended).toBeGreaterThan(before.ended);
  // Heard on another way than the tiles are.
  await until(() => app.evaluate(({ standIn }) => [...standIn.powerBlockers.values()])).toEqual([
    'prevent-app-suspension',
  ]);
});

it('an engine that dies is started again, says so, and its run goes on to the end that a notification tells', async () => {
  const before = await tilesEnded(page);
  expect(before.ended).toBeLessThan(before.total);
  expect(await app.evaluate(({ standIn }) => standIn.killUtility('Gigatile engine'))).toBe(1);
  await page.getByText('The engine had stopped unexpectedly').waitFor(patience);
  await waitForImage(page);
  await app.evaluate(({ standIn }) => standIn.leaveFocus());
  await until(async () => (await runStatus(page).textContent()) ?? '').toMatch(/^Complete: /);
  const { ended, total } = await tilesEnded(page);
  expect(ended).toBe(total);
  await until(() => app.evaluate(({ standIn }) => standIn.notifications.map(({ title }) => title))).toEqual([
    'The analysis is complete',
  ]);
  await app.evaluate(({ standIn }) => {
    standIn.notifications[0]!.emit('click');
  });
  await until(() =>
    app.evaluate(({ BrowserWindow }) => (BrowserWindow.getFocusedWindow() as Framed | null)?.frame.title),
  ).toBe('tissue.png – Gigatile');
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
  expect(JSON.parse(readFileSync(join(desk.userData, 'settings.json'), 'utf8'))).toMatchObject({
    useGpu: false,
  });
});

it('quits without a question where nothing runs, and comes back where it was', async () => {
  await answerQuitQuestion(app, 0);
  // The engine that was started again does not know the case until the window has opened it there: tiles in between are refused.
  const expected = /websocket|crash|This case is not open any more/i;
  expect(complaints(app).filter((text) => !expected.test(text))).toEqual([]);
  expect(await app.quit()).toBe(0);
  expect(await Promise.resolve(app.errors)).not.toMatch(/NotModelled|set aside/);
  const again = desk.start();
  const window = await screens(again);
  const state = await again.evaluate(({ app, BrowserWindow }) => ({
    options: (BrowserWindow.getAllWindows()[0] as unknown as { givenOptions: { x?: number; width?: number } })
      .givenOptions,
    gpu: (app as unknown as { hardwareAcceleration: boolean }).hardwareAcceleration,
  }));
  expect(state.gpu).toBe(false);
  expect(state.options).toMatchObject({ x: expect.any(Number), width: expect.any(Number) });
  await window
    .getByRole('button', { name: /tissue\.png/ })
    .first()
    .waitFor();
  expect(await quitQuestions(again)).toBe(0);
});
