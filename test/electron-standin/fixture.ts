/** An application per test file, with a picture to open and a person to answer dialogs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

import { tissuePicture } from '../support/tissue-png.ts';
import { Application, makeUserData, type LaunchOptions } from './driver.ts';

/** Chromium, the engine and its workers start on two shared cores. */
export const patience = { timeout: 60_000 };

export interface Desk {
  /** Profile; images lie beside it. */
  readonly userData: string;
  readonly image: string;
  start(options?: Omit<LaunchOptions, 'userData'>): Application;
  /** Ends what is still running and removes everything. */
  clear(): Promise<void>;
}

export async function makeDesk(width = 1200, height = 1000): Promise<Desk> {
  const folder = await makeUserData();
  const image = join(folder.path, 'tissue.png');
  writeFileSync(image, tissuePicture(width, height).png);
  const started: Application[] = [];
  const userData = join(folder.path, 'profile');
  return {
    userData,
    image,
    start(options = {}) {
      const app = new Application({ ...options, userData });
      started.push(app);
      return app;
    },
    async clear() {
      for (const app of started) await app.kill();
      await folder.remove();
    },
  };
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

/** Answers the next open dialogs with this file, and keeps what was asked. */
export async function answerOpenDialog(app: Application, paths: string[]): Promise<void> {
  await app.evaluate(({ dialog }, filePaths) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: filePaths.length === 0, filePaths });
  }, paths);
}

/** Answers the question before quitting; how often it was asked is kept in `asked`. */
export async function answerQuitQuestion(app: Application, response: 0 | 1): Promise<void> {
  await app.evaluate(({ dialog }, response) => {
    const kept = globalThis as { quitQuestions?: number };
    dialog.showMessageBox = () => {
      kept.quitQuestions = (kept.quitQuestions ?? 0) + 1;
      return Promise.resolve({ response, checkboxChecked: false });
    };
  }, response);
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

/** Tiles that have ended, of how many; the run bar says "12 of 345 tiles". */
export async function tilesEnded(page: Page): Promise<{ ended: number; total: number }> {
  const text = (await page.locator('.run-bar-meta').textContent()) ?? '';
  const [, ended, total] = /^([\d,]+) of ([\d,]+) tiles/.exec(text) ?? [];
  if (ended === undefined || total === undefined) return { ended: 0, total: 0 };
  return { ended: Number(ended.replaceAll(',', '')), total: Number(total.replaceAll(',', '')) };
}

/** What the page wrote to its console that a developer would have to look into. */
export function complaints(app: Application): string[] {
  return app.console
    .filter(({ type }) => type !== 'log' && type !== 'info' && type !== 'debug')
    .map(({ text }) => text);
}

export const until = <T>(what: () => Promise<T> | T) => expect.poll(what, patience);
