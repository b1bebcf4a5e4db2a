/** The window and its walls: what the real bundles let a page do, and what they refuse. */
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { fileFilters } from '../../src-main/electron/dialogs.ts';
import { windowOptions } from '../../src-main/electron/windows.ts';
import { onStandIn, repository, screensOrigin, type Application } from './application.ts';
import {
  answerOpenDialog,
  askedFor,
  clickMenu,
  complaints,
  openFile,
  screens,
  until,
  useDesk,
  waitForImage,
} from './fixture.ts';

vi.mock('electron', () => import('../unit/electron/electron-stub.ts'));

const desk = useDesk();
let app: Application;
let page: Page;

beforeAll(async () => {
  app = desk.start();
  page = await screens(app);
});

describe('the window', () => {
  it('opens, shows itself, and is made with the one set of options', async () => {
    const windows = () =>
      app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().map((window) => ({
          visible: window.isVisible(),
          url: window.webContents.getURL(),
          options: (window as { givenOptions?: unknown }).givenOptions,
        })),
      );
    // It shows itself a moment after the page has loaded.
    await until(windows).toEqual([
      {
        visible: true,
        url: 'app://gigatile/index.html',
        // Electron does not tell them.
        options: onStandIn ? windowOptions(resolve(repository, 'out/preload/preload.cjs')) : undefined,
      },
    ]);
    expect(await page.title()).toBe('Gigatile');
    expect(await page.getByRole('button', { name: 'Open an image' }).isVisible()).toBe(true);
  });

  it('gives the page connect and registerDrop, and nothing of Node or Electron', async () => {
    const seen: unknown = await page.evaluate(`({
      bridge: Object.getOwnPropertyNames(window.gigatile),
      frozen: Object.isFrozen(window.gigatile),
      replaced: (() => { window.gigatile = null; return window.gigatile === null; })(),
      leaked: ['require', 'process', 'module', 'global', 'Buffer', 'electron', 'ipcRenderer', '__dirname']
        .filter((name) => name in window),
    })`);
    expect(seen).toEqual({
      bridge: ['connect', 'registerDrop'],
      frozen: true,
      replaced: false,
      leaked: [],
    });
  });

  it('came up without a word on the console, above all none about the policy', () => {
    expect(complaints(app)).toEqual([]);
  });
});

describe('the page stays in its place', () => {
  it.each([
    'https://example.com/',
    // Under the stand-in this is what stands for app://gigatile/other.html.
    `${screensOrigin}/other.html`,
    'file:///etc/passwd',
    'data:text/html,hello',
  ])('does not go to %s', async (url) => {
    await page.evaluate(`setTimeout(() => { location.href = ${JSON.stringify(url)}; }, 0)`);
    // A second round trip after the attempt: it was refused by then.
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 300))');
    expect(page.url()).toBe(`${screensOrigin}/index.html`);
    expect(await page.getByRole('button', { name: 'Open an image' }).isVisible()).toBe(true);
  });

  it('opens no window; links on the list go to the browser, once each', async () => {
    for (const url of [
      'https://evil.example/',
      'https://doi.org/10.1/x',
      'app://gigatile/index.html',
      'about:blank',
    ]) {
      await page.evaluate(`void window.open(${JSON.stringify(url)})`);
    }
    await until(() => app.evaluate(({ seen }) => seen.openedExternally)).toEqual(['https://doi.org/10.1/x']);
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
    await until(
      () =>
        page
          .context()
          .pages()
          .filter((other) => other.url().startsWith(screensOrigin)).length,
    ).toBe(1);
  });

  it('runs no code made of text, and talks to no other place', async () => {
    const tried: unknown = await page.evaluate(`new Promise((resolve) => setTimeout(async () => {
      const refused = new Set();
      document.addEventListener('securitypolicyviolation', (event) => refused.add(event.effectiveDirective));
      let evaluated = 'yes';
      try { new Function('return 1')(); } catch (error) { evaluated = error.name; }
      const fetched = await fetch('https://example.com/').then(() => 'yes', (error) => error.name);
      const frame = document.createElement('iframe');
      frame.src = 'https://example.com/';
      document.body.append(frame);
      await new Promise((done) => setTimeout(done, 200));
      frame.remove();
      resolve({ evaluated, fetched, refused: [...refused] });
    }, 0))`);
    expect(tried).toEqual({
      evaluated: 'EvalError',
      fetched: 'TypeError',
      refused: ['script-src', 'connect-src', 'frame-src'],
    });
  });
});

