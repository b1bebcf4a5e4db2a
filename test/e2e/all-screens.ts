/**
 * Pictures of every screen, in both themes and at two sizes, to be looked at: `node_modules/.bin/node test/e2e/all-screens.ts <folder> [dark-1280]`,
 * after `npm run build`. Goes through a review of the sample slide.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { freshHome, gigatile, serveApp } from '../support/served-app.ts';
import { tissuePicture } from '../support/tissue-png.ts';
import {
  chooseTheme,
  command,
  drop,
  findings,
  launchChromium,
  openScreen,
  runStatus,
  settledStage,
  startRun,
  tab,
} from './screen.ts';

const folder = resolve(process.argv[2] ?? 'screens');
/** Only those of one theme and width, such as `dark-1280`. */
const only = process.argv[3];
const sizes = [
  { width: 1280, height: 800 },
  { width: 2560, height: 1440 },
];

async function finished(page: Page): Promise<void> {
  while ((await runStatus(page).textContent())?.startsWith('Complete') !== true)
    await page.waitForTimeout(500);
}

async function review(
  browser: Browser,
  size: { width: number; height: number },
  theme: string,
): Promise<void> {
  const { home, remove } = freshHome();
  const to = join(folder, `${theme}-${size.width}`);
  mkdirSync(to, { recursive: true });
  const slide = join(home, 'Slide with a long name of the tenth of November, block B2, level 3.tif');
  gigatile(home, ['sample', 'pathology', '--size', '6000x4000', '--out', slide]);
  const app = await serveApp(home, [home]);
  const screen = await openScreen(browser, app.url, size);
  const { page } = screen;
  let number = 0;
  const shot = async (name: string): Promise<void> => {
    await page.waitForTimeout(500);
    await page.screenshot({ path: join(to, `${String(++number).padStart(2, '0')}-${name}.png`) });
  };
  const dialog = async (label: string, name: string): Promise<void> => {
    await command(page, label);
    await page.getByRole('dialog').first().waitFor();
    await page.locator('.dialog .skeleton').first().waitFor({ state: 'detached' });
    await shot(name);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').first().waitFor({ state: 'detached' });
  };

  await page.getByRole('heading', { name: 'New here?' }).waitFor();
  await chooseTheme(page, theme);
  await shot('home');
  await page.getByRole('button', { name: 'Analyse many images' }).click();
  await page.getByText('No images yet').waitFor();
  await shot('new-batch');
  await page.getByRole('button', { name: 'Home' }).click();
  await page.getByRole('button', { name: 'Open an image' }).click();
  await page.getByRole('dialog').waitFor();
  await shot('browse');
  await page.getByRole('button', { name: /Slide with a long name/ }).click();
  await page.getByRole('heading', { name: /Slide with a long name/ }).waitFor();
  await settledStage(page);
  await shot('models');
  await startRun(page, /nuclei in H&E/i);
  await page.getByRole('button', { name: /^Pause/ }).waitFor();
  await page.waitForTimeout(4000);
  await shot('running');
  await finished(page);
  await settledStage(page);
  await shot('run');
  await tab(page, 'Findings').click();
  await findings(page).getByRole('row').first().waitFor();
  for (const key of ['j', 'a', 'a', 'x', 'a']) {
    await page.keyboard.press(key);
    await page.waitForTimeout(400);
  }
  await settledStage(page);
  await shot('findings');
  await page.getByRole('button', { name: 'All numbers' }).click();
  await shot('numbers');
  await tab(page, 'Tiles').click();
  await shot('tiles');
  await tab(page, 'Annotations').click();
  await command(page, 'Mark what is in view as a region');
  await shot('annotations');
  for (const [label, name] of [
    ['Keys', 'keys'],
    ['Settings', 'settings'],
    ['What works here', 'doctor'],
    ['This case: size, safety, backups', 'case'],
    ['Licences of the software in Gigatile', 'licences'],
    ['Machines: the queue, its workers and runs', 'machines'],
    ['Report a problem', 'problem'],
    ['Go to a place', 'go-to'],
    ['Analyse the visible part again', 'rerun'],
  ] as const) {
    await dialog(label, name);
  }
  await command(page, 'Compose and save a report');
  await page.frameLocator('iframe').getByRole('heading', { level: 1 }).waitFor();
  await shot('report');
  await page.keyboard.press('Escape');
  await command(page, 'Choose a model for a new run');
  await page.getByRole('radio', { name: /nuclei in H&E/i }).click();
  await page.getByRole('button', { name: 'Advanced' }).click();
  await page.getByRole('textbox', { name: 'Threshold' }).fill('0.7');
  await shot('options');
  await page.getByRole('button', { name: /^Analyse with/ }).click();
  await page.getByRole('button', { name: /^Pause/ }).waitFor();
  await finished(page);
  await command(page, 'Compare with another run');
  await page.getByRole('heading', { name: 'Compare runs' }).waitFor();
  await settledStage(page);
  await shot('compare');
  await page.keyboard.press('Escape');
  await command(page, 'Two views side by side');
  await page.getByRole('region', { name: 'Second view' }).waitFor();
  await page.waitForTimeout(1500);
  await shot('two-views');
  await drop(page.getByRole('application').nth(1), 'beside.png', tissuePicture(900, 700).png);
  await page.getByRole('application', { name: 'Second view, beside.png' }).waitFor();
  await page.waitForTimeout(1500);
  await shot('two-views-file');
  await page.mouse.move(size.width / 3, size.height / 2);
  await page.keyboard.press('Escape');
  await command(page, 'Bands and contrast');
  await shot('look');
  await command(page, 'Close the case');
  await page.getByRole('region', { name: 'Recent cases' }).waitFor();
  await shot('home-again');
  await command(page, 'Analyse many images in a batch');
  for (const name of ['first.png', 'second.png'])
    writeFileSync(join(home, name), tissuePicture(800, 600, name.length).png);
  writeFileSync(join(home, 'broken.png'), 'no picture');
  await page.getByRole('button', { name: 'Add images or folders…' }).click();
  await page.getByRole('button', { name: /^Add all \d/ }).click();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('radio', { name: /nuclei in H&E/i }).click();
  await page.getByRole('button', { name: 'Advanced' }).click();
  await page.getByLabel('Image µm/px').fill('0.5');
  await shot('new-batch-filled');
  await page.getByRole('button', { name: /^Analyse \d+ images$/ }).click();
  await page
    .getByRole('region', { name: 'Progress' })
    .getByRole('status')
    .filter({ hasText: /^finished/ })
    .waitFor({ timeout: 180_000 });
  await shot('batch');
  await screen.close();
  await app.stop();
  remove();
}

const browser = await launchChromium();
try {
  for (const theme of ['dark', 'light'])
    for (const size of sizes) {
      if (only === undefined || only === `${theme}-${size.width}`) await review(browser, size, theme);
    }
} finally {
  await browser.close();
}
