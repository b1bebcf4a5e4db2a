import { EventEmitter } from 'node:events';
import type { App, Session } from 'electron';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allowedExternalUrl,
  confineAllPages,
  denyPermissions,
  externalHosts,
  isTrustedSender,
} from '../../../src-main/electron/security.ts';

describe('links to the outside', () => {
  it.each([
    ['https://doi.org/10.1038/s41598-017-17204-5', 'https://doi.org/10.1038/s41598-017-17204-5'],
    ['https://qupath.readthedocs.io/', 'https://qupath.readthedocs.io/'],
    ['HTTPS://GitHub.com/a/b', 'https://github.com/a/b'],
    ['https://github.com:443/a', 'https://github.com/a'],
  ])('opens %s', (text, url) => {
    expect(allowedExternalUrl(text)).toBe(url);
  });

  it.each([
    'http://doi.org/',
    'https://doi.org.evil.example/',
    'https://evil.example/https://doi.org/',
    'https://doi.org@evil.example/',
    'https://user@doi.org/',
    'https://user:secret@doi.org/',
    'https://doi.org:8443/',
    'https://sub.doi.org/',
    'https://doi.org./',
    'https://d\u043Ei.org/', // Cyrillic o
    'https:\\\\evil.example\\doi.org',
    'https://127.0.0.1/',
    'https://[::1]/',
    'file:///etc/passwd',
    'file://doi.org/share/run.exe',
    'smb://doi.org/share',
    '\\\\doi.org\\share',
    'javascript:alert(1)//https://doi.org/',
    'data:text/html,<script>alert(1)</script>',
    'blob:https://doi.org/1',
    'vbscript:msgbox(1)',
    'ms-msdt:/id',
    'mailto:somebody@doi.org',
    'app://gigatile/index.html',
    'about:blank',
    'doi.org',
    '//doi.org/',
    '',
    ' ',
    `https://doi.org/${'a'.repeat(3000)}`,
  ])('refuses %j', (text) => {
    expect(allowedExternalUrl(text)).toBeNull();
  });

  it('only ever answers https URLs of the hosts on the list, whatever it is given', () => {
    const host = fc.constantFrom(...externalHosts, 'evil.example', 'localhost');
    const pieces = fc.constantFrom(
      'https://',
      'http://',
      '@',
      ':',
      '/',
      '\\',
      '?',
      '#',
      '%2f',
      '.',
      '\t',
      '\n',
      'a',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(host, pieces), { maxLength: 8 }), (parts) => {
        const allowed = allowedExternalUrl(parts.join(''));
        if (allowed === null) return;
        const url = new URL(allowed);
        expect(url.protocol).toBe('https:');
        expect(externalHosts.has(url.host)).toBe(true);
        expect(url.username + url.password).toBe('');
      }),
      { numRuns: 2000 },
    );
  });
});

/** All of them, as Electron's own types list them. */
type Permission = Parameters<NonNullable<Parameters<Session['setPermissionRequestHandler']>[0]>>[1];
const permissions: Permission[] = [
  'ar',
  'automatic-fullscreen',
  'background-fetch',
  'background-sync',
  'captured-surface-control',
  'clipboard-read',
  'clipboard-sanitized-write',
  'deprecated-sync-clipboard-read',
  'display-capture',
  'fileSystem',
  'fullscreen',
  'geolocation',
  'hand-tracking',
  'hid',
  'idle-detection',
  'keyboardLock',
  'local-fonts',
  'local-network-access',
  'media',
  'mediaKeySystem',
  'midi',
  'midiSysex',
  'nfc',
  'notifications',
  'openExternal',
  'payment-handler',
  'periodic-background-sync',
  'persistent-storage',
  'pointerLock',
  'screen-wake-lock',
  'sensors',
  'serial',
  'smart-card',
  'speaker-selection',
  'storage-access',
  'system-wake-lock',
  'top-level-storage-access',
  'usb',
  'vr',
  'web-app-installation',
  'web-printing',
  'window-management',
  'unknown',
];

describe('permissions', () => {
  type Handler = (...given: unknown[]) => unknown;
  const handlers = new Map<string, Handler>();
  const session = new Proxy(
    {},
    { get: (_target, setter: string) => (handler: Handler) => handlers.set(setter, handler) },
  ) as Session;
  denyPermissions(session);
  const handler = (setter: string): Handler => handlers.get(setter)!;

  it.each(permissions)('%s', (permission) => {
    const expected = permission === 'clipboard-sanitized-write';
    const answers: unknown[] = [];
    handler('setPermissionRequestHandler')(null, permission, (granted: unknown) => answers.push(granted), {});
    expect(answers).toEqual([expected]);
    expect(handler('setPermissionCheckHandler')(null, permission, 'app://gigatile', {})).toBe(expected);
  });

  it.each(['hid', 'serial', 'usb'])('no %s device', (deviceType) => {
    expect(handler('setDevicePermissionHandler')({ deviceType, origin: 'app://gigatile', device: {} })).toBe(
      false,
    );
  });

  it('no screen is shared', () => {
    const answers: unknown[] = [];
    handler('setDisplayMediaRequestHandler')({}, (streams: unknown) => answers.push(streams));
    expect(answers).toEqual([null]);
  });
});

describe('pages', () => {
  class Contents extends EventEmitter {
    windowOpenHandler: ((details: { url: string }) => unknown) | null = null;
    setWindowOpenHandler(handler: (details: { url: string }) => unknown): void {
      this.windowOpenHandler = handler;
    }
  }
  const opened: string[] = [];
  const app = new EventEmitter();
  confineAllPages(app as App, (url) => opened.push(url));
  const contents = new Contents();
  app.emit('web-contents-created', {}, contents);

  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])(
    '%s is denied',
    (name) => {
      let prevented = 0;
      contents.emit(name, { url: 'https://doi.org/', preventDefault: () => prevented++ });
      expect(prevented).toBe(1);
    },
  );

  it('opens no window; what is on the list goes to the browser', () => {
    opened.length = 0;
    for (const url of [
      'https://evil.example/',
      'app://gigatile/index.html',
      'https://doi.org/10.1/x',
      'about:blank',
    ]) {
      expect(contents.windowOpenHandler?.({ url })).toEqual({ action: 'deny' });
    }
    expect(opened).toEqual(['https://doi.org/10.1/x']);
  });
});

describe('who may speak to main', () => {
  const top = { origin: 'app://gigatile', parent: null };

  it('the top frame of our page', () => {
    expect(isTrustedSender(top)).toBe(true);
  });

  it.each([
    ['a frame that has gone', null],
    ['a frame in our page', { origin: 'app://gigatile', parent: top as never }],
    ['another site', { origin: 'https://evil.example', parent: null }],
    ['an opaque origin', { origin: 'null', parent: null }],
    ['another host of our scheme', { origin: 'app://gigatile.evil', parent: null }],
    ['a longer origin', { origin: 'app://gigatile/', parent: null }],
    ['our host over another scheme', { origin: 'https://gigatile', parent: null }],
    ['a page from the disk', { origin: 'file://', parent: null }],
  ])('not %s', (_name, frame) => {
    expect(isTrustedSender(frame)).toBe(false);
  });
});
