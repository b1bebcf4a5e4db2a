/** A report as a person composes it: choices on the left, the page on the right, and what is saved says the same. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cleanup } from '../support/cleanup.ts';
import { pdfInfo, pdfText } from '../support/pdf-oracle.ts';
import { remoteManifest, writeRemoteModel } from '../support/remote-model.ts';
import { freshHome, gigatile, serveApp } from '../support/served-app.ts';
import { tissuePicture } from '../support/tissue-png.ts';
import { sendChat, sendJson, startVisionServer, type VisionServer } from '../support/vision-server.ts';
import { violations } from './axe.ts';
import { command, launchChromium, openScreen, type Screen } from './screen.ts';

const cleanup = new Cleanup();
const { home, remove } = freshHome();
let screen: Screen;
let vision: VisionServer;

beforeAll(async () => {
  cleanup.add(remove);
  const picture = join(home, 'Berta Planted.png');
  const caseFile = join(home, 'case.gigatile');
  writeFileSync(picture, tissuePicture(900, 600, 40).png);
  gigatile(home, ['analyze', picture, '--model', 'he-nuclei', '--mpp', '0.5', '--case', caseFile]);
  for (const format of ['geojson', 'wsinfer']) {
    gigatile(home, ['export', caseFile, '--format', format, '--out', join(home, `out.${format}`)]);
  }
  vision = await startVisionServer(({ no, response }) =>
    no === 1
      ? sendJson(response, 401, { error: { message: 'no such key' } })
      : sendChat(response, { summary: 'Many <b>nuclei</b>, it seems.' }),
  );
  cleanup.add(() => vision.close());
  const remote = { baseUrl: `${vision.origin}/v1`, model: 'summing-up' };
  const model = writeRemoteModel(join(home, 'summing up'), remoteManifest(remote));
  writeFileSync(join(home, 'gigatile', 'models.json'), JSON.stringify({ version: 1, paths: [model] }));
  const browser: Browser = await launchChromium();
  cleanup.add(() => browser.close());
  const app = await serveApp(home, [caseFile]);
  cleanup.add(() => app.stop());
  screen = await openScreen(browser, app.url);
  cleanup.add(() => screen.close());
});
afterAll(cleanup.run);

async function compose(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name: /Compose a report/ }).click();
  await page.frameLocator('iframe').getByRole('heading', { level: 1 }).waitFor();
}

async function saved(page: Page, button: string): Promise<{ path: string; name: string }> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  const name = download.suggestedFilename();
  const path = join(home, name);
  await download.saveAs(path);
  return { path, name };
}

/** Each step goes on where the one before ended. */
describe('composing a report', () => {
  const attack = '<img src=x onerror="document.title=1">';

  it('shows each choice at once, runs nothing, and the PDF says the same', async () => {
    const { page, problems } = screen;
    await compose(page);
    const preview = page.frameLocator('iframe');
    expect(await preview.locator('body').textContent()).not.toContain('Berta');
    await page.getByLabel('Title').fill('Second read');
    await page.getByLabel('Comments').fill(`Margins are free. ${attack}`);
    await preview.getByText(`Margins are free. ${attack}`).waitFor();
    expect(await preview.getByRole('heading', { level: 1 }).textContent()).toBe('Second read');
    await page.getByRole('switch', { name: 'How this was made' }).click();
    await preview.getByRole('heading', { name: 'How this was made' }).waitFor({ state: 'detached' });
    await page.getByRole('radio', { name: 'Letter' }).click();
    // Pictures and the styles of markup are there: the scale bar has the width that it stands for.
    const bar = await preview.locator('.bar').first().boundingBox();
    const stack = await preview.locator('.stack').first().boundingBox();
    expect(bar?.width).toBeLessThan((stack?.width ?? 0) / 2);
    expect(bar?.width).toBeGreaterThan(10);
    expect(await violations(page)).toEqual([]);

    const { path, name } = await saved(page, 'Save PDF');
    expect(name).toMatch(/^image-[0-9a-f]{12}-run-1\.pdf$/);
    const text = pdfText(path).replaceAll(/\s+/g, ' ');
    expect(text).toContain(`Margins are free. ${attack}`);
    expect(text).toContain('Second read');
    expect(text).not.toMatch(/How this was made|Berta/);
    expect(pdfInfo(path)).toContain('(letter)');
    expect(await page.title()).not.toBe('1');
    expect(problems).toEqual([]);
  });

  it('shows a name only where that was asked for, and asks again the next time', async () => {
    const { page, problems } = screen;
    await page.getByRole('switch', { name: 'Names of the image and its pictures' }).click();
    await page.frameLocator('iframe').getByText('Berta Planted.png').first().waitFor();
    const named = await saved(page, 'Save HTML');
    expect(named.name).toContain('Berta Planted');
    expect(readFileSync(named.path, 'utf8')).toContain('Berta Planted.png');

    await page.keyboard.press('Escape');
    await compose(page);
    expect(await page.getByLabel('Comments').inputValue()).toContain('Margins are free.');
    const again = page.getByRole('switch', { name: 'Names of the image and its pictures' });
    expect(await again.getAttribute('aria-checked')).toBe('false');
    const unnamed = await saved(page, 'Save HTML');
    expect(unnamed.name).not.toContain('Berta');
    expect(readFileSync(unnamed.path, 'utf8')).not.toContain('Berta');
    expect(problems).toEqual([]);
  });
});

