/** The screens by what a person sees and does, so that tests read like use. */
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { launchChromium, watchProblems } from '../support/browser.ts';

export interface Screen {
  page: Page;
  /** What a person would call broken, see watchProblems. */
  problems: string[];
  close(): Promise<void>;
}

export async function openScreen(
  browser: Browser,
  url: string,
  size = { width: 1280, height: 800 },
): Promise<Screen> {
  const context: BrowserContext = await browser.newContext({ viewport: size, acceptDownloads: true });
  context.setDefaultTimeout(45_000);
  const page = await context.newPage();
  const problems = await watchProblems(page);
  await page.goto(url);
  return { page, problems, close: () => context.close() };
}

export { launchChromium };

export const stage = (page: Page): Locator => page.getByRole('application');
export const runBar = (page: Page): Locator => page.getByRole('region', { name: 'Run', exact: true });
export const runStatus = (page: Page): Locator => runBar(page).getByRole('status');
export const tab = (page: Page, name: string): Locator =>
  page.getByRole('tab', { name: new RegExp(`^${name}`) });
export const findings = (page: Page): Locator => page.getByRole('grid', { name: 'Findings' });

/** Waits until all tiles in view have been drawn: two screenshots in a row are the same. */
export async function settledStage(page: Page): Promise<Buffer> {
  await page.mouse.move(2, 2);
  let before = await stage(page).screenshot();
  for (let tries = 0; tries < 40; tries++) {
    await page.waitForTimeout(250);
    const now = await stage(page).screenshot();
    if (now.equals(before)) return now;
    before = now;
  }
  throw new Error('the image never came to rest');
}

/** In the settings, as a person does. */
export async function chooseTheme(page: Page, theme: string): Promise<void> {
  await page.keyboard.press('Control+,');
  const settings = page.getByRole('dialog', { name: 'Settings' });
  await settings.getByRole('radio', { name: new RegExp(`^${theme}$`, 'i') }).click();
  await page.locator(`html[data-theme=${theme}]`).waitFor();
  await page.keyboard.press('Escape');
  await settings.waitFor({ state: 'detached' });
}

/** Chooses a model by its name on the card and starts it. */
export async function startRun(page: Page, model: RegExp, options: { workers?: number } = {}): Promise<void> {
  await page.getByRole('radio', { name: model }).click();
  if (options.workers !== undefined) {
    await page.getByRole('button', { name: 'Advanced' }).click();
    await page.getByLabel('Workers').fill(String(options.workers));
  }
  await page.getByRole('button', { name: /^Analyse with/ }).click();
}

/** The number in a text such as "1,234 findings". */
export async function numberIn(locator: Locator): Promise<number> {
  const digits = /[\d,]+/.exec((await locator.textContent()) ?? '')?.[0];
  if (digits === undefined) throw new Error('no number there');
  return Number(digits.replaceAll(',', ''));
}

/** Runs a command by name, as a person does; `choice` is the answer of one that asks what it is about. */
export async function command(page: Page, label: string, choice?: string): Promise<void> {
  const search = page.getByRole('combobox', { name: 'Search commands' });
  await page.keyboard.press('Control+k');
  for (const text of choice === undefined ? [label] : [label, choice]) {
    await search.and(page.locator(':focus')).waitFor();
    await page.keyboard.insertText(text);
    await page.getByRole('option', { name: text }).first().waitFor();
    await page.keyboard.press('Enter');
    if (text === label && choice !== undefined) await page.getByRole('dialog', { name: label }).waitFor();
  }
  await search.waitFor({ state: 'detached' });
}

/** Drops a file onto a place of the window, as a file manager does. */
export async function drop(onto: Locator, name: string, content: Buffer): Promise<void> {
  const dataTransfer = await onto.page().evaluateHandle<unknown>(`(() => {
    const bytes = Uint8Array.from(atob(${JSON.stringify(content.toString('base64'))}), (sign) => sign.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], ${JSON.stringify(name)}));
    return transfer;
  })()`);
  await onto.dispatchEvent('dragover', { dataTransfer });
  await onto.dispatchEvent('drop', { dataTransfer });
}
