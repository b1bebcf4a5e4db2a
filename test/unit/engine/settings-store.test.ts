import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultSettings, settingsChangeSchema, type Settings } from '../../../src-main/contract/settings.ts';
import { settingsAtStart } from '../../../src-main/electron/settings-at-start.ts';
import { putIntoEnvironment, SettingsStore } from '../../../src-main/engine/settings-store.ts';
import { cacheSettings } from '../../../src-main/images/pyramid-cache/settings.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-settings-'));
  path = join(folder, 'config', 'settings.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('settings', () => {
  it('are the default ones at first, and say that nothing was set', () => {
    expect(new SettingsStore(path).view()).toEqual({
      settings: defaultSettings,
      isNew: true,
      setAside: null,
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('stay over a restart; a change leaves the others alone, and is told', () => {
    const told: Settings[] = [];
    const store = new SettingsStore(path, (settings) => told.push(settings));
    store.change({ theme: 'light', workers: 3 });
    // As it comes from a screen: what is not in a change must not come back as a default.
    store.change(settingsChangeSchema.parse({ reviewer: 'Dr. Ω' }));
    store.change({ theme: undefined });
    const expected = { ...defaultSettings, theme: 'light', workers: 3, reviewer: 'Dr. Ω' };
    expect(new SettingsStore(path).view()).toEqual({ settings: expected, isNew: false, setAside: null });
    expect(settingsAtStart(path)).toEqual(expected);
    expect(told).toHaveLength(3);
    expect(told.at(-1)).toEqual(expected);
  });

  it('of an earlier version lack what it did not know', () => {
    new SettingsStore(path).change({});
    writeFileSync(path, '{"version":1,"theme":"system","oldThing":7}');
    expect(new SettingsStore(path).settings).toEqual({ ...defaultSettings, theme: 'system' });
  });

  it.each([
    ['{"version":1,"theme":"pink"}', /settings\.damaged\.json \(theme: /],
    ['{"version":1,"the', /settings\.damaged\.json \(it is no JSON\)/],
    ['{"version":2}', /settings\.damaged\.json \(version: /],
    ['', /no JSON/],
  ])('that are damaged are set aside and it is said: %s', (text, said) => {
    new SettingsStore(path).change({});
    writeFileSync(path, text);
    expect(settingsAtStart(path)).toEqual(defaultSettings);
    const store = new SettingsStore(path);
    expect(store.view()).toMatchObject({ settings: defaultSettings, isNew: false });
    expect(store.view().setAside).toMatch(said);
    expect(readFileSync(join(folder, 'config', 'settings.damaged.json'), 'utf8')).toBe(text);
    store.change({ theme: 'light' });
    expect(new SettingsStore(path).view()).toMatchObject({ settings: { theme: 'light' }, setAside: null });
  });
});

it('the room for prepared images reaches workers by their environment, unless that says it already', () => {
  const env: NodeJS.ProcessEnv = {};
  putIntoEnvironment(defaultSettings, env);
  expect(env).toEqual({});
  putIntoEnvironment({ ...defaultSettings, cacheGigabytes: 2.5 }, env);
  expect(cacheSettings(env).limitBytes).toBe(2.5e9);
  putIntoEnvironment({ ...defaultSettings, cacheGigabytes: 7 }, env);
  expect(cacheSettings(env).limitBytes).toBe(2.5e9);
});
