/** The person at the desk: a picture to open, applications that were started, answers to dialogs, and what is seen of them. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { runBar, runStatus } from '../e2e/screen.ts';
import { tissuePicture } from '../support/tissue-png.ts';
import { Application, startSecond, type LaunchOptions } from './application.ts';

/** Chromium, the engine and its workers start on two shared cores. */
export const patience = { timeout: 60_000 };

type Start = Omit<LaunchOptions, 'userData'>;

export interface Desk {
  /** Profile; images lie beside it. */
  readonly userData: string;
  readonly image: string;
  start(options?: Start): Application;
  /** Starts it with the image, and waits until a window shows it. */
  startWithImage(options?: Omit<Start, 'args'>): Promise<{ app: Application; page: Page }>;
  /** Starts it beside the one that runs; its exit code. */
  startSecond(options: Start): Promise<number | null>;
}

/** For a whole test file. What is still running at its end is ended, and everything removed. */
export function useDesk(width = 1200, height = 1000): Desk {
  let folder = '';
  const started: Application[] = [];
  const desk: Desk = {
    get userData() {
      return join(folder, 'profile');
    },
    get image() {
      return join(folder, 'tissue.png');
    },
    start(options = {}) {
      const app = new Application({ ...options, userData: desk.userData });
      started.push(app);
      return app;
    },
    async startWithImage(options = {}) {
      const app = desk.start({ ...options, args: [desk.image] });
      const page = await screens(app);
      await waitForImage(page);
      return { app, page };
    },
    startSecond: (options) => startSecond({ ...options, userData: desk.userData }),
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gigatile-stand-in-'));
    writeFileSync(desk.image, tissuePicture(width, height).png);
  });
  afterAll(async () => {
    for (const app of started) await app.kill();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return desk;
}

/** The window's page, once the screens have found the engine. */
export async function screens(app: Application): Promise<Page> {
  const page = await app.window();
  page.setDefaultTimeout(patience.timeout);
  await page.locator('.home, .stage, [role=application]').first().waitFor();
  return page;
}

export async function waitForImage(page: Page, name = 'tissue.png'): Promise<void> {
  await page.getByRole('heading', { name }).waitFor();
}

/** Answers the next open dialogs with this file. */
export async function answerOpenDialog(app: Application, paths: string[]): Promise<void> {
  await app.evaluate(({ dialog }, filePaths) => {
    dialog.showOpenDialog = (...given: unknown[]) => {
      (globalThis as { askedFor?: unknown }).askedFor = given.at(-1);
      return Promise.resolve({ canceled: filePaths.length === 0, filePaths });
    };
  }, paths);
}

/** Answers the next save dialogs with this file. */
export async function answerSaveDialog(app: Application, path: string): Promise<void> {
  await app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = (...given: unknown[]) => {
      (globalThis as { askedFor?: unknown }).askedFor = given.at(-1);
      return Promise.resolve({ canceled: false, filePath });
    };
  }, path);
}

/** What the last dialog for a file was shown with. */
export const askedFor = (app: Application): Promise<unknown> =>
  app.evaluate(() => (globalThis as { askedFor?: unknown }).askedFor);

/** Answers the questions before quitting, the last answer for all that follow; how often it was asked is kept. */
export async function answerQuitQuestion(app: Application, ...answers: (0 | 1)[]): Promise<void> {
  await app.evaluate(({ dialog }, answers) => {
    const kept = globalThis as { quitQuestions?: number };
    dialog.showMessageBox = () => {
      const asked = kept.quitQuestions ?? 0;
      kept.quitQuestions = asked + 1;
      return Promise.resolve({ response: answers[asked] ?? answers.at(-1)!, checkboxChecked: false });
    };
  }, answers);
}

export const quitQuestions = (app: Application): Promise<number> =>
  app.evaluate(() => (globalThis as { quitQuestions?: number }).quitQuestions ?? 0);

/** Starts a run of many small tiles in one worker, so that there is time to see its middle. */
export async function startLongRun(page: Page): Promise<void> {
  await page.getByRole('radio', { name: /nuclei in H&E/i }).click();
  await page.getByRole('button', { name: 'Advanced' }).click();
  await page.getByLabel('Tile size, px').fill('64');
  await page.getByLabel('Resolution of the image, µm/px').fill('0.5');
  await page.getByLabel('Workers').fill('1');
  await page.getByRole('button', { name: /^Analyse with/ }).click();
}

/**
 * Tiles that have ended, of how many, and of those that have ended the analysed ones: background is skipped at the start. The run bar
 * says "12 of 345 tiles · 10 skipped".
 */
export async function tilesEnded(page: Page): Promise<{ ended: number; total: number; analysed: number }> {
  const text = (await page.locator('.run-bar-meta').textContent()) ?? '';
  const number = (found: RegExpExecArray | null) => Number(found?.[1]?.replaceAll(',', '') ?? 0);
  const ended = number(/^([\d,]+) of [\d,]+ tiles/.exec(text));
  const skipped = number(/([\d,]+) skipped/.exec(text));
  return { ended, total: number(/^[\d,]+ of ([\d,]+) tiles/.exec(text)), analysed: ended - skipped };
}

export const analysed = async (page: Page): Promise<number> => (await tilesEnded(page)).analysed;

/** Waits until more tiles are analysed than that; where none are, the failure says what the run bar says. */
export async function waitForMore(page: Page, than: number): Promise<void> {
  await until(async () =>
    (await analysed(page)) > than ? 'goes on' : await runBar(page).textContent(),
  ).toBe('goes on');
}

/** Waits for the run's end; all its tiles have ended. */
export async function waitForCompleteRun(page: Page): Promise<number> {
  await until(async () => (await runStatus(page).textContent()) ?? '').toMatch(/^Complete: /);
  const { ended, total } = await tilesEnded(page);
  expect(ended).toBe(total);
  return total;
}

/** Of the menu, by its id; null where there is none. */
export const menuItem = (app: Application, id: string) =>
  app.evaluate(({ Menu }, id) => {
    const item = Menu.getApplicationMenu()!.getMenuItemById(id);
    return item && { label: item.label, enabled: item.enabled, accelerator: item.accelerator };
  }, id);

export const clickMenu = (app: Application, id: string): Promise<void> =>
  app.evaluate(({ Menu }, id) => {
    Menu.getApplicationMenu()!.getMenuItemById(id)!.click();
  }, id);

/** macOS hands a file over. */
export const openFile = (app: Application, path: string): Promise<void> =>
  app.evaluate(({ app }, path) => {
    app.emit('open-file', { preventDefault: () => undefined }, path);
  }, path);

/** What the page wrote to its console that a developer would have to look into. */
export function complaints(app: Application): string[] {
  return app.console
    .filter(({ type }) => type !== 'log' && type !== 'info' && type !== 'debug')
    .map(({ text }) => text);
}

export const until = <T>(what: () => Promise<T> | T) => expect.poll(what, patience);
