/** The one list of commands: what buttons, keys, the palette and the sheet of keys have. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { commandOf, commands } from '../../../src-renderer/app/commands/registry.ts';

// It looks for a browser when it is loaded.
vi.mock('openseadragon', () => ({ default: { TileSource: Object, Viewer: Object, WebGLDrawer: Object } }));

const screens = join(import.meta.dirname, '../../../src-renderer');

describe('the commands', () => {
  it('have a name and a key of their own each', () => {
    const ids = commands.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const keys = commands.flatMap((command) => command.keys);
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
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
