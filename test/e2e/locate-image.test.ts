/** An image that was moved: the run waits and says so, and goes on where the image is shown to be; so does a case at opening. */
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cleanup } from '../support/cleanup.ts';
import { freshHome, gigatile, serveApp, type ServedApp } from '../support/served-app.ts';
import { violations } from './axe.ts';
import { command, launchChromium, openScreen, runStatus, startRun, type Screen } from './screen.ts';

const cleanup = new Cleanup();
const { home, remove } = freshHome();
const images = join(home, 'images');
const slide = join(images, 'slide.tif');
const moved = join(images, 'archive', 'old-slide.tif');
let browser: Browser;
let app: ServedApp;
let screen: Screen;

beforeAll(async () => {
  cleanup.add(remove);
  mkdirSync(join(images, 'archive'), { recursive: true });
  gigatile(home, ['sample', 'pathology', '--size', '5000x4000', '--seed', '3', '--out', slide]);
  gigatile(home, ['sample', 'pathology', '--size', '900x700', '--out', join(images, 'archive', 'other.tif')]);
  browser = await launchChromium();
  cleanup.add(() => browser.close());
  app = await serveApp(home, [images]);
  cleanup.add(() => app.stop());
  screen = await openScreen(browser, app.url);
  cleanup.add(() => screen.close());
});
afterAll(cleanup.run);

/** In the dialog of the served folders. */
async function choose(...names: string[]): Promise<void> {
  const dialog = screen.page.getByRole('dialog');
  const entry = (name: string) => dialog.getByRole('button', { name: new RegExp(`^${name}`) });
  if ((await entry('images').count()) > 0) await entry('images').click();
  for (const name of names) await entry(name).click();
}

it('a run waits for its image, refuses another one, and goes on at the new place', async () => {
  const { page } = screen;
  await page.getByRole('button', { name: 'Open an image' }).click();
  await choose('slide.tif');
  await page.getByRole('heading', { name: 'slide.tif' }).waitFor();
  await startRun(page, /Nuclei in H&E/, { workers: 1 });
  await expect.poll(() => page.locator('.run-bar-meta').textContent()).toMatch(/[1-9]\d* of \d+ tiles/);
  renameSync(slide, moved);

  const notice = page.getByRole('alert').filter({ hasText: 'The run waits for its image' });
  await notice.waitFor();
  expect(await notice.textContent()).toMatch(/The image "slide\.tif" is not where it was/);
  expect(await runStatus(page).textContent()).toMatch(/^Paused/);

  await notice.getByRole('button', { name: 'Locate the image…' }).click();
  await page.getByRole('dialog', { name: 'Where is the image now?' }).waitFor();
  await choose('archive', 'other.tif');
  const notices = page.getByRole('region', { name: 'Notices' });
  const refusal = notices.getByRole('alert');
  await refusal.filter({ hasText: '"other.tif" is not the image of this case, "slide.tif"' }).waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await violations(page)).toEqual([]);

  // By keys: to the notices, to the first of them, and away with it; the focus goes back to where it was.
  const locate = notice.getByRole('button', { name: 'Locate the image…' });
  await locate.focus();
  await page.keyboard.press('F6');
  await notices.and(page.locator(':focus')).waitFor();
  await page.keyboard.press('Tab');
  await refusal.and(page.locator(':focus')).waitFor();
  await page.keyboard.press('Escape');
  await refusal.waitFor({ state: 'detached' });
  await locate.and(page.locator(':focus')).waitFor();
  // It can be read again.
  await command(page, 'Notices so far');
  const told = page.getByRole('dialog', { name: 'Notices so far' });
  await told.getByText('"other.tif" is not the image of this case').waitFor();
  await page.keyboard.press('Escape');
  await told.waitFor({ state: 'detached' });

  await notice.getByRole('button', { name: 'Locate the image…' }).click();
  await choose('archive', 'old-slide.tif');
  await page.getByRole('heading', { name: 'old-slide.tif' }).waitFor();
  await notice.waitFor({ state: 'detached' });
  await expect.poll(() => runStatus(page).textContent(), { timeout: 120_000 }).toMatch(/^Complete: /);
});

it('a case whose image is away can be opened by showing where it is', async () => {
  await screen.close();
  await app.stop();
  renameSync(moved, slide);
  app = await serveApp(home, [images]);
  screen = await openScreen(browser, app.url);
  const { page } = screen;
  await page.getByRole('button', { name: /^old-slide\.tif/ }).click();
  const error = page.getByRole('alert').filter({ hasText: 'is not where it was' });
  await error.getByRole('button', { name: 'Locate the image…' }).click();
  await choose('slide.tif');
  await page.getByRole('heading', { name: 'slide.tif' }).waitFor();
  await expect.poll(() => runStatus(page).textContent()).toMatch(/^Complete: /);
});
