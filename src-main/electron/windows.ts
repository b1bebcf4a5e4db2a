/** The one place that makes a window, and the one set of options that it is made with. */
import { BrowserWindow, type BrowserWindowConstructorOptions } from 'electron';
import { appUrl } from './protocol.ts';
import { smallestSize, usualSize } from './window-state.ts';

/**
 * Everything that could weaken the page's isolation is said here, also where it is Electron's default. `webSecurity`,
 * `allowRunningInsecureContent`, `experimentalFeatures` and `enableBlinkFeatures` are never set.
 */
export function windowOptions(
  preload: string,
  place: Pick<BrowserWindowConstructorOptions, 'x' | 'y' | 'width' | 'height'> = usualSize,
): BrowserWindowConstructorOptions {
  return {
    title: 'Gigatile',
    ...place,
    minWidth: smallestSize.width,
    minHeight: smallestSize.height,
    show: false,
    // The dark neutral of the screens, so that the window does not flash white.
    backgroundColor: '#16181b',
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  };
}

/** Makes a window that shows itself once its first paint is there; what it loads is loaded by `loadScreens`. */
export function makeWindow(options: BrowserWindowConstructorOptions): BrowserWindow {
  const window = new BrowserWindow(options);
  window.once('ready-to-show', () => window.show());
  // What the window is called is decided here, by the case that it shows.
  window.on('page-title-updated', (event) => event.preventDefault());
  return window;
}

/** Rejects where the screens cannot be loaded. */
export function loadScreens(window: BrowserWindow): Promise<void> {
  return window.loadURL(appUrl);
}

/** The window that dialogs hang on, or null while there is none (macOS keeps running without). */
export function currentWindow(): BrowserWindow | null {
  return BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0] ?? null;
}

export function bringToFront(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.focus();
}
