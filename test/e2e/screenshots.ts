/**
 * Makes the pictures of the README from the real application: `node_modules/.bin/node test/e2e/screenshots.ts`, after
 * `npm run build`. Takes the demo's slide and scene where `npm run demo` has made them.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { freshHome, gigatile, serveApp } from '../support/served-app.ts';
import { launchChromium, openScreen, runStatus, settledStage, startRun, tab } from './screen.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, 'resources/screenshots');
const size = { width: 1280, height: 800 };
const largest = 400_000;

/** As PNG with a palette, the smallest form that still shows a slide as it is. @throws where it is too large to commit. */
async function keep(page: Page, name: string): Promise<void> {
  const path = join(folder, `${name}.png`);
  for (const colours of [256, 128, 64]) {
    await sharp(await page.screenshot())
      .png({ palette: true, colours, effort: 10 })
      .toFile(path);
    if (statSync(path).size < largest) {
      console.log(`${name}.png: ${Math.round(statSync(path).size / 1000)} KB, ${colours} colours`);
      return;
    }
  }
  throw new Error(`${name}.png has ${statSync(path).size} bytes`);
}

function sample(home: string, kind: 'pathology' | 'satellite', demo: string): string {
  const made = join(root, 'demo', demo);
  if (existsSync(made)) return made;
  const out = join(home, demo);
  gigatile(home, ['sample', kind, '--size', kind === 'pathology' ? '12000x9000' : '4096x4096', '--out', out]);
  return out;
}

async function finished(page: Page): Promise<void> {
  for (let seconds = 0; seconds < 300; seconds++) {
    if ((await runStatus(page).textContent())?.startsWith('Complete') === true) return;
    await page.waitForTimeout(1000);
  }
  throw new Error(`the run did not end: ${await runStatus(page).textContent()}`);
}

async function pathology(browser: Browser, home: string): Promise<void> {
  const app = await serveApp(home, [sample(home, 'pathology', 'slide.tif')]);
  const screen = await openScreen(browser, app.url, size);
  const { page } = screen;
  await page.getByRole('heading', { name: 'slide.tif' }).waitFor();
  await page.getByRole('button', { name: 'Set reviewer' }).click();
  await page.getByRole('textbox', { name: 'Reviewer' }).fill('Dr. Sample');
  await page.getByRole('button', { name: 'Done' }).click();
  await settledStage(page);
  await page.getByRole('radio', { name: /nuclei in H&E/i }).click();
  await page.getByRole('button', { name: /^Analyse with/ }).click();
  const progress = page.getByRole('progressbar', { name: 'Tiles that have ended' });
  while (Number(await progress.getAttribute('aria-valuenow')) < 45) await page.waitForTimeout(50);
  await page.getByRole('button', { name: 'Pause' }).click();
  await settledStage(page);
  await keep(page, 'paused');
  await page.getByRole('button', { name: 'Resume' }).click();
  await finished(page);

  await tab(page, 'Findings').click();
  await page.keyboard.press('f');
  await settledStage(page);
  await keep(page, 'review');
  await page.keyboard.press('f');
  for (const key of ['j', 'a', 'a', 'x', 'a']) {
    await page.keyboard.press(key);
    await page.waitForTimeout(300);
  }
  await settledStage(page);
  await keep(page, 'findings');

  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name: /Compose a report/ }).click();
  await page.frameLocator('iframe').getByRole('heading', { level: 1 }).waitFor();
  await page.waitForTimeout(1500);
  await keep(page, 'report');
  await page.keyboard.press('Escape');

  await tab(page, 'Run').click();
  await page.getByRole('button', { name: 'New run' }).click();
  await page.getByRole('radio', { name: /nuclei in H&E/i }).click();
  await page.getByRole('button', { name: 'Advanced' }).click();
  await page.getByRole('textbox', { name: 'Threshold' }).fill('0.8');
  await page.getByRole('button', { name: /^Analyse with/ }).click();
  await page.getByRole('button', { name: /^Pause/ }).waitFor();
  await finished(page);
  await page.keyboard.press('v');
  await page.getByRole('heading', { name: 'Compare runs' }).waitFor();
  await page.keyboard.press('j');
  await settledStage(page);
  await keep(page, 'compare');
  await screen.close();
  await app.stop();
}

async function satellite(browser: Browser, home: string): Promise<void> {
  const app = await serveApp(home, [sample(home, 'satellite', 'scene.tif')]);
  const screen = await openScreen(browser, app.url, size);
  const { page } = screen;
  await page.getByRole('heading', { name: 'scene.tif' }).waitFor();
  await startRun(page, /four bands/i);
  await finished(page);
  await settledStage(page);
  await keep(page, 'land-cover');
  await screen.close();
  await app.stop();
}

const { home, remove } = freshHome();
const browser = await launchChromium();
try {
  mkdirSync(folder, { recursive: true });
  await pathology(browser, home);
  await satellite(browser, home);
} finally {
  await browser.close();
  remove();
}