describe('main', () => {
  it('has set all permission handlers, and they deny', async () => {
    const answers = await app.evaluate(({ seen }) => {
      const handler = (setter: string) => seen.sessionHandlers.get(setter)!;
      const asked: unknown[] = [];
      for (const permission of [
        'media',
        'geolocation',
        'notifications',
        'clipboard-read',
        'clipboard-sanitized-write',
      ]) {
        handler('setPermissionRequestHandler')(
          null,
          permission,
          (granted: unknown) => asked.push(granted),
          {},
        );
        asked.push(handler('setPermissionCheckHandler')(null, permission, 'app://gigatile', {}));
      }
      asked.push(handler('setDevicePermissionHandler')({ deviceType: 'usb' }));
      handler('setDisplayMediaRequestHandler')({}, (streams: unknown) => asked.push(streams));
      return asked;
    });
    expect(answers).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
      false,
      false,
      true,
      true,
      false,
      null,
    ]);
  });

  it('hands ports to the top frame of our own windows only', async () => {
    const handed = await app.evaluate(({ ipcMain, BrowserWindow }) => {
      const { id } = BrowserWindow.getAllWindows()[0]!.webContents;
      const senders: [string, object | null, number][] = [
        ['ours', { origin: 'app://gigatile', parent: null }, id],
        ['a subframe', { origin: 'app://gigatile', parent: {} }, id],
        ['foreign', { origin: 'https://evil.example', parent: null }, id],
        ['opaque', { origin: 'null', parent: null }, id],
        ['gone', null, id],
        ['no window of ours', { origin: 'app://gigatile', parent: null }, 4711],
      ];
      return senders.map(([name, frame, sender]) => {
        let ports = 0;
        const senderFrame =
          frame === null
            ? null
            : {
                ...frame,
                postMessage: (_channel: string, _message: null, sent: object[]) => (ports += sent.length),
              };
        ipcMain.emit('gigatile:connect', { senderFrame, sender: { id: sender } });
        return [name, ports];
      });
    });
    expect(handed).toEqual([
      ['ours', 2],
      ['a subframe', 0],
      ['foreign', 0],
      ['opaque', 0],
      ['gone', 0],
      ['no window of ours', 0],
    ]);
  });

  it('makes files known for our own page only, and nothing but paths', async () => {
    const answers = await app.evaluate(async ({ seen }, path) => {
      const register = seen.ipcHandlers.get('gigatile:register-drop')!;
      const ours = { origin: 'app://gigatile', parent: null };
      const tries: [object | null, unknown][] = [
        [ours, path],
        [ours, { path }],
        [{ origin: 'https://evil.example', parent: null }, path],
        [{ ...ours, parent: ours }, path],
        [null, path],
      ];
      const results: string[] = [];
      for (const [senderFrame, given] of tries) {
        try {
          results.push(String(await register({ senderFrame }, given)));
        } catch (error) {
          results.push((error as Error).message);
        }
      }
      return results;
    }, desk.image);
    expect(answers[0]).toMatch(/^[\w-]{22}$/);
    expect(answers.slice(1)).toEqual(Array(4).fill('Not allowed.'));
  });

  it('takes files from a second start only where they are a list of texts', async () => {
    const { windows, errors } = await app.evaluate(({ app, BrowserWindow }) => {
      const errors: string[] = [];
      const lists = ['/etc/passwd', [], [1], [''], ['x'.repeat(40_000)], Array(1001).fill('/x'), { 0: '/x' }];
      for (const data of [null, undefined, 'files', ['/x'], ...lists.map((files) => ({ files }))]) {
        try {
          app.emit('second-instance', {}, ['/etc/passwd'], '/', data);
        } catch (error) {
          errors.push(String(error));
        }
      }
      return { windows: BrowserWindow.getAllWindows().length, errors };
    });
    expect([windows, errors]).toEqual([1, []]);
    expect(await page.getByRole('button', { name: 'Open an image' }).isVisible()).toBe(true);
  });

  it('answers a page that sends nonsense over its ports nothing, and everybody else as before', async () => {
    const answers: unknown = await page.evaluate(`new Promise((resolve) => {
      const junk = [null, 1, 'text', '', '{', [], {}, { i: 1 }, { i: '1', t: 1, p: {} }, new Uint8Array(9), { id: 1 },
        { id: 'x', path: '/tiles' }, { id: 2, path: 'x'.repeat(5000) }, { id: 3, path: '/../../etc/passwd' },
        { id: 4, path: '/%2e%2e/%2e%2e/etc/passwd' }, { id: 5, path: 'file:///etc/passwd' }, { id: 6, cancel: true }];
      // Before the screens, which would take these ports for their own.
      window.addEventListener('message', function listen(event) {
        if (event.data?.gigatile !== 'ports') return;
        event.stopImmediatePropagation();
        window.removeEventListener('message', listen, true);
        const [rpc, bytes] = event.ports;
        const answers = [];
        bytes.onmessage = ({ data: { id, status } }) => {
          answers.push([id, status]);
          if (answers.length < 4) return;
          resolve(answers.toSorted(([a], [b]) => a - b));
        };
        for (const each of junk) {
          rpc.postMessage(each);
          bytes.postMessage(each);
        }
        bytes.postMessage({ id: 99, path: '/tiles/none/0/0/0' });
      }, true);
      window.gigatile.connect();
    })`);
    const refused = expect.toSatisfy((status: number) => status >= 400 && status < 500);
    expect(answers).toEqual([3, 4, 5, 99].map((id) => [id, refused]));
    // The engine is the same one.
    expect(await page.getByText('The engine had stopped unexpectedly').count()).toBe(0);
  });
});

