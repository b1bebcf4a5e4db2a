/** What main and the engine process say to each other: plain data, over the utility process's parent port. */
import type { PlainError } from '../contract/errors.ts';
import type { WorkerKind } from '../core/worker-host.ts';
import type { SecretStore } from '../engine/secret-store.ts';
import type { Settings, SettingsChange } from '../contract/settings.ts';
import type { PickKind, RunNews, ShownScreen } from '../engine/shell.ts';

/** All that the engine has to know about where it runs. Paths are absolute. */
export interface EngineStart {
  dataDir: string;
  modelsDir: string;
  sampleSlide: string;
  version: string;
  settingsPath: string;
  logsDir: string;
}

/** What one screen is to do. */
export type ScreenOrder =
  { kind: 'open'; path: string; after?: 'engine-crash' | 'screen-crash' } | { kind: 'command'; id: string };

/** Questions that need the desktop: only main can ask a person, or the keychain. */
export type DesktopQuestion =
  | { ask: 'pick-files'; kind: PickKind }
  | { ask: 'pick-save-path'; suggestedName: string }
  | { ask: 'test-codecs' }
  | SecretQuestion;

/** A method of the secret store, with what it is given. */
export type SecretQuestion = {
  [Method in keyof SecretStore]: {
    ask: 'secrets';
    method: Method;
    given: Parameters<SecretStore[Method]>;
  };
}[keyof SecretStore];

/** Questions that only the engine can answer. */
export type EngineQuestion =
  | { ask: 'register'; path: string }
  | { ask: 'active-runs' }
  | { ask: 'suspend' }
  | { ask: 'wake' }
  | { ask: 'change-settings'; change: SettingsChange }
  | { ask: 'close' };

export type ToEngine =
  | { kind: 'start'; start: EngineStart }
  /** With two ports: oRPC and bytes. */
  | { kind: 'connect'; screen: string }
  | { kind: 'order'; screen: string; order: ScreenOrder }
  | { kind: 'question'; id: number; question: EngineQuestion }
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'answer-failed'; id: number; error: PlainError }
  /** With one port, to the worker. */
  | { kind: 'worker-started'; worker: number }
  /** Its process id, once the system has given it one. */
  | { kind: 'worker-spawned'; worker: number; pid: number | undefined }
  | { kind: 'worker-exit'; worker: number; code: number | null; signal: string | null };

export type FromEngine =
  /** The engine could not be built: without it there is no application. */
  | { kind: 'failed'; error: PlainError }
  | { kind: 'question'; id: number; question: DesktopQuestion }
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'answer-failed'; id: number; error: PlainError }
  | { kind: 'presented'; screen: string; shown: ShownScreen }
  | { kind: 'runs'; news: RunNews }
  | { kind: 'settings'; settings: Settings }
  | { kind: 'fork'; worker: number; workerKind: WorkerKind }
  | { kind: 'kill'; worker: number };
