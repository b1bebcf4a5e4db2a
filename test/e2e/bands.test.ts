/** Bands, channels and contrast as a person sets them: what is on the screen follows, where it was, and is there again next time. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cleanup } from '../support/cleanup.ts';
import { forgeOmeTiff } from '../support/forge/ome-tiff.ts';
import { freshHome, serveApp } from '../support/served-app.ts';
import { testData } from '../support/test-data.ts';
import { launchChromium, openScreen, settledStage, stage, tab } from './screen.ts';
import type { Screen } from './screen.ts';

const cleanup = new Cleanup();
const { home, remove } = freshHome();
let browser: Browser;

beforeAll(async () => {
  cleanup.add(remove);
  browser = await launchChromium();
  cleanup.add(() => browser.close());
});
afterAll(cleanup.run);

async function opened(path: string, name: string): Promise<Screen> {
  const app = await serveApp(home, [path]);
  cleanup.add(() => app.stop());
  const screen = await openScreen(browser, app.url);
  cleanup.add(() => screen.close());
  await screen.page.getByRole('heading', { name }).waitFor();
  await settledStage(screen.page);
  return screen;
}

const panel = (page: Page): Locator => page.getByRole('region', { name: 'Bands and contrast' });
const preset = (page: Page): Locator => panel(page).getByRole('combobox', { name: 'Shown as', exact: true });

async function choose(page: Page, name: RegExp): Promise<void> {
  await preset(page).click();
  await page.getByRole('option', { name }).click();
}

/** The mean colour of a part of the stage that nothing lies on; fractions of its size. */
async function colourAt(page: Page, x: number, y: number, size = 0.04): Promise<[number, number, number]> {
  const picture = sharp(await settledStage(page));
  const { width, height } = await picture.metadata();
  const { data, info } = await picture
    .extract({
      left: Math.round(x * width),
      top: Math.round(y * height),
      width: Math.max(1, Math.round(size * width)),
      height: Math.max(1, Math.round(size * height)),
    })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const mean = (channel: number): number => {
    let sum = 0;
    for (let at = channel; at < data.length; at += info.channels) sum += data[at] ?? 0;
    return sum / (data.length / info.channels);
  };
  return [mean(0), mean(1), mean(2)];
}

