/** What a person expects of a desktop application around a run: windows, taskbar, sleep, crashes, over the real bundles. */
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { runBar, runStatus } from '../e2e/screen.ts';
import { onStandIn, type Application } from './application.ts';
import {
  analysed,
  answerQuitQuestion,
  answerSaveDialog,
  askedFor,
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
  waitForMore,
} from './fixture.ts';

const desk = useDesk(2000, 1800);
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
  const settings = page.getByRole('dialog', { name: 'Settings' });
  await settings.waitFor();
  // No keyring runs here, nor where Playwright starts Electron on Linux.
  if (process.platform === 'linux') {
    await settings.getByText('Keys are kept until the program ends, and are not written down.').waitFor();
  }
  await page.keyboard.press('Escape');
  expect(await app.evaluate(({ seen }) => seen.recentDocuments)).toEqual([desk.image]);
  expect(await menuItem(app, 'recent-0')).toMatchObject({ label: 'tissue.png' });
});

it('a problem is reported with a text that is seen before it is saved, and changed', async () => {
  const path = join(desk.userData, '../problem.txt');
  await answerSaveDialog(app, path);
  await clickMenu(app, 'report-problem');
  const dialog = page.getByRole('dialog', { name: 'Report a problem' });
  const text = dialog.getByRole('textbox');
  const seen = await text.inputValue();
  expect(seen).toMatch(/Gigatile/);
  expect(seen).not.toMatch(/tissue|gigatile-stand-in-/);
  await text.fill(`It went wrong.\n${seen}`);
  await dialog.getByRole('button', { name: 'Save the report' }).click();
  await dialog.waitFor({ state: 'hidden' });
  expect(await askedFor(app)).toEqual({
    defaultPath: 'gigatile-problem.txt',
    filters: [
      { name: 'TXT', extensions: ['txt'] },
      { name: 'All files', extensions: ['*'] },
    ],
  });
  expect(readFileSync(path, 'utf8')).toBe(`It went wrong.\n${seen}`);
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

it('a run shows on the taskbar, keeps the computer awake and survives its worker; sleep pauses it', async () => {
  await startLongRun(page);
  await waitForMore(page, 3);
  await until(progress).toBeGreaterThan(0);
  await until(blockers).toEqual(['prevent-app-suspension']);

  // The only worker dies: another one takes its tiles up.
  expect(await app.evaluate(({ seen }) => seen.killUtility('Gigatile inference worker'))).toBe(1);
  await waitForMore(page, await analysed(page));
  expect(readFileSync(join(desk.userData, 'logs/main.log'), 'utf8')).toMatch(
    /Gigatile inference worker \d+ has gone: killed/,
  );

  await app.evaluate(({ powerMonitor }) => powerMonitor.emit('suspend') && null);
  await until(async () => (await runStatus(page).textContent()) ?? '').toMatch(/^Paused/);
  expect(await runBar(page).textContent()).toContain('The computer went to sleep');
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
  await waitForMore(page, before.analysed);
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
  app = desk.start({ env: { STAND_IN_KEYRING: 'gnome_libsecret' } });
  page = await screens(app);
  const state = await app.evaluate(({ seen, BrowserWindow }) => ({
    bounds: BrowserWindow.getAllWindows()[0]!.getNormalBounds(),
    gpuIsOff: seen.gpuIsOff,
  }));
  const { bounds } = written('window-state.json') as { bounds: object };
  expect(state).toEqual({ bounds, gpuIsOff: true });
  await page
    .getByRole('button', { name: /tissue\.png/ })
    .first()
    .waitFor();
});

// What a system's real keychain does with a test's key is its own business.
it.runIf(onStandIn)('a key goes into the keychain, and into no file as it is', async () => {
  await until(() => menuItem(app, 'settings')).toMatchObject({ enabled: true });
  await clickMenu(app, 'settings');
  const keys = page.getByRole('region', { name: 'Keys of endpoints' });
  await keys.getByText('Kept in this system’s keychain').waitFor();
  await keys.getByLabel('Name').fill('OPENAI_API_KEY');
  await keys.getByLabel('Key', { exact: true }).fill('sk-known-only-here');
  await keys.getByRole('button', { name: 'Store the key' }).click();
  await keys.getByRole('list', { name: 'Stored keys' }).getByText('OPENAI_API_KEY').waitFor();
  expect(written('secrets.json')).toMatchObject({ secrets: { OPENAI_API_KEY: expect.any(String) } });
  expect(await app.quit()).toBe(0);
  const files = readdirSync(desk.userData, { recursive: true, withFileTypes: true });
  const telling = files
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('stand-in-profile'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes('sk-known-only-here'));
  expect(telling).toEqual([]);
});
