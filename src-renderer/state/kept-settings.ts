/**
 * The person's settings as the engine keeps them, the same in every window and browser. What screens need before the engine has
 * answered (theme, keys) is also kept by the browser, in preferences.ts; the engine's word counts.
 */
import { create } from 'zustand';
import {
  defaultSettings,
  type SecretsView,
  type Settings,
  type SettingsChange,
} from '../../src-main/contract/settings.ts';
import type { Connection } from '../client/connection.ts';
import { isAbort, plainErrorOf } from '../client/plain-error.ts';
import { notifyError, useApp } from './app-store.ts';
import { usePreferences } from './preferences.ts';
import { words } from '../words/words.ts';

export const useSettings = create<{ settings: Settings; secrets: SecretsView | null }>()(() => ({
  settings: defaultSettings,
  secrets: null,
}));

/** A slider that is dragged is written once. */
const restMs = 400;

function preferencesNow(): SettingsChange {
  const { theme, reviewer, panelWidth, keys } = usePreferences.getState();
  return {
    theme,
    reviewer,
    panelWidth: Math.round(panelWidth),
    keys: Object.fromEntries(Object.entries(keys).map(([id, chords]) => [id, [...chords]])),
  };
}

export class KeptSettings {
  readonly #connection: Connection;
  /** What the engine has, as text, so that a change is told from an echo. */
  #known = '';
  #waiting: SettingsChange = {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Returns what ends it. */
  start(): () => void {
    const stopLink = this.#connection.onLinkState((link) => {
      if (link === 'open') void this.#load();
    });
    const stopPreferences = usePreferences.subscribe(() => {
      const now = JSON.stringify(preferencesNow());
      if (this.#known !== '' && now !== this.#known) {
        this.#known = now;
        // What is dragged or typed rests first; the theme is chosen once.
        const isTheme = useSettings.getState().settings.theme !== usePreferences.getState().theme;
        this.change(preferencesNow(), isTheme ? 0 : restMs);
      }
    });
    return () => {
      stopLink();
      stopPreferences();
      clearTimeout(this.#timer);
    };
  }

  /** Shown at once, and written when nothing more has been changed for a moment. */
  change(change: SettingsChange, afterMs = restMs): void {
    useSettings.setState(({ settings }) => ({ settings: { ...settings, ...withoutGaps(change) } }));
    this.#waiting = { ...this.#waiting, ...change };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#write(), afterMs);
  }

  async loadSecrets(): Promise<void> {
    try {
      useSettings.setState({ secrets: await this.#connection.api.settings.secrets() });
    } catch (error) {
      notifyError(words.state.theNamesOfStoredKeysCouldNotBeRead, plainErrorOf(error));
    }
  }

  /** Answers whether it was taken. */
  async setSecret(name: string, value: string | null): Promise<boolean> {
    try {
      useSettings.setState({ secrets: await this.#connection.api.settings.setSecret({ name, value }) });
      return true;
    } catch (error) {
      notifyError(words.state.theKeyWasNotStored, plainErrorOf(error));
      return false;
    }
  }

  async #load(): Promise<void> {
    try {
      const { settings, isNew, setAside } = await this.#connection.api.settings.get();
      if (setAside !== null) {
        useApp.getState().notify({
          tone: 'error',
          title: words.state.theSettingsWereDamagedAndAreTheDefault,
          detail: words.state.theDamagedFileWasSetAside(setAside),
        });
      }
      useSettings.setState({ settings });
      if (isNew) {
        this.#known = JSON.stringify(preferencesNow());
        this.change(preferencesNow());
        return;
      }
      const { theme, reviewer, panelWidth, keys } = settings;
      this.#known = JSON.stringify({ theme, reviewer, panelWidth, keys });
      usePreferences.setState({ theme, reviewer, panelWidth, keys });
    } catch (error) {
      if (!isAbort(error) && useApp.getState().link === 'open')
        notifyError(words.state.theSettingsCouldNotBeRead, plainErrorOf(error));
    }
  }

  async #write(): Promise<void> {
    const change = this.#waiting;
    this.#waiting = {};
    try {
      await this.#connection.api.settings.change(change);
    } catch (error) {
      notifyError(words.state.theSettingsCouldNotBeKept, plainErrorOf(error));
    }
  }
}

function withoutGaps(change: SettingsChange): Partial<Settings> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