describe('fluorescence', () => {
  // Left half: DAPI; right half: CD3; both in the upper part, where they add up on the right.
  const path = join(home, 'panel.ome.tif');
  let screen: Screen;
  beforeAll(async () => {
    const ome = forgeOmeTiff({
      width: 800,
      height: 600,
      type: 'uint16',
      tileSize: 256,
      channels: [
        { name: 'DAPI', color: 0x0000ffff },
        { name: 'CD3', color: 0x00ff00ff },
      ],
      value: (x, y, { c }) => (c === 0 ? (x < 560 ? 4000 : 100) : y < 300 ? 3000 : 100) + ((x + y) % 5),
    });
    writeFileSync(path, ome);
    screen = await opened(path, 'panel.ome.tif');
  });

  it('shows all channels at once, each in its colour', async () => {
    const { page } = screen;
    await page.keyboard.press('b');
    await preset(page).waitFor();
    expect(await preset(page).textContent()).toContain('All channels');
    const [red, green, blue] = await colourAt(page, 0.5, 0.3);
    expect(red).toBeLessThan(30);
    expect(green).toBeGreaterThan(200);
    expect(blue).toBeGreaterThan(200);
    const [, lowGreen, lowBlue] = await colourAt(page, 0.5, 0.75);
    expect(lowGreen).toBeLessThan(40);
    expect(lowBlue).toBeGreaterThan(200);
  });

  it('hides a channel and takes another colour, without moving the image', async () => {
    const { page } = screen;
    await page.keyboard.press('Escape');
    await page.keyboard.press('+');
    await settledStage(page);
    const zoom = await page.getByLabel('Zoom', { exact: true }).textContent();
    await page.keyboard.press('b');
    await panel(page).getByRole('switch', { name: 'Show DAPI' }).click();
    const [, green, blue] = await colourAt(page, 0.5, 0.3);
    expect(green).toBeGreaterThan(200);
    expect(blue).toBeLessThan(40);
    await panel(page).getByLabel('Colour of CD3').fill('#ff8000');
    const [red, orange] = await colourAt(page, 0.5, 0.3);
    expect(red).toBeGreaterThan(200);
    expect(orange).toBeGreaterThan(90);
    expect(orange).toBeLessThan(170);
    expect(await page.getByLabel('Zoom', { exact: true }).textContent()).toBe(zoom);
  });

  it('can be drawn on before anything was analysed, with classes and import at hand', async () => {
    const { page } = screen;
    const model = page.getByRole('radio').first();
    await model.click();
    await tab(page, 'Annotations').click();
    await page.getByRole('combobox', { name: 'Draw as' }).click();
    await page.getByRole('option', { name: 'Exclude' }).click();
    await page.getByRole('button', { name: 'Mark the view' }).click();
    await page.getByRole('list', { name: 'Annotations' }).getByText('Exclude').waitFor();
    // What QuPath exports, by its own coordinates; of many only those in sight are drawn.
    const features = Array.from({ length: 500 }, (_, i) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [i, 5] },
      properties: { objectType: 'annotation', classification: { name: 'Gland', color: [200, 0, 0] } },
    }));
    const choosing = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Import GeoJSON' }).click();
    const buffer = Buffer.from(JSON.stringify({ type: 'FeatureCollection', features }));
    await (await choosing).setFiles({ name: 'drawn.geojson', mimeType: 'application/geo+json', buffer });
    await page.getByText('500 annotations imported').waitFor();
    const rows = page.getByRole('list', { name: 'Annotations' }).getByRole('listitem');
    await expect.poll(() => rows.nth(1).getAttribute('aria-setsize')).toBe('501');
    expect(await rows.nth(1).textContent()).toMatch(/^Gland/);
    expect(await rows.count()).toBeLessThan(60);
    for (const left of ['501', '1', '0']) {
      if (left !== '501') await page.keyboard.press('z');
      await expect
        .poll(() => tab(page, 'Annotations').textContent())
        .toMatch(left === '0' ? /s$/ : `s${left}`);
    }
    await page.getByText('Nothing drawn yet').waitFor();
    await tab(page, 'Run').click();
    expect(await model.getAttribute('aria-checked')).toBe('true');
  });

  it('follows the keyboard: a darker bright end makes the picture brighter', async () => {
    const { page } = screen;
    const bright = panel(page).getByRole('textbox', { name: 'CD3, bright at' });
    await bright.fill('60000');
    await bright.press('Enter');
    const [dim] = await colourAt(page, 0.5, 0.3);
    expect(dim).toBeLessThan(60);
    const slider = panel(page).getByRole('slider', { name: 'CD3, bright at' });
    await slider.focus();
    for (let i = 0; i < 45; i++) await page.keyboard.press('Shift+ArrowLeft');
    const [lit] = await colourAt(page, 0.5, 0.3);
    expect(lit).toBeGreaterThan(dim + 40);
    // The arrow keys were the slider's: the image is where it was.
    expect(await bright.inputValue()).not.toBe('60000');
  });

  it('is remembered for this image, and can be reset', async () => {
    const { page } = screen;
    await page.reload();
    await page.getByRole('heading', { name: 'panel.ome.tif' }).waitFor();
    const [red, , blue] = await colourAt(page, 0.5, 0.3);
    expect(red).toBeGreaterThan(60);
    expect(blue).toBeLessThan(40);
    await page.keyboard.press('b');
    await panel(page).getByRole('button', { name: 'Reset' }).click();
    const [, green, again] = await colourAt(page, 0.5, 0.3);
    expect(green).toBeGreaterThan(200);
    expect(again).toBeGreaterThan(200);
    expect(await page.evaluate<string | null>(`localStorage.getItem('gigatile.looks')`)).not.toContain(
      'additive',
    );
    expect(screen.problems).toEqual([]);
  });
});

const scene = testData('satellite', 'landsat8-newyork-rgbn-uint16.tif');
describe.skipIf(scene === null)('a scene of four bands of 16 bits', () => {
  it('in false colour, one band alone, and back', async () => {
    const screen = await opened(scene ?? '', 'landsat8-newyork-rgbn-uint16.tif');
    const { page } = screen;
    await page.getByRole('button', { name: 'Bands and contrast' }).click();
    await preset(page).waitFor();
    expect(await preset(page).textContent()).toContain('Natural colour');
    const natural = await colourAt(page, 0.6, 0.4, 0.1);
    await choose(page, /^False colour/);
    const [red, green, blue] = await colourAt(page, 0.6, 0.4, 0.1);
    // Vegetation is bright in near infrared, which is shown as red.
    expect(red).toBeGreaterThan(green + 50);
    expect(red).toBeGreaterThan(blue + 50);
    await choose(page, /^Only B5 nir/);
    const [r, g, b] = await colourAt(page, 0.6, 0.4, 0.1);
    expect(Math.max(r, g, b) - Math.min(r, g, b)).toBeLessThan(3);
    await choose(page, /^Natural colour/);
    const back = await colourAt(page, 0.6, 0.4, 0.1);
    for (const i of [0, 1, 2] as const) expect(Math.abs(back[i] - natural[i])).toBeLessThan(3);
    expect(await stage(page).isVisible()).toBe(true);
    expect(screen.problems).toEqual([]);
  });
});
