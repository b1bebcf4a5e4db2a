/** The one place that makes a window, and the one set of options that it is made with. */
import { BrowserWindow, type BrowserWindowConstructorOptions } from 'electron';
import { appUrl } from './protocol.ts';

/**
 * Everything that could weaken the page's isolation is said here, also where it is Electron's default. `webSecurity`,
 * `allowRunningInsecureContent`, `experimentalFeatures` and `enableBlinkFeatures` are never set.
 */
export function windowOptions(preload: string): BrowserWindowConstructorOptions {
  return {
    title: 'Gigatile',
    width: 1440,
    height: 900,
    minWidth: 800,
    minHeight: 560,
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

/** Makes the window; it shows itself once its first paint is there. Rejects where the screens cannot be loaded. */
export async function openWindow(
  preload: string,
  onClose: (event: { preventDefault(): void }) => void,
): Promise<void> {
  const window = new BrowserWindow(windowOptions(preload));
  window.once('ready-to-show', () => window.show());
  window.on('close', onClose);
  await window.loadURL(appUrl);
}

/** The application's window, or null while there is none (macOS keeps running without). */
export function currentWindow(): BrowserWindow | null {
  return BrowserWindow.getAllWindows()[0] ?? null;
}

export function focusWindow(): void {
  const window = currentWindow();
  if (window === null) return;
  if (window.isMinimized()) window.restore();
  window.focus();
}
