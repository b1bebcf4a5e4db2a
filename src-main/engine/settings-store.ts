/** The person's settings: read once, checked, written whole. A damaged file is set aside and said, never guessed at. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import {
  defaultSettings,
  settingsSchema,
  type Settings,
  type SettingsChange,
  type SettingsView,
} from '../contract/settings.ts';
import { JsonFile } from './json-file.ts';

/**
 * Workers read from their environment how much room prepared images may take (images/pyramid-cache/settings.ts). What is said there
 * already stands.
 */
export function putIntoEnvironment({ cacheGigabytes }: Settings, env: NodeJS.ProcessEnv): void {
  if (cacheGigabytes !== null) env['GIGATILE_CACHE_LIMIT'] ??= `${cacheGigabytes}GB`;
}

export class SettingsStore {
  readonly #file: JsonFile<Settings>;
  readonly #onChange: (settings: Settings) => void;
  #settings: Settings;
  #isNew: boolean;
  #setAside: string | null = null;

  /** @param path absolute, `settings.json` */
  constructor(path: string, onChange: (settings: Settings) => void = () => undefined) {
    this.#onChange = onChange;
    this.#isNew = !existsSync(path);
    this.#file = new JsonFile({
      path,
      schema: settingsSchema,
      initial: defaultSettings,
      onSetAside: (aside, why) => {
        this.#setAside = `${basename(aside)} (${why})`;
      },
    });
    this.#settings = this.#file.read();
  }

  get settings(): Settings {
    return this.#settings;
  }

  view(): SettingsView {
    return { settings: this.#settings, isNew: this.#isNew, setAside: this.#setAside };
  }

  /** On the disk when it returns. */
  change(change: SettingsChange): SettingsView {
    const said = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const next = settingsSchema.parse({ ...this.#settings, ...said });
    this.#file.write(next);
    this.#settings = next;
    this.#isNew = false;
    this.#setAside = null;
    this.#onChange(next);
    return this.view();
  }
}
