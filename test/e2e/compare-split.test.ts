/** Two runs compared, and two views side by side, by the keyboard. */
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cleanup } from '../support/cleanup.ts';
import { freshHome, gigatile, serveApp, type ServedApp } from '../support/served-app.ts';
import { tissuePicture } from '../support/tissue-png.ts';
import { violations } from './axe.ts';
import {
  chooseTheme,
  command,
  drop,
  launchChromium,
  openScreen,
  runStatus,
  type Screen,
  tab,
} from './screen.ts';

const cleanup = new Cleanup();
const { home, remove } = freshHome();
let browser: Browser;
let app: ServedApp;
let screen: Screen;

let counts: { both: number; onlyA: number; onlyB: number };

beforeAll(async () => {
  cleanup.add(remove);
  const [slide, other, path] = ['slide.tif', 'other.tif', 'slide.gigatile'].map((name) =>
    join(home, name),
  ) as [string, string, string];
  gigatile(home, ['sample', 'pathology', '--size', '900x700', '--seed', '3', '--out', slide]);
  gigatile(home, ['sample', 'satellite', '--size', '300x300', '--out', other]);
  copyFileSync(other, join(home, 'fresh.tif'));
  const analyze = ['analyze', slide, '--model', 'he-nuclei', '--case', path, '--workers', '1'];
  gigatile(home, [...analyze, '--threshold', '0.6']);
  gigatile(home, [...analyze, '--stain', 'macenko']);
  gigatile(home, ['analyze', other, '--model', 'landcover-rgbn', '--workers', '1']);
  const told = gigatile(home, ['compare', path, '--run', '2', '--run', '1', '--json']);
  ({ counts } = JSON.parse(told) as { counts: typeof counts });
  browser = await launchChromium();
  cleanup.add(() => browser.close());
  app = await serveApp(home, [path]);
  cleanup.add(() => app.stop());
  screen = await openScreen(browser, app.url);
  cleanup.add(() => screen.close());
  await runStatus(screen.page).waitFor();
});
afterAll(cleanup.run);

const comparison = (page: Page) => page.getByRole('region', { name: 'Comparison' });
const objects = (page: Page) => page.getByRole('grid', { name: 'Compared objects' });
const group = (page: Page, name: string) =>
  page
    .getByRole('group', { name: 'Groups in the list and in the image' })
    .getByRole('button', { name: new RegExp(`^${name} `) });
const views = (page: Page) => page.getByRole('application');

async function counted(page: Page, name: string): Promise<number> {
  return Number(/([\d,]+)$/.exec((await group(page, name).textContent()) ?? '')?.[1]?.replaceAll(',', ''));
}

const zoom = (page: Page) => page.getByLabel('Zoom', { exact: true });
const secondZoom = (page: Page) => page.getByLabel('Zoom of the second view');

/** What is written there once it changes no more: views move softly. */
async function atRest(place: Locator): Promise<string | null> {
  for (let before = await place.textContent(); ;) {
    await place.page().waitForTimeout(700);
    const now = await place.textContent();
    if (now === before) return now;
    before = now;
  }
}

