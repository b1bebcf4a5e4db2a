import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { acceleratorOf } from '../../../src-main/electron/accelerator.ts';
import { menuTemplate, type MenuActions, type MenuFacts } from '../../../src-main/electron/menu.ts';
import { allowedExternalUrl } from '../../../src-main/electron/security.ts';

const flat = (items: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
  items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flat(item.submenu) : [])]);

const command = (id: string, chord: string | null, group: 'View' | 'Window' | 'Run' = 'View') => ({
  id,
  label: id,
  group,
  chord,
  enabled: true,
});

function setUp(changes: Partial<MenuFacts> = {}) {
  const done: string[] = [];
  const actions: MenuActions = {
    openFile: () => void done.push('open'),
    newWindow: () => void done.push('new window'),
    openRecent: (path) => void done.push(`recent ${path}`),
    clearRecent: () => void done.push('clear'),
    openLink: (url) => void done.push(url),
    runCommand: (id) => void done.push(`run ${id}`),
    lookForUpdates: () => void done.push('look for updates'),
  };
  const facts: MenuFacts = {
    platform: 'linux',
    isPackaged: true,
    hasUpdates: false,
    commands: [],
    recent: [],
    ...changes,
  };
  const items = flat(menuTemplate(facts, actions));
  return {
    items,
    done,
    item: (id: string) => items.find((item) => item.id === id),
    click: (id: string, triggeredByAccelerator = false) =>
      items
        .find((item) => item.id === id)
        ?.click?.(undefined as never, undefined, { triggeredByAccelerator }),
  };
}

describe('the menu', () => {
  it.each(['darwin', 'linux', 'win32'] as const)(
    'on %s: links lead only where openExternal goes',
    (platform) => {
      const { items, done } = setUp({ platform });
      for (const item of items) item.click?.(undefined as never, undefined, {});
      const links = done.filter((text) => text.includes(':'));
      expect(links.length).toBeGreaterThan(0);
      expect(links.map(allowedExternalUrl)).toEqual(links);
    },
  );

  it('has no developer tools in a packaged application', () => {
    const roles = (isPackaged: boolean) => setUp({ isPackaged }).items.map((item) => item.role);
    expect(roles(true)).not.toContain('toggleDevTools');
    expect(roles(true)).not.toContain('reload');
    expect(roles(false)).toContain('toggleDevTools');
  });

  it('leaves quitting to the application menu on macOS', () => {
    expect(setUp({ platform: 'darwin' }).items[0]).toEqual({ role: 'appMenu' });
    expect(setUp({ platform: 'darwin' }).items.some((item) => item.role === 'quit')).toBe(false);
    expect(setUp({ platform: 'win32' }).items.some((item) => item.role === 'quit')).toBe(true);
  });

  it('shows the screen’s commands with their keys, and leaves those keys to the screen', () => {
    const commands = [
      command('zoom-in', '+'),
      { ...command('rotate-right', 'r'), label: 'Rotate & turn', enabled: false },
      command('save-copy', 'mod+shift+s', 'Window'),
    ];
    const { item, click, done } = setUp({ commands });
    expect(item('zoom-in')).toMatchObject({ accelerator: 'Plus', registerAccelerator: false, enabled: true });
    expect(item('rotate-right')).toMatchObject({ label: 'Rotate && turn', accelerator: 'R', enabled: false });
    expect(item('save-copy')).toMatchObject({ accelerator: 'CmdOrCtrl+Shift+S' });
    click('zoom-in');
    click('save-copy', true);
    expect(done).toEqual(['run zoom-in']);
  });

  it('takes no bare letters away from text fields on macOS', () => {
    const commands = [command('rotate-right', 'r'), command('save-copy', 'mod+shift+s', 'Window')];
    const { item } = setUp({ commands, platform: 'darwin' });
    expect(item('rotate-right')).not.toHaveProperty('accelerator');
    expect(item('save-copy')).toHaveProperty('accelerator');
  });

  it('has each command once', () => {
    const ids = ['settings', 'keys', 'doctor', 'case', 'save-copy', 'home', 'palette'];
    const { items } = setUp({ commands: ids.map((id) => command(id, null, 'Window')) });
    for (const id of ids) expect(items.filter((item) => item.id === id)).toHaveLength(1);
  });

  it('opens recent files again, and clears the list', () => {
    const recent = [{ path: '/slides/a.svs', label: 'a.svs' }];
    const { item, click, done } = setUp({ recent });
    expect(item('recent')?.enabled).toBe(true);
    click('recent-0');
    click('clear-recent');
    expect(done).toEqual(['recent /slides/a.svs', 'clear']);
    expect(setUp().item('recent')?.enabled).toBe(false);
  });
});

it.each([
  ['mod+k', 'CmdOrCtrl+K'],
  ['mod++', 'CmdOrCtrl+Plus'],
  ['+', 'Plus'],
  ['shift+1', 'Shift+1'],
  ['arrowleft', 'Left'],
  ['mod+,', 'CmdOrCtrl+,'],
  ['shift+enter', 'Shift+Enter'],
  ['?', '?'],
  ['f11', 'F11'],
  ['ö', null],
  ['audiovolumeup', null],
])('the chord %s is %s for Electron', (chord, accelerator) => {
  expect(acceleratorOf(chord)).toBe(accelerator);
});

it('updates are offered only where the program was packed with a server for them', () => {
  expect(setUp().item('updates')).toBeUndefined();
  const { click, done } = setUp({ hasUpdates: true });
  click('updates');
  expect(done).toEqual(['look for updates']);
});
