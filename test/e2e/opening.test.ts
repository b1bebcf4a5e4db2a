/** How images come in, and what a person is told where one cannot be opened or the server goes. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cleanup } from '../support/cleanup.ts';
import { freshHome, serveApp, type ServedApp } from '../support/served-app.ts';
import { testData } from '../support/test-data.ts';
import { tissuePicture } from '../support/tissue-png.ts';
import {
  drop,
  launchChromium,
  openScreen,
  runStatus,
  settledStage,
  startRun,
  type Screen,
} from './screen.ts';

const cleanup = new Cleanup();
const { home, remove } = freshHome();
const images = join(home, 'images');
let browser: Browser;
let app: ServedApp;
let screen: Screen;

beforeAll(async () => {
  cleanup.add(remove);
  mkdirSync(join(images, 'deeper'), { recursive: true });
  writeFileSync(join(images, 'deeper', 'tissue.png'), tissuePicture(900, 700).png);
  mkdirSync(join(images, 'frames'));
  for (const frame of [1, 2, 3]) {
    writeFileSync(join(images, 'frames', `frame${frame}.png`), tissuePicture(700, 500, 80).png);
  }
  writeFileSync(join(images, 'letter.svs'), 'Dear colleague, this is not a slide.\n');
  browser = await launchChromium();
  cleanup.add(() => browser.close());
  app = await serveApp(home, [images]);
  cleanup.add(() => app.stop());
  screen = await openScreen(browser, app.url);
  cleanup.add(() => screen.close());
});
afterAll(cleanup.run);

describe('opening', () => {
  it('by looking through the folder that was served, and no further', async () => {
    const { page } = screen;
    await page.getByRole('button', { name: 'Open an image' }).click();
    const dialog = page.getByRole('dialog');
    const entry = (name: string) => dialog.getByRole('button', { name: new RegExp(name) });
    if ((await entry('^images').count()) > 0) await entry('^images').click();
    await entry('^deeper').click();
    await entry('^tissue.png').click();
    await page.getByRole('heading', { name: 'tissue.png' }).waitFor();
    await settledStage(page);
    expect(await page.locator('.image-facts').textContent()).toContain('no scale');
    expect(screen.problems).toEqual([]);
  });

  it('of a folder of pictures, as one image', async () => {
    const { page } = screen;
    await page.getByRole('button', { name: 'Home' }).click();
    await page.getByRole('button', { name: 'Open an image' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /^frames/ }).click();
    await dialog.getByRole('button', { name: 'Open all 3 as one image' }).click();
    await page.getByRole('heading', { name: 'frames' }).waitFor();
    await settledStage(page);
    expect(screen.problems).toEqual([]);
  });

  it('by dropping a file, which is then analysed like any other', async () => {
    const { page } = screen;
    await drop(page.locator('body'), 'gedroppt Ä.png', tissuePicture(800, 900).png);
    await page.getByRole('heading', { name: 'gedroppt Ä.png' }).waitFor();
    await page.getByRole('radio', { name: /nuclei in H&E/i }).click();
    await page.getByLabel('Resolution of the image, µm/px').fill('0.5');
    await page.getByRole('button', { name: /^Analyse with/ }).click();
    await expect.poll(() => runStatus(page).textContent(), { timeout: 60_000 }).toMatch(/^Complete: /);
    expect(screen.problems).toEqual([]);
  });

  it('says what is wrong with a file that is no image, and what to do', async () => {
    const { page } = screen;
    await page.getByRole('button', { name: 'Home' }).click();
    await drop(page.locator('body'), 'letter.svs', readFileSync(join(images, 'letter.svs')));
    const note = page.getByRole('alert').filter({ hasText: 'letter.svs' }).first();
    await note.waitFor();
    expect((await note.textContent())?.length).toBeGreaterThan(40);
    expect(await note.textContent()).not.toMatch(/undefined|\[object|Error:|at .*\.ts/);
    expect(screen.problems).toEqual([]);
  });

  it('keeps what was opened in the list of recent cases, with a picture of each image', async () => {
    const { page } = screen;
    await page.reload();
    const recent = page.getByRole('region', { name: 'Recent cases' });
    const picture = recent.getByRole('button', { name: /gedroppt Ä\.png/ }).locator('img');
    await expect
      .poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth))
      .toBeGreaterThan(100);
    await recent.getByRole('button', { name: /gedroppt Ä\.png/ }).click();
    await page.getByRole('heading', { name: 'gedroppt Ä.png' }).waitFor();
    await expect.poll(() => runStatus(page).textContent()).toMatch(/^Complete: /);
  });

  it('tells a stranger without the token nothing', async () => {
    const stranger = await browser.newContext();
    const page = await stranger.newPage();
    const answer = await page.goto(new URL(app.url).origin);
    expect(answer?.status()).toBe(401);
    expect(await page.textContent('body')).toContain('gigatile serve');
    await stranger.close();
  });
});

describe('a real slide', () => {
  const slide = testData('pathology', 'CMU-1-Small-Region.svs');

  it.skipIf(slide === null)('shows its resolution, is analysed, and hides label and macro', async () => {
    const own = await serveApp(home, [slide ?? '']);
    const other = await openScreen(browser, own.url, { width: 1920, height: 1080 });
    const { page } = other;
    try {
      await page.getByRole('heading', { name: 'CMU-1-Small-Region.svs' }).waitFor();
      const facts = await page.locator('.image-facts').textContent();
      expect(facts).toContain('2,220 × 2,967');
      expect(facts).toContain('0.499 µm/px');
      await startRun(page, /nuclei in H&E/i);
      await expect.poll(() => runStatus(page).textContent(), { timeout: 60_000 }).toMatch(/^Complete: /);
      await settledStage(page);
      expect(other.problems).toEqual([]);
    } finally {
      await other.close();
      await own.stop();
    }
  });
});

describe('a second server', () => {
  it('says that the case is open elsewhere, instead of writing into it too', async () => {
    const shared = freshHome();
    cleanup.add(shared.remove);
    const image = join(images, 'deeper', 'tissue.png');
    const first = await serveApp(shared.home, [image]);
    cleanup.add(() => first.stop());
    const firstScreen = await openScreen(browser, first.url);
    cleanup.add(() => firstScreen.close());
    await firstScreen.page.getByRole('heading', { name: 'tissue.png' }).waitFor();

    const second = await serveApp(shared.home, [image]);
    cleanup.add(() => second.stop());
    const secondScreen = await openScreen(browser, second.url);
    cleanup.add(() => secondScreen.close());
    const note = secondScreen.page.getByRole('alert').first();
    await note.waitFor();
    expect(await note.textContent()).toMatch(/open|use/i);
    expect(await secondScreen.page.getByRole('heading', { name: 'tissue.png' }).count()).toBe(0);
  });

  it('says so when it goes, and loses nothing that was on the screen', async () => {
    const elsewhere = freshHome();
    cleanup.add(elsewhere.remove);
    const own = await serveApp(elsewhere.home, [join(images, 'deeper', 'tissue.png')]);
    const other = await openScreen(browser, own.url);
    try {
      await other.page.getByRole('heading', { name: 'tissue.png' }).waitFor();
      await own.stop();
      await other.page.getByText('Reconnecting to the engine').waitFor();
      expect(await other.page.getByRole('heading', { name: 'tissue.png' }).isVisible()).toBe(true);
    } finally {
      await other.close();
    }
  });
});
