/** A review by the keyboard alone: fifty findings decided, undone and redone, annotations, keys of one's own, a second reader. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cleanup } from '../support/cleanup.ts';
import { freshHome, gigatile, serveApp, type ServedApp } from '../support/served-app.ts';
import { violations } from './axe.ts';
import {
  chooseTheme,
  findings,
  launchChromium,
  openScreen,
  runStatus,
  type Screen,
  stage,
  startRun,
  tab,
} from './screen.ts';

const cleanup = new Cleanup();
const { home, remove } = freshHome();
let browser: Browser;
let app: ServedApp;
let screen: Screen;

beforeAll(async () => {
  cleanup.add(remove);
  const slide = join(home, 'slide.tif');
  gigatile(home, ['sample', 'pathology', '--size', '1600x1200', '--seed', '3', '--out', slide]);
  browser = await launchChromium();
  cleanup.add(() => browser.close());
  app = await serveApp(home, [slide]);
  cleanup.add(() => app.stop());
  screen = await openScreen(browser, app.url);
  cleanup.add(() => screen.close());
  await startRun(screen.page, /nuclei in H&E/i, { workers: 1 });
  await runStatus(screen.page)
    .filter({ hasText: /^Complete: / })
    .waitFor({ timeout: 120_000 });
});
afterAll(cleanup.run);

const numbers = (page: Page) => page.getByRole('region', { name: 'Numbers' });
const reviewed = (page: Page) => page.getByRole('progressbar', { name: 'Reviewed findings' });
const dialog = (page: Page, name: string) => page.getByRole('dialog', { name });

async function command(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+k');
  const search = page.getByRole('combobox', { name: 'Search commands' });
  await search.pressSequentially(name);
  // As fast as somebody who knows what they want: whatever the list highlights by now.
  await page.keyboard.press('Enter');
  await search.waitFor({ state: 'detached' });
}

async function reviewer(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+,');
  await dialog(page, 'Settings').getByRole('textbox', { name: 'Reviewer' }).fill(name);
  await page.keyboard.press('Escape');
  await dialog(page, 'Settings').waitFor({ state: 'detached' });
}

/** Each step goes on where the one before ended, as a person does. */
describe('reviewing by keys', () => {
  it('decides fifty findings, takes three back and one forth again; all of it is there after a reload', async () => {
    const { page } = screen;
    await reviewer(page, 'Dr. Keys');
    await page.keyboard.press('j');
    await expect.poll(() => findings(page).locator('#finding-0').getAttribute('aria-selected')).toBe('true');
    for (let i = 0; i < 50; i++) {
      await page.keyboard.press(i % 5 === 4 ? 'x' : 'a');
      const next = findings(page).locator(`#finding-${i + 1}`);
      await expect.poll(() => next.getAttribute('aria-selected'), { interval: 20 }).toBe('true');
    }
    await expect.poll(() => reviewed(page).getAttribute('aria-valuenow')).toBe('50');
    for (const left of [49, 48, 47]) {
      await page.keyboard.press('z');
      await expect.poll(() => reviewed(page).getAttribute('aria-valuenow')).toBe(String(left));
    }
    await page.keyboard.press('Shift+Z');
    await expect.poll(() => reviewed(page).getAttribute('aria-valuenow')).toBe('48');
    expect(await numbers(page).textContent()).toContain('48 reviewed');

    await page.reload();
    await tab(page, 'Findings').click();
    await expect.poll(() => reviewed(page).getAttribute('aria-valuenow')).toBe('48');
    await expect
      .poll(() => findings(page).locator('#finding-4').getAttribute('aria-label'))
      .toMatch(/rejected$/);
    expect(await findings(page).locator('#finding-0').getAttribute('aria-label')).toMatch(/accepted$/);
  });

  it('writes a note and tells the history of a finding', async () => {
    const { page } = screen;
    await page.keyboard.press('j');
    const detail = page.getByRole('region', { name: 'Selected finding' });
    await detail.waitFor();
    await page.keyboard.press('n');
    await page.keyboard.type('mitosis? j k');
    await page.keyboard.press('Enter');
    await expect.poll(() => detail.textContent()).toContain('mitosis? j k');
    await detail.getByRole('button', { name: 'History' }).click();
    const log = detail.getByRole('list', { name: 'History' });
    await expect.poll(() => log.getByRole('listitem').count()).toBe(2);
    expect(await log.textContent()).toMatch(/undecided → accepted.*Dr\. Keys.*“mitosis\? j k”/);
  });

  it('gives a command another key, which the tooltip and the palette know, and another loses it', async () => {
    const { page } = screen;
    await page.keyboard.press('?');
    await dialog(page, 'Keys')
      .getByRole('button', { name: /^Accept and go on/ })
      .click();
    await page.keyboard.press('k');
    await expect.poll(() => dialog(page, 'Keys').getByRole('status').textContent()).toContain('taken from');
    await page.keyboard.press('Escape');
    await dialog(page, 'Keys').waitFor({ state: 'detached' });
    const before = await reviewed(page).getAttribute('aria-valuenow');
    await tab(page, 'Findings').focus();
    await findings(page).focus();
    await page.keyboard.press('End');
    await expect
      .poll(() => page.locator('.finding-row[aria-selected="true"]').getAttribute('aria-label'))
      .toMatch(/undecided$/);
    await page.keyboard.press('k');
    await expect.poll(() => reviewed(page).getAttribute('aria-valuenow')).toBe(String(Number(before) + 1));
    await page.keyboard.press('?');
    await dialog(page, 'Keys').getByRole('button', { name: 'Reset all' }).click();
    await page.keyboard.press('Escape');
    await dialog(page, 'Keys').waitFor({ state: 'detached' });
  });

  it('hides from a second reader what the first one decided, and tells how far both agree', async () => {
    const { page } = screen;
    await reviewer(page, 'Dr. Second');
    await findings(page).focus();
    await command(page, 'Second reading');
    await command(page, 'Hide or show scores');
    // The keys go on where they were.
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
      .toBe('Findings');
    const first = findings(page).locator('#finding-0');
    await expect.poll(() => first.getAttribute('aria-label')).toBe('nucleus, undecided');
    await expect.poll(() => reviewed(page).getAttribute('aria-valuenow')).toBe('0');
    for (let i = 0; i < 10; i++) {
      await page.keyboard.press('j');
      const row = findings(page).locator(`#finding-${i}`);
      await expect.poll(() => row.getAttribute('aria-selected'), { interval: 20 }).toBe('true');
      await page.keyboard.press(i === 0 ? 'x' : 'a');
      await expect.poll(() => row.getAttribute('aria-label')).toMatch(/(accepted|rejected)$/);
      await page.keyboard.press('k');
    }
    await command(page, 'Second reading');
    await command(page, 'Hide or show scores');
    await expect.poll(() => reviewed(page).getAttribute('aria-valuenow')).toBe('49');
    await numbers(page).getByRole('button', { name: 'All numbers' }).click();
    const agreement = page.getByRole('region', { name: 'Agreement of reviewers' });
    // Of ten: the first was accepted by one only, the fifth and tenth were rejected by the other only.
    await expect.poll(() => agreement.getByRole('row').nth(1).textContent()).toMatch(/1070\.0 %-0\.15$/);
    await agreement.getByRole('button', { name: /they differ on/ }).click();
    await expect.poll(() => page.locator('.findings-total').textContent()).toBe('3 findings');
  });

  it('marks the view as a region, names it, takes it away and puts it back', async () => {
    const { page } = screen;
    await page.keyboard.press('Shift+D');
    await tab(page, 'Annotations').click();
    const list = page.getByRole('list', { name: 'Annotations' });
    await expect.poll(() => list.getByRole('listitem').count()).toBe(1);
    expect(await list.textContent()).toMatch(/Region.*mm²|Region.*µm²/);
    // Its lower right corner, by keys: ten pixels up; then taken back.
    const measure = list.locator('.annotation-row .numeric');
    const before = await measure.textContent();
    await list.getByRole('button').first().click();
    await page.getByRole('button', { name: /^Move corner 1 of 5/ }).focus();
    for (const key of ['PageDown', 'PageDown', 'PageDown']) await page.keyboard.press(key);
    await page.getByRole('button', { name: /^Move corner 4 of 5/ }).waitFor();
    await page.keyboard.press('Shift+ArrowUp');
    await expect.poll(() => measure.textContent()).not.toBe(before);
    const smaller = await measure.textContent();
    await page.keyboard.press('z');
    await expect.poll(() => measure.textContent()).toBe(before);
    await page.keyboard.press('Shift+Z');
    await expect.poll(() => measure.textContent()).toBe(smaller);
    await command(page, 'Remove the selected annotation');
    await expect.poll(() => list.count()).toBe(0);
    await command(page, 'Put back the annotation');
    await expect.poll(() => list.getByRole('listitem').count()).toBe(1);
    await page.reload();
    await tab(page, 'Annotations').click();
    await expect.poll(() => list.getByRole('listitem').count()).toBe(1);
  });

  it('draws a polygon and a point by keys alone, tells what is set, and undoes it', async () => {
    const { page } = screen;
    const rows = page.getByRole('list', { name: 'Annotations' }).getByRole('listitem');
    const said = page.locator('.stage > [role="status"]');
    const crosshair = page.locator('.drawing-crosshair');
    // Where a panel has the focus, arrow keys are the panel's: the tool takes it, and gives it back.
    await tab(page, 'Annotations').focus();
    await page.keyboard.press('Enter');
    const before = await rows.count();
    await page.keyboard.press('y');
    await crosshair.waitFor();
    expect(await said.textContent()).toMatch(/^Enter sets a corner at the crosshair.*Escape ends$/);
    // Each arrow key moves the view by a fifth. The last corner is one too many.
    const corners = ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'Shift+ArrowLeft'];
    await page.keyboard.press('Enter');
    expect(await said.textContent()).toMatch(/^Point 1 set at \d\.\d{3}, \d\.\d{3} mm; Enter for the next$/);
    for (const arrow of corners) {
      await page.keyboard.press(arrow);
      await page.keyboard.press('Enter');
    }
    expect(await said.textContent()).toMatch(/^Point 5 set at .*, Ctrl\+Enter ends the polygon$/);
    await page.keyboard.press('Backspace');
    expect(await said.textContent()).toBe('Point 5 taken back; 4 left');
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => rows.count()).toBe(before + 1);
    await crosshair.waitFor({ state: 'detached' });
    expect(await said.textContent()).toMatch(/^Polygon drawn: [\d.,]+ [µm]m²$/);
    await expect.poll(() => tab(page, 'Annotations').and(page.locator(':focus')).count()).toBe(1);
    // A fifth of the view's width times a fifth of its height, by the scale bar.
    const bar = await page.getByRole('img', { name: 'Scale bar' }).evaluate((element) => ({
      label: element.textContent,
      width: Number.parseFloat((element.querySelector('.scale-bar-line') as HTMLElement).style.width),
    }));
    const micrometres = Number.parseFloat(bar.label) * (bar.label.endsWith('mm') ? 1000 : 1);
    const view = await stage(page).boundingBox();
    const expected = ((view?.width ?? 0) * (view?.height ?? 0) * (micrometres / bar.width) ** 2) / 25;
    const [size = '', unit] = (await rows.last().locator('.numeric').textContent())?.split(' ') ?? [];
    const area = Number(size.replaceAll(',', '')) * (unit === 'mm²' ? 1e6 : 1);
    expect(Math.abs(area / expected - 1)).toBeLessThan(0.01);

    await page.keyboard.press('.');
    await page.keyboard.press('Enter');
    await expect.poll(() => rows.count()).toBe(before + 2);
    const place = /^Point set at (.* mm); Enter for another$/.exec((await said.textContent()) ?? '')?.[1];
    expect(await rows.last().locator('.numeric').textContent()).toBe(place);
    await page.keyboard.press('Escape');
    await crosshair.waitFor({ state: 'detached' });
    for (const left of [before + 1, before]) {
      await page.keyboard.press('z');
      await expect.poll(() => rows.count()).toBe(left);
    }
  });

  it('saves a report of a problem as it was read and changed, which names no image', async () => {
    const { page } = screen;
    await command(page, 'Report a problem');
    const text = dialog(page, 'Report a problem').getByRole('textbox', { name: 'This is all that is saved' });
    const shown = await text.inputValue();
    expect(shown).toMatch(/Gigatile/);
    expect(shown).not.toMatch(/slide\.tif/);
    expect(shown).not.toContain(home);
    await text.fill(`${shown}\nIt was slow.`);
    const saving = page.waitForEvent('download');
    await dialog(page, 'Report a problem').getByRole('button', { name: 'Save the report' }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe('gigatile-problem.txt');
    expect(readFileSync(await saved.path(), 'utf8')).toBe(`${shown}\nIt was slow.`);
    await dialog(page, 'Report a problem').waitFor({ state: 'detached' });
  });

  it('fits into a quarter of the window, as at 200 % zoom: nothing is cut off or to be scrolled for sideways', async () => {
    const { page } = screen;
    const size = page.viewportSize() ?? { width: 1280, height: 800 };
    await page.setViewportSize({ width: size.width / 2, height: size.height / 2 });
    for (const name of ['Run', 'Findings', 'Tiles', 'Annotations']) {
      await tab(page, name).click();
      const cut = await page.evaluate(() => [
        ...(document.documentElement.scrollWidth > innerWidth ? ['the page'] : []),
        ...[...document.querySelectorAll('button, input, a, [role="tab"]')].flatMap((element) => {
          const { width, left, right } = element.getBoundingClientRect();
          const isCut = width > 0 && (left < -1 || right > innerWidth + 1);
          return isCut ? [element.getAttribute('aria-label') ?? element.textContent ?? element.tagName] : [];
        }),
      ]);
      expect(cut, name).toEqual([]);
    }
    // How the run ended stays in sight.
    expect((await runStatus(page).boundingBox())?.width).toBeGreaterThan(60);
    // A run of the built-in model with the longest name, and the button that starts another of it.
    await page.evaluate(() => {
      const name = document.querySelector('.run-select .select-value');
      if (name !== null) name.textContent = 'run-12 · Positive and negative nuclei in H-DAB';
    });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    await command(page, 'Choose a model');
    await page.getByRole('radio', { name: /H-DAB/ }).click();
    const start = page.getByRole('button', { name: /^Analyse with Positive/ });
    expect(await start.evaluate((button) => button.scrollWidth - button.clientWidth)).toBeLessThanOrEqual(0);
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.setViewportSize(size);
  });

  it('had nothing to complain about all along', () => {
    expect(screen.problems).toEqual([]);
  });
});

