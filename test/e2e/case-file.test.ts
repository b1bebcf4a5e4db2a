/** The case as a file, on the screen: what it is, a copy, one that is open elsewhere, one that is damaged. */
import { closeSync, copyFileSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CaseFile } from '../../src-main/store/case-file.ts';
import { Cleanup } from '../support/cleanup.ts';
import { freshHome, gigatile, serveApp, type ServedApp } from '../support/served-app.ts';
import { tissuePicture } from '../support/tissue-png.ts';
import { launchChromium, openScreen, runStatus, type Screen } from './screen.ts';

const cleanup = new Cleanup();
const { home, remove } = freshHome();
const folder = join(home, 'slides');
const at = (name: string): string => join(folder, name);
let browser: Browser;
let app: ServedApp;
let screen: Screen;

beforeAll(async () => {
  cleanup.add(remove);
  mkdirSync(folder);
  writeFileSync(at('slide.png'), tissuePicture(1000, 800).png);
  const run = ['--model', 'he-nuclei', '--mpp', '0.5', '--tile', '256', '--workers', '1'];
  gigatile(home, ['analyze', at('slide.png'), ...run, '--case', at('good.gigatile')]);
  const file = CaseFile.open(at('good.gigatile'), 'write');
  const [finding] = file.findings.all(1);
  file.transaction(() =>
    file.decisions.add(1, {
      finding: finding?.id ?? '',
      verdict: 'accepted',
      reviewer: 'A',
      modelSha256: 's',
      at: new Date().toISOString(),
    }),
  );
  file.close();
  for (const name of ['taken', 'damaged']) copyFileSync(at('good.gigatile'), at(`${name}.gigatile`));
  const owner = { pid: 7, host: 'microscope-2', since: '2026-01-02T03:04:05.000Z' };
  writeFileSync(at('taken.gigatile.lock'), JSON.stringify(owner));
  copyFileSync(at('good.gigatile.backup'), at('damaged.gigatile.backup'));
  const handle = openSync(at('damaged.gigatile'), 'r+');
  writeSync(handle, Buffer.alloc(2 * 4096, 0x5a), 0, 2 * 4096, 4096);
  closeSync(handle);
  browser = await launchChromium();
  cleanup.add(() => browser.close());
  app = await serveApp(home, [folder]);
  cleanup.add(() => app.stop());
  screen = await openScreen(browser, app.url);
  cleanup.add(() => screen.close());
});
afterAll(cleanup.run);

async function open(name: string): Promise<void> {
  const { page } = screen;
  await page.getByRole('button', { name: 'Open an image' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: new RegExp(`^${name}`) })
    .click();
}

it('says what the case is and how safe, and saves a copy that is a case', async () => {
  const { page } = screen;
  await open('good.gigatile');
  await page.getByRole('heading', { name: 'slide.png' }).waitFor();
  await page.getByRole('button', { name: 'This case: size, safety, backups' }).click();
  const dialog = page.getByRole('dialog', { name: 'This case' });
  await dialog.getByText('write-ahead log, synchronous=FULL').waitFor();
  expect(await dialog.textContent()).toMatch(/1 run.*1 decision.*local disk.*good\.gigatile\.backup/);
  await dialog.getByRole('button', { name: 'Check it' }).click();
  await dialog.getByText(/^Sound: /).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Save a copy…' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('good-copy.gigatile');
  await download.saveAs(at('saved.gigatile'));
  const copy = CaseFile.openReadOnly(at('saved.gigatile'));
  expect(copy.check()).toEqual([]);
  expect(copy.facts()).toMatchObject({ runs: 1, decisions: 1 });
  copy.close();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Home' }).click();
});

it('a case that is open elsewhere names its owner, and can be looked at but not changed', async () => {
  const { page } = screen;
  await open('taken.gigatile');
  const refusal = page.getByRole('alert').filter({ hasText: 'taken.gigatile could not be opened' });
  await refusal.waitFor();
  expect(await refusal.textContent()).toContain('This case is open on microscope-2 since');
  await refusal.getByRole('button', { name: 'Look at it without changing it' }).click();
  await page.getByText('This case can only be looked at').waitFor();
  expect(await runStatus(page).textContent()).toMatch(/^Complete: /);
  expect(await page.getByRole('button', { name: 'New run' }).isDisabled()).toBe(true);
  const drawing = page.getByRole('group', { name: 'Drawing tools' }).getByRole('button');
  expect(await drawing.first().isDisabled()).toBe(true);
  await page.getByRole('tab', { name: /^Findings/ }).click();
  await page.keyboard.press('j');
  expect(await page.getByRole('button', { name: 'Accept', exact: true }).count()).toBe(0);
  await page.keyboard.press('a');
  await page.getByRole('button', { name: 'Home' }).click();
});

it('a damaged case is restored from its backup, with what was decided', async () => {
  const { page } = screen;
  await open('damaged.gigatile');
  const refusal = page.getByRole('alert').filter({ hasText: 'damaged.gigatile could not be opened' });
  await refusal.getByRole('button', { name: 'Restore the backup' }).click();
  await page.getByRole('heading', { name: 'slide.png' }).waitFor();
  await page.getByText(/The damaged file is kept as damaged\.gigatile\.damaged-/).waitFor();
  await expect.poll(() => page.locator('.decisions-text, .numbers').first().textContent()).toMatch(/1/);
  expect(screen.problems).toEqual([]);
});
