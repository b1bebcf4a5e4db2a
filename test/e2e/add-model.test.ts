/** A model from somebody else's file, as a person adds it: chosen in a folder, asked about, run, and offered again next time. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../models/builder/graph.ts';
import { Cleanup } from '../support/cleanup.ts';
import { freshHome, serveApp } from '../support/served-app.ts';
import { tissuePicture } from '../support/tissue-png.ts';
import { launchChromium, openScreen, runStatus, settledStage } from './screen.ts';
import type { Screen } from './screen.ts';

const cleanup = new Cleanup();
const { home, remove } = freshHome();
const folder = join(home, 'images');
let browser: Browser;
let screen: Screen;

/** Two classes a pixel: dark is nucleus. No metadata: nothing says what it is. */
function darkness(): Uint8Array {
  const graph = new GraphBuilder();
  const image = graph.input('pixels', 'float32', ['n', 3, 128, 128]);
  const mean = graph.op('ReduceMean', [image], { axes: [1], keepdims: 1 });
  const dark = graph.cast(graph.op('Less', [mean, graph.floats([0.55])]), 'float32');
  graph.op('Identity', [dark], {}, 'nucleus');
  graph.output('nucleus', 'float32', ['n', 1, 128, 128]);
  return graph.toBytes('darkness', '', {});
}

beforeAll(async () => {
  cleanup.add(remove);
  mkdirSync(folder);
  writeFileSync(join(folder, 'tissue.png'), tissuePicture(700, 500, 100).png);
  writeFileSync(join(folder, 'darkness.onnx'), darkness());
  browser = await launchChromium();
  cleanup.add(() => browser.close());
  const app = await serveApp(home, [join(folder, 'tissue.png')]);
  cleanup.add(() => app.stop());
  screen = await openScreen(browser, app.url);
  cleanup.add(() => screen.close());
  await screen.page.getByRole('heading', { name: 'tissue.png' }).waitFor();
});
afterAll(cleanup.run);

describe('a model that does not say what it is', () => {
  it('is asked about, and its answers are kept beside it', async () => {
    const { page } = screen;
    await page.getByRole('button', { name: 'Add a model from a file' }).click();
    await page.getByRole('button', { name: /darkness\.onnx/ }).click();
    const form = page.getByRole('dialog', { name: /darkness\.onnx/ });
    const save = form.getByRole('button', { name: 'Save and use' });
    await save.waitFor();
    expect(await save.isDisabled()).toBe(true);
    await form.getByRole('combobox', { name: /What does it answer/ }).click();
    await page.getByRole('option', { name: /two classes/ }).click();
    await form.getByRole('textbox', { name: /classes called/ }).fill('ground, nucleus');
    await form.getByRole('combobox', { name: /range/ }).click();
    await page.getByRole('option', { name: 'pixels divided by 255', exact: true }).click();
    await save.click();
    await form.waitFor({ state: 'detached' });
    const written = JSON.parse(readFileSync(join(folder, 'gigatile.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(written).toMatchObject({ task: 'segment', classes: [{ name: 'ground' }, { name: 'nucleus' }] });
  });

  it('is chosen then, runs, and its regions are outlined', async () => {
    const { page } = screen;
    const chosen = page.getByRole('radio', { checked: true });
    expect(await chosen.textContent()).toContain('darkness');
    await page.getByRole('button', { name: /^Analyse with/ }).click();
    await expect.poll(() => runStatus(page).textContent(), { timeout: 60_000 }).toMatch(/^Complete/);
    // Outlines are asked for whenever the view rests: earlier answers, from before there were any, may still be on their way.
    const outlined = page.waitForResponse(async (response) => {
      if (!response.url().includes('/shapes/')) return false;
      // One that the page has taken back has no body.
      const frame = await response.body().catch(() => Buffer.alloc(8));
      return frame.toString('latin1', 0, 4) === 'GSF1' && frame.readUInt32LE(4) > 10;
    });
    await page.getByRole('button', { name: 'Actual pixels' }).click();
    await outlined;
    await settledStage(page);
  });

  it('is offered again after a reload, and can be taken off the list', async () => {
    const { page } = screen;
    await page.reload();
    await page.getByRole('button', { name: 'New run' }).click();
    const card = page.getByRole('article').filter({ hasText: 'darkness' });
    await card.getByRole('button', { name: /Limits, licence/ }).click();
    await card.getByRole('button', { name: 'Take it off the list' }).click();
    await card.waitFor({ state: 'detached' });
    expect(existsSync(join(folder, 'darkness.onnx'))).toBe(true);
    expect(screen.problems).toEqual([]);
  });
});
