/** The first tour: from nothing at hand to a judged finding, over the slide that comes with the program. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshHome, serveApp, type ServedApp } from '../support/served-app.ts';
import { violations } from './axe.ts';
import { findings, launchChromium, openScreen, startRun, tab } from './screen.ts';

let browser: Browser;
let app: ServedApp;
const { home, remove } = freshHome();

beforeAll(async () => {
  browser = await launchChromium();
  app = await serveApp(home, []);
});
afterAll(async () => {
  await browser.close();
  await app.stop();
  remove();
});

test('leads through a review of the sample slide, goes along with what is done, and is offered once', async () => {
  const screen = await openScreen(browser, app.url);
  const { page, problems } = screen;
  await page.getByRole('heading', { name: 'New here?' }).waitFor();
  await page.getByRole('button', { name: 'Try it with a sample slide' }).click();
  const tour = page.getByRole('region', { name: 'Tour' });
  await tour.getByText('1 of 4').waitFor();
  expect(await violations(page)).toEqual([]);
  await tour.getByRole('button', { name: 'Next' }).click();
  await tour.getByRole('heading', { name: 'Choose a model and start' }).waitFor();
  await startRun(page, /nuclei in H&E/i);
  // What a person does takes the tour along.
  await tour.getByRole('heading', { name: 'Judge the findings' }).waitFor();
  await tab(page, 'Findings').click();
  await findings(page).getByRole('row').first().waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('a');
  await page.getByText('1 reviewed').waitFor();
  await tour.getByRole('button', { name: 'Done' }).click();
  await tour.waitFor({ state: 'detached' });

  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search commands' }).fill('close the case');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Nothing at hand?' }).waitFor();
  expect(problems).toEqual([]);
  await screen.close();
}, 180_000);
