/** What the engine needs from the shell that it lives in, and what it offers to it. */
import type { AppInfo } from '../contract/api.ts';
import type { BytesAnswer } from '../contract/bytes.ts';
import type { RunState } from '../contract/run.ts';
import type { MenuCommand } from '../contract/screen.ts';
import type { Settings, SettingsChange } from '../contract/settings.ts';
import type { WorkerHost } from '../core/worker-host.ts';
import type { FileRegistry } from './file-registry.ts';
import type { Fleet, FleetConnector } from './fleet.ts';
import type { Router } from './router-type.ts';
import type { SecretStore } from './secret-store.ts';

/** What a person is asked to choose; a folder is opened as one image, or holds those of a batch. */
export type PickKind = 'image' | 'images' | 'folder' | 'case' | 'model';

export interface ShellServices {
  kind: AppInfo['shell'];
  /** The system's open dialog; absolute paths, empty where cancelled. Without it the screens browse `files`' roots. */
  pickFiles?(kind: PickKind): Promise<string[]>;
  /** The system's save dialog; null where cancelled. Without it exports are downloaded from `/exports/…`. */
  pickSavePath?(suggestedName: string): Promise<string | null>;
  /** What a screen shows now: for its window's title and menu. */
  present?(screen: string, shown: ShownScreen): void;
  settingsChanged?(settings: Settings): void;
  /** The system's keychain. Without it secrets are kept in memory, until the program ends. */
  secrets?: SecretStore;
}

export interface EndedRun {
  /** Path of its case. */
  case: string;
  model: string;
  state: RunState;
  findings: number;
  reason: string | null;
}

export interface RunNews {
  /** Runs that go on. */
  active: number;
  /** Of all their tiles, 0-1; null while none knows how many it has. */
  progress: number | null;
  /** Since the news before. */
  ended: EndedRun[];
}

export interface ShownScreen {
  /** Absolute paths (the image's can be an address); null on the home screen. */
  file: { name: string; image: string; case: string } | null;
  commands: MenuCommand[];
}

export interface EngineOptions {
  host: WorkerHost;
  shell: ShellServices;
  /** Absolute. Cases of images that were opened without naming a case file lie in `cases/` below it. */
  dataDir: string;
  /** Absolute. Left out: `settings.json` in the data folder. */
  settingsPath?: string;
  /** Absolute. Left out: `logs` in the data folder. */
  logsDir?: string;
  /** Absolute. Folder of the built-in models: a folder each, with its gigatile.json. */
  modelsDir: string;
  /** Absolute. The slide that comes with the program. */
  sampleSlide?: string;
  version: string;
  /** Paths that were handed over at start, already registered. */
  openAtStart?: string[];
  /** Other machines that analyse tiles of runs that name their queue. */
  fleet?: Fleet;
  /** How another one is chosen on a screen; without it none can be. */
  connectFleet?: FleetConnector;
}

/** The engine as a shell sees it. Screens see `router` and `bytes` only. */
export interface Engine {
  readonly router: Router;
  readonly files: FileRegistry;
  /** Answers one of the paths in contract/bytes.ts; never throws: errors are answers with a status and a plain error as JSON. */
  bytes(path: string, signal?: AbortSignal): Promise<BytesAnswer>;
  /**
   * Writes one export into a fresh temporary folder and says where; the caller sends it and removes the folder.
   * `path` is the file, or a folder where the format has several files.
   * @param signal nobody waits for it any more
   */
  exportToTemporary(
    caseId: string,
    runId: string,
    format: string,
    signal?: AbortSignal,
  ): Promise<{ folder: string; path: string; name: string; type: string }>;
  /**
   * A file is to be opened by a screen; left out, by whichever listens.
   * @param after it was shown there before this broke
   */
  requestOpen(path: string, screen?: string, after?: 'engine-crash' | 'screen-crash'): void;
  /** A command was chosen in the menu of a screen's window. */
  requestCommand(id: string, screen: string): void;
  /** Runs that are going on right now. */
  activeRuns(): number;
  /** What has changed about runs since the last call, which is best made about once a second; null where nothing has. */
  runNews(): RunNews | null;
  changeSettings(change: SettingsChange): void;
  /** The computer goes to sleep: what goes on is paused. Resolves when it is on the disk. */
  suspend(): Promise<void>;
  /** It is awake: what was paused for it goes on. Resolves when it does. */
  wake(): Promise<void>;
  /** Stops workers and closes cases; runs that go on are left resumable. Idempotent. */
  close(): Promise<void>;
}