describe.each(['dark', 'light'])('the %s screens', (theme) => {
  const opened: readonly [name: string, chord: string][] = [
    ['Keys', '?'],
    ['All commands', 'Control+k'],
    ['Go to a place', 'g'],
    ['Settings', 'Control+,'],
  ];
  const byCommand: readonly [name: string, command: string][] = [
    ['Analyse the visible part again?', 'Analyse the visible part again'],
    ['Report', 'Compose and save a report'],
    ['This case', 'This case'],
    ['What works here', 'What works here'],
    ['Report a problem', 'Report a problem'],
    ['Licences', 'Licences of the software'],
  ];
  /** What a dialog fetches first, so that it is held to the rules with it. */
  const inside: Readonly<Record<string, string>> = { 'Report a problem': 'textarea', Licences: 'pre' };

  it('break no rule of accessibility', async () => {
    const { page } = screen;
    await chooseTheme(page, theme);
    await page.reload();
    await runStatus(page).waitFor();
    const found: string[] = [];
    const look = async (where: string) =>
      found.push(...(await violations(page, theme === 'light')).map((line) => `${where}: ${line}`));
    for (const name of ['Run', 'Findings', 'Tiles', 'Annotations']) {
      await tab(page, name).click();
      if (name === 'Run') {
        await page.getByRole('button', { name: 'Known limits of this model' }).click();
        await page.getByRole('button', { name: 'Made with' }).click();
      }
      if (name === 'Findings') {
        await page.keyboard.press('j');
        const detail = page.getByRole('region', { name: 'Selected finding' });
        await detail.getByRole('button', { name: 'History' }).click();
        await numbers(page).getByRole('button', { name: 'All numbers' }).click();
      }
      await look(name);
    }
    for (const [name, chord] of opened) {
      await page.keyboard.press(chord);
      await dialog(page, name).waitFor();
      await look(name);
      await page.keyboard.press('Escape');
      await dialog(page, name).waitFor({ state: 'detached' });
    }
    for (const [name, words] of byCommand) {
      await command(page, words);
      await dialog(page, name)
        .locator(inside[name] ?? '*')
        .first()
        .waitFor();
      await look(name);
      await page.keyboard.press('Escape');
      await dialog(page, name).waitFor({ state: 'detached' });
    }
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menu').waitFor();
    await look('Export');
    await page.keyboard.press('Escape');
    await command(page, 'Choose a model');
    await page.getByRole('radio', { name: /nuclei in H&E/i }).click();
    await page.getByRole('button', { name: 'Advanced' }).click();
    await page
      .getByRole('button', { name: /^Limits, licence/ })
      .first()
      .click();
    await look('Models');
    await page.getByRole('button', { name: 'Home' }).click();
    await page.getByRole('heading', { name: 'Gigatile' }).waitFor();
    await look('Home');
    await page.goto(app.url);
    await runStatus(page).waitFor();
    expect(found).toEqual([]);
  });
});