/** Each step goes on where the one before ended, as a person does. */
describe('comparing two runs', () => {
  it('counts what both found and what only one, as the command line does', async () => {
    const { page } = screen;
    await page.keyboard.press('v');
    await objects(page).waitFor();
    expect(counts.both).toBeGreaterThan(20);
    expect(counts.onlyA).toBeGreaterThan(0);
    expect([
      await counted(page, 'Both'),
      await counted(page, 'Only A'),
      await counted(page, 'Only B'),
    ]).toEqual([counts.both, counts.onlyA, counts.onlyB]);
    expect(await objects(page).getAttribute('aria-rowcount')).toBe(String(counts.onlyA + counts.onlyB));
    const legend = page.getByRole('region', { name: 'Legend' });
    // Both runs cut the image into the same tiles.
    await legend.getByRole('switch', { name: 'Tile scores' }).waitFor();
    expect(await legend.textContent()).toMatch(/Only A.*Only B.*A higher.*B higher/);
    const [table] = await Promise.all([
      page.waitForEvent('download'),
      comparison(page).getByRole('button', { name: 'CSV' }).click(),
    ]);
    expect(table.suggestedFilename()).toMatch(/^image-\w+-run-2-and-1\.csv$/);
    const lines = readFileSync(await table.path(), 'utf8')
      .trimEnd()
      .split('\r\n');
    expect(lines).toHaveLength(1 + counts.both + counts.onlyA + counts.onlyB);
  });

  it('steps through what differs, decides what A found, and shows what both found where that is wanted', async () => {
    const { page } = screen;
    await group(page, 'Only B').click();
    await expect.poll(() => objects(page).getAttribute('aria-rowcount')).toBe(String(counts.onlyA));
    await objects(page).focus();
    await page.keyboard.press('j');
    const first = objects(page).locator('#object-0');
    await expect.poll(() => first.getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('x');
    await expect.poll(() => first.getAttribute('aria-label')).toMatch(/^Only A, nucleus, .*rejected$/);
    if (counts.onlyA > 1) {
      await expect.poll(() => objects(page).locator('#object-1').getAttribute('aria-selected')).toBe('true');
    }
    await group(page, 'Both').click();
    const all = counts.onlyA + counts.both;
    await expect.poll(() => objects(page).getAttribute('aria-rowcount')).toBe(String(all));
    // What was rejected counts no more once it is asked for.
    await page.getByRole('button', { name: /^Compare again/ }).click();
    await expect.poll(() => counted(page, 'Only A')).toBe(counts.onlyA - 1);
  });

  it('goes by another IoU, and leaves with one key', async () => {
    const { page } = screen;
    const before = await counted(page, 'Both');
    await comparison(page)
      .getByRole('slider', { name: /IoU at least/ })
      .focus();
    await page.keyboard.press('End');
    await expect.poll(() => counted(page, 'Both')).toBeLessThan(before);
    // The key closes what is open before it leaves.
    await page.keyboard.press('?');
    const keys = page.getByRole('dialog', { name: 'Keys' });
    await keys.waitFor();
    await page.keyboard.press('Escape');
    await keys.waitFor({ state: 'detached' });
    await page.keyboard.press('b');
    const look = page.getByRole('region', { name: 'Bands and contrast' });
    await look.waitFor();
    await page.keyboard.press('Escape');
    await look.waitFor({ state: 'detached' });
    await comparison(page).waitFor();
    await page.keyboard.press('Escape');
    await comparison(page).waitFor({ state: 'detached' });
    await tab(page, 'Run').waitFor();
  });
});

describe('two views side by side', () => {
  it('move together, at the same magnification', async () => {
    const { page } = screen;
    await page.keyboard.press('s');
    await expect.poll(() => views(page).count()).toBe(2);
    for (let i = 0; i < 3; i++) await page.keyboard.press('+');
    await expect.poll(() => secondZoom(page).textContent()).not.toBe('');
    await expect
      .poll(async () => [await zoom(page).textContent(), await secondZoom(page).textContent()])
      .toSatisfy(([one, other]: string[]) => one !== '' && one === other);
  });

  it('move apart, and keep between them what one was moved by', async () => {
    const { page } = screen;
    await page.keyboard.press('l');
    const apart = await atRest(zoom(page));
    await page.keyboard.press('Shift+S');
    for (let i = 0; i < 3; i++) await page.keyboard.press('+');
    await expect.poll(() => secondZoom(page).textContent()).not.toBe(apart);
    expect(await zoom(page).textContent()).toBe(apart);
    await page.keyboard.press('l');
    await expect.poll(() => secondZoom(page).textContent()).toBe(await zoom(page).textContent());
  });

  it('show another image, and close with one key', async () => {
    const { page } = screen;
    await page.getByRole('combobox', { name: 'What the second view shows' }).click();
    await page.getByRole('option', { name: /^other\.tif/ }).click();
    await expect.poll(() => views(page).nth(1).getAttribute('aria-label')).toBe('Second view, other.tif');
    await expect.poll(() => secondZoom(page).textContent()).toMatch(/m\/px$/);
    await command(page, 'Show in the second view…', 'Without results');
    await expect.poll(() => views(page).nth(1).getAttribute('aria-label')).toMatch(/slide\.tif/);
    // One that was never open before, out of the served folder.
    await page.getByRole('button', { name: 'Open a file in the second view…' }).click();
    const browse = page.getByRole('dialog', { name: 'Open beside the image' });
    await browse.getByRole('button', { name: /^fresh\.tif/ }).click();
    await expect.poll(() => views(page).nth(1).getAttribute('aria-label')).toBe('Second view, fresh.tif');
    expect(await views(page).first().getAttribute('aria-label')).toMatch(/slide\.tif/);
    // One that is dropped there, and one on the second view's own name, which means it, too.
    await drop(views(page).nth(1), 'dropped here.png', tissuePicture(600, 400, 7).png);
    await expect
      .poll(() => views(page).nth(1).getAttribute('aria-label'))
      .toBe('Second view, dropped here.png');
    await drop(secondZoom(page), 'dropped there.png', tissuePicture(500, 400, 9).png);
    await expect
      .poll(() => views(page).nth(1).getAttribute('aria-label'))
      .toBe('Second view, dropped there.png');
    // One that is none leaves what is there, and says so.
    await drop(views(page).nth(1), 'letter.svs', Buffer.from('Dear colleague'));
    await page.getByText('letter.svs could not be opened beside this one').waitFor();
    expect(await views(page).nth(1).getAttribute('aria-label')).toBe('Second view, dropped there.png');
    expect(await views(page).first().getAttribute('aria-label')).toMatch(/slide\.tif/);
    await page.keyboard.press('Escape');
    await expect.poll(() => views(page).count()).toBe(1);
  });
});

it('makes a run again with what it was made with', async () => {
  const { page } = screen;
  await tab(page, 'Run').click();
  await page.getByRole('button', { name: 'What differs' }).first().click();
  const differences = page.getByRole('table', { name: 'run-1 and run-2' });
  expect(await differences.textContent()).toMatch(/Threshold0\.6automatic.*Stainsautomaticof this slide/);
  await page.getByRole('button', { name: 'Run again…' }).click();
  await page.getByRole('button', { name: 'Advanced' }).click();
  expect(await page.getByRole('textbox', { name: 'Threshold' }).inputValue()).toBe('0.6');
  await page.getByRole('button', { name: /^Analyse with/ }).click();
  await runStatus(page)
    .filter({ hasText: /^Complete: / })
    .waitFor({ timeout: 120_000 });
  await page.getByRole('button', { name: 'What differs' }).last().click();
  await page.getByText('Made with the same as the run on the screen.').waitFor();
});

describe.each(['dark', 'light'])('the %s screens', (theme) => {
  it('of a comparison and of two views break no rule of accessibility', async () => {
    const { page } = screen;
    await chooseTheme(page, theme);
    await page.reload();
    await runStatus(page).waitFor();
    await page.keyboard.press('v');
    await objects(page).waitFor();
    await page.keyboard.press('j');
    await page.getByRole('button', { name: 'What counts' }).click();
    await page.keyboard.press('s');
    await expect.poll(() => views(page).count()).toBe(2);
    const found = await violations(page, theme === 'light');
    await page.keyboard.press('Escape');
    await expect.poll(() => views(page).count()).toBe(1);
    await page.keyboard.press('Escape');
    await comparison(page).waitFor({ state: 'detached' });
    expect(found).toEqual([]);
  });

  it('had nothing to complain about all along', () => {
    expect(screen.problems).toEqual([]);
  });
});
