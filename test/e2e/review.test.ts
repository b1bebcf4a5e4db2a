/** The main job, from opening a slide to the exported report, in a real browser over the real server and workers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shareOfDifferentPixels } from '../support/picture-diff.ts';
import { Cleanup } from '../support/cleanup.ts';
import { watchProblems } from '../support/browser.ts';
import { freshHome, gigatile, serveApp, type ServedApp } from '../support/served-app.ts';
import {
  command,
  findings,
  launchChromium,
  numberIn,
  openScreen,
  runBar,
  runStatus,
  settledStage,
  stage,
  startRun,
  tab,
  type Screen,
} from './screen.ts';

const cleanup = new Cleanup();
const { home, remove } = freshHome();
let browser: Browser;
let app: ServedApp;
let screen: Screen;

beforeAll(async () => {
  cleanup.add(remove);
  const slide = join(home, 'slide.tif');
  gigatile(home, ['sample', 'pathology', '--size', '6000x4000', '--seed', '3', '--out', slide]);
  browser = await launchChromium();
  cleanup.add(() => browser.close());
  app = await serveApp(home, [slide]);
  cleanup.add(() => app.stop());
  screen = await openScreen(browser, app.url);
  cleanup.add(() => screen.close());
});
afterAll(cleanup.run);

/** Each step goes on where the one before ended, as a person does. */
describe('reviewing a slide', () => {
  it('opens the slide that the server was started with, and leaves no token in the address', async () => {
    const { page } = screen;
    await page.getByRole('heading', { name: 'slide.tif' }).waitFor();
    expect(new URL(page.url()).search).toBe('');
    await expect.poll(() => page.getByLabel('Scale bar').textContent()).toMatch(/(µm|mm)$/);
    expect(await page.locator('.image-facts').textContent()).toContain('6,000 × 4,000');
    const empty = await stage(page).screenshot();
    const drawn = await settledStage(page);
    expect(drawn.length).toBeGreaterThan(empty.length / 2);
  });

  it('zooms by key, pans by hand, and says where the pointer is', async () => {
    const { page } = screen;
    const whole = await settledStage(page);
    const zoomBefore = await page.getByLabel('Zoom', { exact: true }).textContent();
    await page.keyboard.press('Shift+Digit1');
    await expect.poll(() => page.getByLabel('Zoom', { exact: true }).textContent()).not.toBe(zoomBefore);
    const close = await settledStage(page);
    expect(await shareOfDifferentPixels(browser, whole, close)).toBeGreaterThan(0.1);

    const box = await stage(page).boundingBox();
    if (box === null) throw new Error('the stage has no size');
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    const placeBefore = await page.getByLabel('Place under the pointer').textContent();
    expect(placeBefore).not.toBe('');
    await page.mouse.down();
    await page.mouse.move(x - 150, y - 100, { steps: 8 });
    await page.mouse.up();
    const panned = await settledStage(page);
    expect(await shareOfDifferentPixels(browser, close, panned)).toBeGreaterThan(0.05);
    await page.keyboard.press('0');
    await settledStage(page);
  });

  it('pauses in the middle with tiles already coloured, and goes on to the end', async () => {
    const { page } = screen;
    await startRun(page, /nuclei in H&E/i, { workers: 1 });
    const progress = runBar(page).getByRole('progressbar');
    await expect
      .poll(async () => Number(await progress.getAttribute('aria-valuenow')), {
        timeout: 60_000,
        interval: 50,
      })
      .toBeGreaterThan(5);
    await runBar(page).getByRole('button', { name: 'Pause' }).click();
    await expect.poll(() => runStatus(page).textContent()).toMatch(/^Paused: [\d,]+ tiles? to go$/);

    const coloured = await settledStage(page);
    await page.keyboard.press('t');
    const bare = await settledStage(page);
    await page.keyboard.press('t');
    expect(await shareOfDifferentPixels(browser, coloured, bare)).toBeGreaterThan(0.005);

    await runBar(page).getByRole('button', { name: 'Resume' }).click();
    await expect.poll(() => runStatus(page).textContent(), { timeout: 120_000 }).toMatch(/^Complete: /);
    const complete = await settledStage(page);
    expect(await shareOfDifferentPixels(browser, coloured, complete)).toBeGreaterThan(0.005);
  });

  it('shows fewer findings as the threshold rises', async () => {
    const { page } = screen;
    await tab(page, 'Findings').click();
    const total = page.locator('.findings-total');
    await expect.poll(() => numberIn(total)).toBeGreaterThan(1000);
    const before = await numberIn(total);
    const slider = page.getByRole('slider', { name: 'Threshold' });
    const threshold = await slider.getAttribute('aria-valuetext');
    await slider.focus();
    for (let press = 0; press < 40; press++) await page.keyboard.press('ArrowRight');
    await expect.poll(() => numberIn(total)).toBeLessThan(before * 0.95);
    for (let press = 0; press < 40; press++) await page.keyboard.press('ArrowLeft');
    await expect.poll(() => numberIn(total)).toBe(before);
    // The bars are the slider.
    const bars = page.getByRole('img', { name: /^Scores of/ });
    const { width, height } = (await bars.boundingBox()) ?? { width: 0, height: 0 };
    await bars.click({ position: { x: width * 0.9, y: height / 2 } });
    await expect.poll(() => numberIn(total)).toBeLessThan(before * 0.95);
    await slider.focus();
    await page.keyboard.press('Home');
    for (let i = 0; (await slider.getAttribute('aria-valuetext')) !== threshold && i < 100; i++)
      await page.keyboard.press('ArrowRight');
    await expect.poll(() => numberIn(total)).toBe(before);
  });

  it('flies to a finding; decisions by key are still there after a reload', async () => {
    const { page } = screen;
    await page.getByRole('button', { name: 'Set reviewer' }).click();
    await page.getByRole('textbox', { name: 'Reviewer' }).fill('Dr. E2E');
    await page.getByRole('button', { name: 'Done' }).click();
    const zoomBefore = await page.getByLabel('Zoom', { exact: true }).textContent();
    await page.keyboard.press('j');
    await expect.poll(() => page.getByLabel('Zoom', { exact: true }).textContent()).not.toBe(zoomBefore);
    await settledStage(page);

    const row = (position: number) => findings(page).locator(`#finding-${position}`);
    expect(await row(0).getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('a');
    await expect.poll(() => row(0).getAttribute('aria-label')).toMatch(/accepted$/);
    await expect.poll(() => row(1).getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('x');
    await expect.poll(() => row(1).getAttribute('aria-label')).toMatch(/rejected$/);

    await page.reload();
    await tab(page, 'Findings').click();
    await expect.poll(() => row(0).getAttribute('aria-label')).toMatch(/accepted$/);
    await expect.poll(() => row(1).getAttribute('aria-label')).toMatch(/rejected$/);
    await expect.poll(() => row(2).getAttribute('aria-label')).toMatch(/undecided$/);
    expect(await row(0).textContent()).toContain('Dr. E2E');
  });

  it('explains a tile', async () => {
    const { page } = screen;
    await page.keyboard.press('0');
    await settledStage(page);
    await page.keyboard.press('i');
    const box = await stage(page).boundingBox();
    if (box === null) throw new Error('the stage has no size');
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    const tile = page.getByRole('region', { name: 'Tile', exact: true });
    await expect.poll(() => tile.textContent()).toMatch(/Tile [\d,]+ · column \d+, row \d+(Done|Skipped)/);
    await expect.poll(() => tile.textContent()).toContain('Attempts');
    await page.keyboard.press('i');
  });

  it('exports a report that stands on its own and names the reviewer’s decisions', async () => {
    const { page } = screen;
    await page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: /^Report/ }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.html$/);
    const html = readFileSync(await download.path(), 'utf8');
    // The image goes by its fingerprint: a file's name can be a patient's.
    expect(html).toMatch(/<h1>Image [0-9a-f]{12}<\/h1>/);
    expect(html).not.toContain('slide.tif');
    expect(html).not.toMatch(/(?:src|href)=["']?https?:/i);

    const offline = await browser.newContext({ offline: true });
    const report = await offline.newPage();
    const requests: string[] = [];
    report.on('request', (request) => requests.push(request.url()));
    await report.setContent(html);
    expect(await report.getByRole('heading').first().textContent()).not.toBe('');
    expect(requests.filter((url) => !url.startsWith('data:') && !url.startsWith('blob:'))).toEqual([]);
    await offline.close();
  });

  it('marks the densest place, which a worker of the page looks for', async () => {
    const { page } = screen;
    await command(page, 'Mark the densest place');
    await tab(page, 'Annotations').click();
    const list = page.getByRole('list', { name: 'Annotations' });
    await expect.poll(() => list.textContent()).toMatch(/[1-9].* per mm² \(Hotspot\)/);
    await page.keyboard.press('z');
    await page.getByText('Nothing drawn yet').waitFor();
  });

  it('had nothing to complain about all along', () => {
    expect(screen.problems).toEqual([]);
    expect(app.output()).not.toMatch(/error|warn/i);
  });
});

describe('a graphics card', () => {
  /** The software that stands in for one here passes for one; `cards` holds the contexts that put the image together. */
  const pretends = `(() => {
    globalThis.cards = [];
    const get = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, options) {
      const asksForCard = options?.failIfMajorPerformanceCaveat === true;
      const context = get.call(this, kind, asksForCard ? {} : options);
      if (kind === 'webgl2' && asksForCard) context.getParameter = () => 'A graphics card';
      if (kind === 'webgl2' && options === undefined) globalThis.cards.push(context);
      return context;
    };
  })()`;
  const size = { width: 640, height: 540 };

  it('shows the same image as a canvas does: upright, turned and mirrored, and after its context was lost', async () => {
    const token = new URL(app.url).search;
    const pictures = new Map<string, Buffer[]>();
    for (const by of ['canvas', 'card']) {
      const context = await browser.newContext({ viewport: size });
      const page = await context.newPage();
      const problems = await watchProblems(page);
      if (by === 'card') await page.addInitScript({ content: pretends });
      await page.goto(new URL(token, app.url).href);
      await stage(page).waitFor();
      await page.keyboard.press('c');
      const taken = [await settledStage(page)];
      await page.keyboard.press('Shift+Digit1');
      taken.push(await settledStage(page));
      await page.keyboard.press('r');
      await page.keyboard.press('Shift+F');
      taken.push(await settledStage(page));
      const cards = await page.evaluate<number>('globalThis.cards?.length ?? 0');
      expect(cards > 0, by).toBe(by === 'card');
      if (by === 'card') {
        await page.evaluate(
          `for (const card of globalThis.cards) card.getExtension('WEBGL_lose_context')?.loseContext()`,
        );
        await page.keyboard.press('Shift+F');
        await page.keyboard.press('Shift+F');
        taken.push(await settledStage(page));
        // Another context has taken its place.
        expect(await page.evaluate<number>('globalThis.cards.length')).toBeGreaterThan(cards);
      }
      expect(problems).toEqual([]);
      pictures.set(by, taken);
      await context.close();
    }
    const [whole, close, turned] = pictures.get('canvas')!;
    const card = pictures.get('card')!;
    const compared = await Promise.all(
      [
        [whole, card[0]],
        [close, card[1]],
        [turned, card[2]],
        [turned, card[3]],
        [close, turned],
      ].map(([one, other]) => shareOfDifferentPixels(browser, one!, other!)),
    );
    const [small, upright, mirrored, again, another] = compared as [number, number, number, number, number];
    // Where the image is reduced each has a filter of its own.
    expect(small).toBeLessThan(0.04);
    for (const share of [upright, mirrored, again]) expect(share).toBeLessThan(0.01);
    expect(another).toBeGreaterThan(0.05);
  });
});
