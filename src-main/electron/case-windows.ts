/** The windows of the application, one per case: which file goes where, what each shows, and what happens when a page dies. */
import { dialog, screen, type BrowserWindow } from 'electron';
import type { JsonFile } from '../engine/json-file.ts';
import type { ShownScreen } from '../engine/shell.ts';
import { chooseWindow } from './choose-window.ts';
import { CrashCount } from './crash-count.ts';
import type { ScreenOrder } from './engine-messages.ts';
import { placeWindow, type WindowState } from './window-state.ts';
import { bringToFront, loadScreens, makeWindow, windowOptions } from './windows.ts';

export interface CaseWindowsOptions {
  preload: string;
  state: JsonFile<WindowState>;
  /** To the engine, for one screen. */
  order: (screenId: string, order: ScreenOrder) => void;
  /** Asked before a window closes. */
  onClose(event: { preventDefault(): void }, isLast: boolean): void;
  /** Another window is in front, or shows something else. */
  onChange: () => void;
  /** The screens cannot be loaded. */
  onFatal: (error: unknown) => void;
}

interface Entry {
  screenId: string;
  window: BrowserWindow;
  shown: ShownScreen;
  /** The file that it was told to open and does not show yet. */
  opening: string | null;
  /** When it was told so, milliseconds. */
  toldAt: number;
  usedAt: number;
  crashes: CrashCount;
}

const nothing: ShownScreen = { file: null, commands: [] };
/** A page that dies more often within a minute is not loaded again without asking. */
const toleratedCrashes = 2;
const twoClicksMs = 2000;

export class CaseWindows {
  readonly #options: CaseWindowsOptions;
  readonly #entries = new Map<string, Entry>();
  #uses = 0;

  constructor(options: CaseWindowsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#entries.size;
  }

  /** The window that was used last. */
  get front(): { screenId: string; shown: ShownScreen } | null {
    return [...this.#entries.values()].toSorted((a, b) => b.usedAt - a.usedAt)[0] ?? null;
  }

  /** Whether a page belongs to one of the windows. */
  has(screenId: string): boolean {
    return this.#entries.has(screenId);
  }

  /** A file (absolute path or address) that came from outside, in the window where it belongs. */
  open(path: string): void {
    const windows = [...this.#entries.values()].map(({ screenId, shown, opening, usedAt }) => ({
      screen: screenId,
      usedAt,
      paths: [
        ...(opening === null ? [] : [opening]),
        ...(shown.file === null ? [] : [shown.file.image, shown.file.case]),
      ],
    }));
    const choice = chooseWindow(windows, path);
    if (choice === 'new-window') return this.openNew(path);
    const entry = this.#entries.get('focus' in choice ? choice.focus : choice.openIn)!;
    // It could not be opened then, and may be now; who clicks twice in a row means it once.
    const isTriedAgain = entry.opening === path && Date.now() - entry.toldAt > twoClicksMs;
    if ('openIn' in choice || isTriedAgain) this.#tellToOpen(entry, path);
    this.#used(entry);
    bringToFront(entry.window);
  }

  /** @param path what it is to open; left out, it shows the home screen */
  openNew(path?: string): void {
    const { state, preload } = this.#options;
    const kept = state.read();
    const main = screen.getPrimaryDisplay();
    const areas = [main, ...screen.getAllDisplays().filter(({ id }) => id !== main.id)].map(
      ({ workArea }) => workArea,
    );
    const window = makeWindow(windowOptions(preload, placeWindow(kept, areas, this.count)));
    if (kept.maximized) window.maximize();
    if (kept.fullScreen) window.setFullScreen(true);
    const entry: Entry = {
      screenId: String(window.webContents.id),
      window,
      shown: nothing,
      opening: null,
      toldAt: 0,
      usedAt: ++this.#uses,
      crashes: new CrashCount(toleratedCrashes),
    };
    this.#entries.set(entry.screenId, entry);
    window.on('focus', () => this.#used(entry));
    window.on('close', (event) => {
      this.#keepState(window);
      this.#options.onClose(event, this.count === 1);
    });
    window.on('closed', () => {
      this.#entries.delete(entry.screenId);
      this.#options.onChange();
    });
    window.webContents.on('render-process-gone', (_event, { reason }) => {
      if (reason !== 'clean-exit') void this.#revive(entry);
    });
    if (path !== undefined) this.#tellToOpen(entry, path);
    loadScreens(window).catch(this.#options.onFatal);
  }

  /** A screen says what it shows now. */
  presented(screenId: string, shown: ShownScreen): void {
    const entry = this.#entries.get(screenId);
    if (entry === undefined) return; // closed meanwhile
    entry.shown = shown;
    if (shown.file !== null) entry.opening = null;
    const { window } = entry;
    window.setTitle(shown.file === null ? 'Gigatile' : `${shown.file.name} – Gigatile`);
    if (process.platform === 'darwin') window.setRepresentedFilename(shown.file?.case ?? '');
    this.#options.onChange();
  }

  /** The engine has died and is there again, with no case open: each window opens its own again. */
  reopenAll(): void {
    for (const entry of this.#entries.values()) {
      const path = entry.shown.file?.case ?? entry.opening;
      if (path !== null) this.#options.order(entry.screenId, { kind: 'open', path, after: 'engine-crash' });
    }
  }

  /** Runs a command in the window in front. */
  runCommand(id: string): void {
    const { front } = this;
    if (front !== null) this.#options.order(front.screenId, { kind: 'command', id });
  }

  focus(): void {
    const { front } = this;
    if (front !== null) bringToFront(this.#entries.get(front.screenId)!.window);
  }

  #tellToOpen(entry: Entry, path: string): void {
    entry.opening = path;
    entry.toldAt = Date.now();
    this.#options.order(entry.screenId, { kind: 'open', path });
  }

  #used(entry: Entry): void {
    entry.usedAt = ++this.#uses;
    this.#options.onChange();
  }

  #keepState(window: BrowserWindow): void {
    this.#options.state.write({
      bounds: window.getNormalBounds(),
      maximized: window.isMaximized(),
      fullScreen: window.isFullScreen(),
    });
  }

  /** The page's process is gone; the engine and its runs are not. */
  async #revive(entry: Entry): Promise<void> {
    if (!entry.crashes.add() && !(await askToTryAgain(entry.window))) {
      entry.window.destroy();
      return;
    }
    if (entry.window.isDestroyed()) return;
    const path = entry.shown.file?.case ?? entry.opening;
    entry.shown = nothing;
    if (path !== null) {
      entry.opening = path;
      this.#options.order(entry.screenId, { kind: 'open', path, after: 'screen-crash' });
    }
    await loadScreens(entry.window).catch(this.#options.onFatal);
  }
}

async function askToTryAgain(window: BrowserWindow): Promise<boolean> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    message: 'This window stops again and again.',
    detail: 'Runs go on meanwhile, and nothing that was decided is lost.',
    buttons: ['Try again', 'Close the window'],
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  });
  return response === 0;
}
