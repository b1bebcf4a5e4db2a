/** A batch in a real browser: put together from a folder, followed, paused, offered again by the next start, and gone on with. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshHome, serveApp, type ServedApp } from '../support/served-app.ts';
import { tissuePicture } from '../support/tissue-png.ts';
import { violations } from './axe.ts';
import { command, launchChromium, openScreen, type Screen } from './screen.ts';

const { home, remove } = freshHome();
const slides = join(home, 'slides');
let browser: Browser;
let app: ServedApp;
let screen: Screen;

beforeAll(async () => {
  mkdirSync(slides);
  for (const [index, name] of ['a', 'b'].entries())
    writeFileSync(join(slides, `${name}.png`), tissuePicture(800, 600, index + 3).png);
  writeFileSync(join(slides, 'broken.png'), 'no picture');
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await app.stop();
  remove();
});

/** In both themes. */
async function isAccessible(page: Page): Promise<void> {
  for (const theme of ['light', 'dark']) {
    await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`);
    expect(await violations(page, theme === 'light'), theme).toEqual([]);
  }
}

const status = (page: Page) => page.getByRole('region', { name: 'Progress' }).getByRole('status');
const reportsStatus = (page: Page) => page.getByRole('region', { name: 'Reports' }).getByRole('status');

test('many images are analysed by one model, also over a restart', { timeout: 180_000 }, async () => {
  app = await serveApp(home, [slides]);
  screen = await openScreen(browser, app.url);
  const { page } = screen;
  await page.getByRole('button', { name: 'Analyse many images' }).click();
  await page.getByRole('button', { name: 'Add images or folders…' }).click();
  await page.getByRole('button', { name: 'Add all 3' }).click();
  await expect.poll(() => page.getByText('3 images in the batch').count()).toBe(1);
  await isAccessible(page);
  await page.getByRole('button', { name: 'Done' }).click();
  const chosen = page.getByRole('radio', { name: /nuclei in H&E/i });
  await chosen.click();
  // Arrow keys go through the models, as through any group of which one is chosen.
  await page.keyboard.press('ArrowUp');
  await expect.poll(() => chosen.getAttribute('aria-checked')).toBe('false');
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => chosen.getAttribute('aria-checked')).toBe('true');
  await page.getByRole('button', { name: 'Advanced' }).click();
  await page.getByLabel('Image µm/px').fill('0.5');
  await page.getByLabel('Tile size, px').fill('128');
  await page.getByLabel('Name of the batch').fill('Cohort');
  await isAccessible(page);
  await page.getByRole('button', { name: 'Analyse 3 images' }).click();
  await page.getByRole('heading', { name: 'Cohort' }).waitFor();
  await page.getByRole('button', { name: 'Pause all' }).click();
  await expect.poll(() => status(page).textContent()).toMatch(/^paused/);
  await isAccessible(page);
  expect(screen.problems).toEqual([]);
  await screen.close();
  await app.stop();

  app = await serveApp(home, [slides]);
  screen = await openScreen(browser, app.url);
  const again = screen.page;
  await again.getByRole('button', { name: 'Go on with Cohort' }).click();
  await expect
    .poll(() => status(again).textContent(), { timeout: 120_000 })
    .toMatch(/^finished: 3 of 3 images, 1 failed/);
  const [download] = await Promise.all([
    again.waitForEvent('download'),
    again.getByRole('button', { name: 'Summary (CSV)' }).click(),
  ]);
  const rows = readFileSync(await download.path(), 'utf8')
    .trimEnd()
    .split('\r\n');
  expect(rows.map((row) => row.split(',').slice(0, 2))).toEqual([
    ['image', 'state'],
    ['a.png', 'complete'],
    ['b.png', 'complete'],
    ['broken.png', 'failed'],
  ]);
  // How far reports are is seen by whoever looks on, who can cancel them, too.
  const beside = await again.context().newPage();
  await beside.goto(app.url);
  await beside.getByRole('button', { name: /^Cohort/ }).click();
  await status(beside).waitFor();
  const begun = beside.getByRole('progressbar', { name: 'Reports written' }).waitFor();
  await again.getByRole('button', { name: 'Reports (PDF)' }).click();
  await begun;
  // At once: two reports of small pictures do not take long.
  await beside.getByRole('button', { name: 'Cancel reports' }).dispatchEvent('click');
  for (const page of [again, beside])
    await expect
      .poll(() => reportsStatus(page).textContent())
      .toMatch(/^Cancelled after [01] of 2 reports: no archive was saved$/);
  await beside.close();
  const [reports] = await Promise.all([
    again.waitForEvent('download'),
    again.getByRole('button', { name: 'Reports (PDF)' }).click(),
  ]);
  expect(reports.suggestedFilename()).toBe('reports.zip');
  await expect.poll(() => reportsStatus(again).textContent()).toBe('2 reports written');
  const files = unzipSync(readFileSync(await reports.path()));
  const names = Object.keys(files);
  expect(names).toEqual([
    expect.stringMatching(/^1-image-[0-9a-f]{12}-run-1\.pdf$/),
    expect.stringMatching(/^2-image-[0-9a-f]{12}-run-1\.pdf$/),
    'reports.csv',
  ]);
  for (const name of names.slice(0, 2))
    expect(Buffer.from(files[name] ?? []).toString('latin1')).toMatch(/^%PDF-[\s\S]*%%EOF\s*$/);
  // What has none is not left out in silence.
  expect(strFromU8(files['reports.csv']!)).toBe(
    [
      'image,state,report,error',
      `1,complete,${names[0]},`,
      `2,complete,${names[1]},`,
      '3,failed,,format-unknown',
      '',
    ].join('\r\n'),
  );
  // What the buttons of its rows do is reached by name, too.
  await command(again, 'Go on with an image of the batch, or try it again…', 'broken.png');
  await expect.poll(() => status(again).textContent()).toMatch(/^finished: 3 of 3 images, 1 failed/);
  await again.getByRole('button', { name: 'failed 1' }).click();
  expect(await again.getByRole('list', { name: 'Images' }).getByRole('listitem').count()).toBe(1);
  await again.getByRole('button', { name: /^all/ }).click();

  // Its case, the visible part again, and back.
  await command(again, 'Open an image of the batch…', 'b.png');
  await again.getByRole('heading', { name: 'b.png' }).waitFor();
  await again.getByRole('button', { name: 'Analyse the visible part again' }).click();
  await again.getByRole('button', { name: /^Analyse \d+ tiles again$/ }).click();
  const bar = again.getByRole('region', { name: 'Run', exact: true }).getByRole('status');
  await expect.poll(() => bar.textContent(), { timeout: 60_000 }).toMatch(/^Complete/);
  await again.getByRole('button', { name: 'Back to the batch' }).click();
  await expect.poll(() => status(again).textContent()).toMatch(/^finished/);
  expect(screen.problems).toEqual([]);
});
