import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { windowOptions } from '../../../src-main/electron/windows.ts';

vi.mock('electron', () => import('./electron-stub.ts'));

const root = resolve(import.meta.dirname, '../../..');
const sources = ['src-main', 'src-renderer'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => ({ name: `${folder}/${name}`, text: readFileSync(join(root, folder, name), 'utf8') })),
);

describe('windows', () => {
  it('are made with exactly these options', () => {
    expect(windowOptions('/app/preload.cjs')).toEqual({
      title: 'Gigatile',
      width: 1440,
      height: 900,
      minWidth: 800,
      minHeight: 560,
      show: false,
      backgroundColor: '#16181b',
      webPreferences: {
        preload: '/app/preload.cjs',
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webviewTag: false,
        navigateOnDragDrop: false,
        spellcheck: false,
      },
    });
  });

  it('are made in one place', () => {
    const makers = sources.filter(({ text }) =>
      /new BrowserWindow\(|new BaseWindow\(|new WebContentsView\(/.test(text),
    );
    expect(makers.map(({ name }) => name)).toEqual(['src-main/electron/windows.ts']);
  });

  it.each([
    'webSecurity:',
    'allowRunningInsecureContent:',
    'experimentalFeatures:',
    'enableBlinkFeatures:',
    '@electron/remote',
  ])('nothing sets %s', (setting) => {
    expect(sources.filter(({ text }) => text.includes(setting)).map(({ name }) => name)).toEqual([]);
  });
});
