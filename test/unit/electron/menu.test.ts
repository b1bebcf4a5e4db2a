import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { menuTemplate } from '../../../src-main/electron/menu.ts';
import { allowedExternalUrl } from '../../../src-main/electron/security.ts';

const flat = (items: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
  items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flat(item.submenu) : [])]);

describe('the menu', () => {
  it.each(['darwin', 'linux', 'win32'] as const)(
    'on %s: links lead only where openExternal goes',
    (platform) => {
      const links: string[] = [];
      const items = flat(
        menuTemplate(platform, true, { openFile: () => undefined, openLink: (url) => links.push(url) }),
      );
      for (const item of items) if (item.id !== 'open') item.click?.(undefined as never, undefined, {});
      expect(links.length).toBeGreaterThan(0);
      expect(links.map(allowedExternalUrl)).toEqual(links);
    },
  );

  it('has no developer tools in a packaged application', () => {
    const roles = (packaged: boolean) =>
      flat(menuTemplate('linux', packaged, { openFile: () => undefined, openLink: () => undefined })).map(
        (i) => i.role,
      );
    expect(roles(true)).not.toContain('toggleDevTools');
    expect(roles(true)).not.toContain('reload');
    expect(roles(false)).toContain('toggleDevTools');
  });

  it('leaves quitting to the application menu on macOS', () => {
    const template = (platform: NodeJS.Platform) =>
      menuTemplate(platform, true, { openFile: () => undefined, openLink: () => undefined });
    expect(template('darwin')[0]).toEqual({ role: 'appMenu' });
    expect(flat(template('darwin')).some((item) => item.role === 'quit')).toBe(false);
    expect(flat(template('win32')).some((item) => item.role === 'quit')).toBe(true);
  });
});
