/** An image on a server, opened by its address on the home screen and at the start, and what a person is told where it cannot be. */
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cleanup } from '../support/cleanup.ts';
import { RangeServerThread } from '../support/range-server-thread.ts';
import { freshHome, gigatile, serveApp, type ServedApp } from '../support/served-app.ts';
import { launchChromium, openScreen, settledStage, type Screen } from './screen.ts';

const secret = 'S3CRETsignature';
const cleanup = new Cleanup();
const { home, remove } = freshHome();
let browser: Browser;
let server: RangeServerThread;
let app: ServedApp;
let screen: Screen;

const address = (name: string): string => `${server.origin}/${name}?X-Amz-Signature=${secret}`;

beforeAll(async () => {
  cleanup.add(remove);
  const slide = join(home, 'local.tif');
  gigatile(home, ['sample', 'pathology', '--size', '2000x1500', '--out', slide]);
  server = await RangeServerThread.start({ '/typed.tif': slide, '/started.tif': slide });
  cleanup.add(() => server.close());
  browser = await launchChromium();
  cleanup.add(() => browser.close());
  app = await serveApp(home, [address('started.tif')]);
  cleanup.add(() => app.stop());
  screen = await openScreen(browser, app.url);
  cleanup.add(() => screen.close());
});
afterAll(cleanup.run);

test('the address of the command line is opened at the start', async () => {
  const { page } = screen;
  await page.getByRole('heading', { name: 'started.tif' }).waitFor();
  await settledStage(page);
  expect((await server.asked()).every(({ url }) => url.startsWith('/started.tif'))).toBe(true);
});

test('one that is typed, after those that lead nowhere', async () => {
  const { page } = await openScreen(browser, app.url);
  await page.getByRole('heading', { name: 'started.tif' }).waitFor();
  await page
    .getByRole('button', { name: /home|close|back/i })
    .first()
    .click();
  const field = page.getByLabel('Address of an image on a server');
  const open = page.getByRole('button', { name: 'Open address' });

  await field.fill('s3://bucket/slide.tif');
  await open.click();
  await page.getByText(/presigned https address/).waitFor();

  await field.fill(address('nothing.tif'));
  await open.click();
  await page.getByText(/nothing.tif could not be opened/).waitFor();
  await page.getByText(/404/).first().waitFor();

  await field.fill(address('typed.tif'));
  await field.press('Enter');
  await page.getByRole('heading', { name: 'typed.tif' }).waitFor();
  await settledStage(page);
  expect((await server.asked()).some(({ url }) => url === `/typed.tif?X-Amz-Signature=${secret}`)).toBe(true);
  expect(await page.content()).not.toContain(secret);
  expect(app.output()).not.toContain(secret);
  await page.context().close();
});
