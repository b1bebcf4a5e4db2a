import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heatmapPixels } from '../../../src-main/reports/heatmap.ts';
import { htmlReport } from '../../../src-main/reports/html/html-report.ts';
import { summarise } from '../../../src-main/reports/summary.ts';
import { writeFileWhole } from '../../../src-main/reports/write-file.ts';
import { manifest, sampleReport, type SampleOptions } from '../../support/sample-report.ts';
import sharp from 'sharp';

const folder = mkdtempSync(join(tmpdir(), 'gigatile-html-'));
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
let browser: Browser;

beforeAll(async () => {
  expect(existsSync(executablePath), 'needs Chromium (apt-get install chromium, or CHROMIUM=…)').toBe(true);
  browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
  });
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(
  options: SampleOptions,
  viewport = { width: 1100, height: 800 },
): Promise<{ page: Page; loud: string[] }> {
  const data = sampleReport(options);
  const summary = await summarise(data);
  const { width, height, data: pixels } = heatmapPixels(data, 300);
  const thumbnail = await sharp({ create: { width: 400, height: 300, channels: 3, background: '#eee' } })
    .jpeg()
    .toBuffer();
  const heatmap = await sharp(pixels, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
  const path = join(folder, `${String(Math.random()).slice(2)}.html`);
  await writeFileWhole(
    path,
    htmlReport(data, summary, {
      thumbnail: { type: 'image/jpeg', bytes: thumbnail },
      heatmap: { type: 'image/png', bytes: heatmap },
      hotspots: summary.hotspots.map(() => ({ type: 'image/jpeg', bytes: thumbnail })),
    }),
  );
  const page = await browser.newPage({ viewport });
  const loud: string[] = [];
  page.on('console', (message) => loud.push(message.text()));
  page.on('dialog', (dialog) => {
    loud.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith('data:') && !request.url().startsWith('file:'))
      loud.push(`request: ${request.url()}`);
  });
  await page.goto(pathToFileURL(path).href);
  return { page, loud };
}

const attacks = [
  '<script>document.title="hit"</script>',
  '<img src=x onerror="document.title=\'hit\'">',
  '"><svg onload=document.title="hit">',
  "' onmouseover='document.title=\"hit\"'",
  '</style><script>document.title="hit"</script>',
  '<a href="javascript:document.title=1">x</a>',
  '<iframe src="https://example.invalid/"></iframe>',
  '&lt;b&gt; &amp; ${1} \u202e gnp.exe',
];

describe('the HTML report in Chromium', () => {
  it.each(attacks)('shows a hostile name as text: %s', async (attack) => {
    const { page, loud } = await open({
      name: attack,
      failed: 2,
      findings: 300,
      manifest: {
        ...manifest,
        name: attack,
        description: attack,
        limits: [attack],
        references: [attack],
        classes: [{ name: attack, color: [1, 2, 3] }],
      },
      finding: () => ({ className: attack, reviewer: attack, verdict: 'accepted' }),
    });
    const visible = attack.replaceAll('\u202e', '\ufffd');
    expect(await page.locator('h1').textContent()).toBe(visible);
    expect(await page.title()).toBe(`${visible}: ${visible}`);
    const grown = page.locator('script, iframe, svg, a, [onerror], [onload], [onmouseover]');
    expect(await grown.count()).toBe(0);
    await page.mouse.move(300, 120);
    expect(await page.title()).not.toBe('hit');
    expect(loud).toEqual([]);
    await page.close();
  });

  it('would stop a script that got in nevertheless', async () => {
    const { page, loud } = await open({ findings: 10 });
    const ran = await page.evaluate<{ gotIn: boolean; blocked: boolean }>(`(async () => {
      const script = document.createElement('script');
      script.textContent = 'window.gotIn = true';
      document.body.append(script);
      const picture = new Image();
      const blocked = new Promise((resolve) => {
        picture.addEventListener('error', () => resolve(true));
        picture.addEventListener('load', () => resolve(false));
      });
      picture.src = 'https://example.invalid/x.png';
      return { gotIn: 'gotIn' in window, blocked: await blocked };
    })()`);
    expect(ran).toEqual({ gotIn: false, blocked: true });
    expect(loud.join('\n')).toMatch(/Content Security Policy/);
    await page.close();
  });

  it.each([1100, 420])('loads its pictures and fits a window of %d px', async (width) => {
    const { page, loud } = await open({ failed: 3 }, { width, height: 800 });
    const layout = await page.evaluate<Record<'broken' | 'images' | 'overflow' | 'banner', number>>(`({
      broken: [...document.images].filter((image) => image.naturalWidth === 0).length,
      images: document.images.length,
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      banner: document.querySelector('.banner').getBoundingClientRect().top,
    })`);
    expect(layout).toMatchObject({ broken: 0, images: 6, overflow: 0 });
    // What is missing stands on the first screen.
    expect(layout.banner).toBeLessThan(400);
    expect(loud).toEqual([]);
    await page.close();
  });

  it('has a scale bar of the length that it says', async () => {
    const { page } = await open({});
    const bar = page.locator('.bar').first();
    const drawn = await bar.boundingBox();
    const picture = await page.locator('.stack').first().boundingBox();
    // 12,000 px of 0.5 µm are 6 mm.
    expect((await bar.textContent())?.trim()).toBe('1 mm');
    expect((drawn?.width ?? 0) / (picture?.width ?? 0)).toBeCloseTo(1 / 6, 2);
    await page.close();
  });
});
