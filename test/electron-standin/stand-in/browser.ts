/** The Chromium behind all windows: started before `ready`, gone with the application, cut off from any network. */
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  chromium,
  type BrowserContext,
  type Frame,
  type Page,
  type Request,
  type Route,
} from 'playwright-core';
import { standInApp } from './app.ts';
import { appScheme, pageOrigin, toElectronUrl } from './origin.ts';
import { protocolHandlers } from './small-modules.ts';

const executablePath = process.env.GIGATILE_CHROMIUM ?? '/usr/bin/chromium';
let context: BrowserContext | null = null;

/** Pages that belong to a window, with what decides on their navigations. */
const owners = new Map<Page, (url: string, isMainFrame: boolean) => boolean>();

standInApp.preparations.push(async () => {
  const profile = join(standInApp.getPath('userData'), 'stand-in-profile');
  context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport: { width: 1440, height: 900 },
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--remote-debugging-port=0',
    ],
  });
  await context.route('**/*', answer);
  // A page that no window owns was opened by a page: its opener has asked its handler already (Page.windowOpen).
  context.on('page', (page) => {
    if (!owners.has(page) && !making) void page.close();
  });
  // Where Electron's own Chromium would have written it, and what it would have said.
  const place = join(standInApp.getPath('userData'), 'DevToolsActivePort');
  await copyFile(join(profile, 'DevToolsActivePort'), place);
  const [port, path] = (await readFile(place, 'utf8')).split('\n');
  process.stderr.write(`DevTools listening on ws://127.0.0.1:${port}${path}\n`);
});

standInApp.endings.push(async () => {
  await context?.close();
});

let making = false;

/** A new page for a window; `mayNavigate` is asked before a document is loaded that the page itself asked for. */
export async function makePage(mayNavigate: (url: string, isMainFrame: boolean) => boolean): Promise<Page> {
  if (context === null) throw new Error('The browser is not there yet.');
  making = true;
  const page = await context.newPage();
  owners.set(page, mayNavigate);
  making = false;
  page.on('close', () => owners.delete(page));
  return page;
}

/** Answers `app://` by the application's own handler, and lets nothing else through. */
async function answer(route: Route): Promise<void> {
  const request = route.request();
  const url = toElectronUrl(request.url());
  if (request.isNavigationRequest() && !mayNavigate(request, url)) {
    await route.abort('aborted');
    return;
  }
  const handler = protocolHandlers.get(appScheme);
  if (handler === undefined || !request.url().startsWith(`${pageOrigin}/`)) {
    await route.abort('blockedbyclient');
    return;
  }
  const response = await handler(new globalThis.Request(url, { method: request.method() }));
  await route.fulfill({
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  });
}

function mayNavigate(request: Request, url: string): boolean {
  let frame: Frame;
  try {
    frame = request.frame();
  } catch {
    return false; // the first document of a page that a page has just opened: no window owns it
  }
  return owners.get(frame.page())?.(url, frame.parentFrame() === null) ?? false;
}