describe('a file comes in', () => {
  const home = async () => {
    await page.getByRole('button', { name: 'Home' }).click();
    await page.getByRole('button', { name: 'Open an image' }).waitFor();
    // Main has heard of it: until then a file that the window showed counts as open.
    const title = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getTitle());
    await until(title).toBe('Gigatile');
  };

  it('through the dialog that the screens ask for', async () => {
    await answerOpenDialog(app, [desk.image]);
    await page.getByRole('button', { name: 'Open an image' }).click();
    await waitForImage(page);
    expect(await askedFor(app)).toEqual({ properties: ['openFile'], filters: fileFilters.image });
    await home();
  });

  it('not at all where the dialog is cancelled', async () => {
    await answerOpenDialog(app, []);
    await page.getByRole('button', { name: 'Open an image' }).click();
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 300))');
    expect(await page.getByRole('button', { name: 'Open an image' }).isVisible()).toBe(true);
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('through the menu', async () => {
    await answerOpenDialog(app, [desk.image]);
    await clickMenu(app, 'open');
    await waitForImage(page);
    await home();
  });

  it('by dropping it on the window: its path never reaches the page', async () => {
    await page.evaluate(`{
      const input = document.createElement('input');
      input.type = 'file';
      input.id = 'from-the-desk';
      document.body.append(input);
    }`);
    // By its path, as a person's own choice is: Playwright would send the bytes instead.
    const session = await page.context().newCDPSession(page);
    const { result } = await session.send('Runtime.evaluate', {
      expression: `document.getElementById('from-the-desk')`,
    });
    await session.send('DOM.setFileInputFiles', { files: [desk.image], objectId: result.objectId! });
    await page.evaluate(`{
      const input = document.getElementById('from-the-desk');
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(input.files[0]);
      input.remove();
      for (const type of ['dragover', 'drop']) {
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
      }
    }`);
    await waitForImage(page);
    await home();
  });

  it('not where a page made the file up', async () => {
    const answer: unknown = await page.evaluate(
      `window.gigatile.registerDrop(new File(['x'], '/etc/passwd')).then(() => 'opened', (error) => error.message)`,
    );
    expect(answer).toMatch(/Only files that lie on this computer/);
  });

  it('from macOS, by open-file', async () => {
    await openFile(app, desk.image);
    await waitForImage(page);
    await home();
  });

  it('from a second instance, which ends at once and brings this window to the front', async () => {
    const timesFocused = () => app.evaluate(({ seen }) => seen.timesFocused);
    const before = await timesFocused();
    expect(await desk.startSecond({ args: [desk.image] })).toBe(0);
    await waitForImage(page);
    expect(await timesFocused()).toBeGreaterThan(before);
    await home();
  });

  it('but no device, which is said', async () => {
    await openFile(app, '/dev/zero');
    const said = page.getByRole('alert').filter({ hasText: 'a folder or a device' });
    await until(() => said.count()).toBe(1);
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  });
});

describe('quitting', () => {
  it('asks nothing where nothing runs, and ends all processes', async () => {
    expect(await app.quit()).toBe(0);
    expect(app.errors).toBe('');
  });
});
