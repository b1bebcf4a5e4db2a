/** The one list of commands: what buttons, keys, the palette and the sheet of keys have. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import {
  commandFor,
  commandOf,
  commands,
  isUsable,
  withKey,
} from '../../../src-renderer/app/commands/registry.ts';
import { useApp } from '../../../src-renderer/state/app-store.ts';
import { useView } from '../../../src-renderer/state/view-store.ts';

// It looks for a browser when it is loaded.
vi.mock('openseadragon', () => ({ default: { TileSource: Object, Viewer: Object, WebGLDrawer: Object } }));

const screens = join(import.meta.dirname, '../../../src-renderer');

describe('the commands', () => {
  it('have a name and a key of their own each', () => {
    const ids = commands.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const keys = commands.flatMap(({ mode, keys }) => keys.map((key) => `${mode ?? 'any'} ${key}`));
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  });

  it('of a mode go before the others while it lasts, are not there outside of it, and leave the others their keys', () => {
    expect(commandFor('enter', {}, null)?.id).toBe('show-finding');
    expect(commandFor('enter', {}, 'drawing')?.id).toBe('draw-set');
    expect(commandFor('arrowleft', {}, 'drawing')?.id).toBe('pan-left');
    const choices = withKey({}, 'draw-set', 'j');
    expect(commandFor('j', choices, 'drawing')?.id).toBe('draw-set');
    expect(commandFor('enter', choices, 'drawing')?.id).toBe('show-finding');
    expect(commandFor('j', choices, null)?.id).toBe('next');

    useApp.setState({ screen: { at: 'case' } });
    expect(isUsable(commandOf('draw-set'))).toBe(false);
    useView.setState({ tool: 'rectangle' });
    expect([isUsable(commandOf('draw-set')), isUsable(commandOf('draw-end'))]).toEqual([true, false]);
    useView.setState({ tool: 'polygon' });
    expect(isUsable(commandOf('draw-end'))).toBe(true);
  });

  it('are there for every button that names one', () => {
    const named = readdirSync(screens, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.tsx'))
      .flatMap((name) => [
        ...readFileSync(join(screens, name), 'utf8').matchAll(/<Command(?:Button|Action)\s+id="([\w-]+)"/g),
      ])
      .map(([, id = '']) => id);
    expect(named.length).toBeGreaterThan(20);
    for (const id of named) expect(() => commandOf(id)).not.toThrow();
  });
});
