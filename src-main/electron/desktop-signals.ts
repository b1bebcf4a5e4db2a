/** What RunDesk says, in Electron's words. */
import { BrowserWindow, Notification, powerSaveBlocker } from 'electron';
import type { RunDeskSteps } from './run-desk.ts';

/** @param onNotificationClick hears which case a person wants to see */
export function desktopSignals(onNotificationClick: (casePath: string) => void): RunDeskSteps {
  /** A notification that is not held is collected, and its click with it. */
  const shown = new Set<Notification>();
  return {
    showProgress(value) {
      for (const window of BrowserWindow.getAllWindows()) window.setProgressBar(value);
    },
    notify(title, body, casePath) {
      if (!Notification.isSupported()) return;
      const notification = new Notification({ title, body });
      shown.add(notification);
      const forget = (): void => void shown.delete(notification);
      notification.on('click', () => {
        forget();
        onNotificationClick(casePath);
      });
      notification.on('close', forget);
      notification.show();
    },
    isInFront: () => BrowserWindow.getFocusedWindow() !== null,
    keepAwake() {
      const id = powerSaveBlocker.start('prevent-app-suspension');
      return () => void powerSaveBlocker.stop(id);
    },
  };
}