describe('a summary by a remote model', () => {
  it('shows what is sent before it is, asks who agrees, marks what comes back, and lets it be left out', async () => {
    const { page, problems } = screen;
    const preview = page.frameLocator('iframe');
    const heading = preview.getByRole('heading', { name: 'Summary by a remote model' });
    await page.getByRole('button', { name: 'Look at what would be sent…' }).click();
    const sent = await page.getByLabel('What is sent, word for word').inputValue();
    expect(sent).toContain('You sum up the figures');
    expect(sent).not.toMatch(/Berta|Margins are free/);
    expect(await violations(page)).toEqual([]);
    expect(vision.asked).toEqual([]);

    const agree = page.getByRole('button', { name: 'Agree for this case and send' });
    expect(await agree.isDisabled()).toBe(true);
    await page.getByLabel('Who agrees').fill('Dr. Agreed');
    await agree.click();
    await page.getByText('Nothing was written').waitFor();
    expect(await heading.count()).toBe(0);
    // Agreed it is, also where the endpoint refused.
    await page.getByRole('button', { name: 'Keep it here' }).click();
    await page.getByRole('button', { name: 'Look at what would be sent…' }).click();
    await page.getByRole('button', { name: 'Send it' }).click();
    await heading.waitFor();
    await preview.getByText('Many <b>nuclei</b>, it seems.').waitFor();
    expect(await preview.locator('body').textContent()).toMatch(
      /Written by a remote model, and checked by nobody:.*summing-up at http:\/\/127.*You sum up the figures.*the case keeps them/,
    );
    const lines = sent.split('\n').filter((line) => line.startsWith('- '));
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) expect(vision.asked.at(-1)?.raw).toContain(JSON.stringify(line).slice(1, -1));
    const kept = await saved(page, 'Save HTML');
    expect(readFileSync(kept.path, 'utf8')).toContain('Many &lt;b&gt;nuclei&lt;/b&gt;, it seems.');

    await page.getByRole('button', { name: 'Leave it out' }).click();
    await heading.waitFor({ state: 'detached' });
    expect(vision.asked).toHaveLength(2);
    expect(problems).toEqual([]);
  });
});

describe('results of other programs', () => {
  const take = async (page: Page, name: string): Promise<void> => {
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      command(page, 'Import results or decisions…'),
    ]);
    await chooser.setFiles(join(home, name));
  };

  it('come back: decisions that were made in QuPath, and a table as a run of its own', async () => {
    const { page, problems } = screen;
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const exported = JSON.parse(readFileSync(join(home, 'out.geojson'), 'utf8')) as {
      features: { properties: { objectType: string; classification?: { name: string } } }[];
    };
    const found = exported.features.filter(({ properties }) => properties.objectType === 'detection');
    expect(found.length).toBeGreaterThan(5);
    for (const { properties } of found.slice(0, 3)) properties.classification!.name += ': Rejected';
    writeFileSync(join(home, 'judged.geojson'), JSON.stringify(exported));
    await take(page, 'judged.geojson');
    await page.getByText(`${found.length} findings recognised`).waitFor();
    await page.getByText('0 accepted, 3 rejected, 0 relabelled, 0 taken back.').waitFor();
    await page.getByRole('tab', { name: /^Findings/ }).click();
    await page.getByText('3 reviewed').waitFor();

    await take(page, 'out.wsinfer');
    await page.getByText('They are run-2.').waitFor();
    await page.getByRole('tab', { name: /^Run/ }).click();
    await page
      .getByRole('button', { name: /^run-2/ })
      .first()
      .waitFor();

    writeFileSync(join(home, 'nonsense.csv'), 'a,b\n1,2\n');
    await take(page, 'nonsense.csv');
    await page.getByText('nonsense.csv could not be imported').waitFor();
    expect(problems).toEqual([]);
  });
});
