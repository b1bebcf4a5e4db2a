/** The page of test/e2e/browser/overlay-page.ts in a real Chromium. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { launchChromium } from './browser.ts';

export async function openOverlayPage(): Promise<{ page: Page; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'gigatile-overlay-'));
  const root = resolve(import.meta.dirname, '..', '..');
  let browser: Browser | null = null;
  try {
    await build({
      configFile: false,
      root,
      logLevel: 'error',
      build: {
        outDir: folder,
        minify: false,
        lib: {
          entry: join(root, 'test', 'e2e', 'browser', 'overlay-page.ts'),
          formats: ['iife'],
          name: 'overlayPage',
          fileName: () => 'page.js',
        },
      },
    });
    const script = await readFile(join(folder, 'page.js'), 'utf8');
    browser = await launchChromium();
    const page = await browser.newPage();
    await page.setContent('<!doctype html><title>overlay</title>');
    await page.addScriptTag({ content: script });
    const opened = browser;
    return { page, close: () => opened.close() };
  } catch (error) {
    await browser?.close();
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
