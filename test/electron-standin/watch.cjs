/**
 * For `electron -r`: runs in the main process before the application. Gives it the test's profile, and keeps what it does with
 * Electron (seen.ts). Electron and its stand-in are watched in the same way. Plain CommonJS: whatever Electron's Node can read.
 */
const { mkdirSync } = require('node:fs');
const path = require('node:path');
const { app, BrowserWindow, ipcMain, Notification, powerSaveBlocker, shell } = require('electron');

// Holds `ready` back until the test listens, and takes Playwright's own switches off the arguments.
const { GIGATILE_TEST_PLAYWRIGHT: playwrightLoader, GIGATILE_TEST_PROFILE: profile } = process.env;
if (playwrightLoader !== undefined) require(playwrightLoader);
// `-r` and this file: the application is to see `electron . <files>`.
process.argv.splice(process.argv.indexOf('-r'), 2);

if (profile === undefined) throw new Error('GIGATILE_TEST_PROFILE names no folder.');
for (const [name, folder] of [
  ['userData', profile],
  ['sessionData', profile],
  ['logs', path.join(profile, 'logs')],
]) {
  mkdirSync(folder, { recursive: true });
  app.setPath(name, folder);
}

/** Puts a function before a method; what it returns is the answer, unless it calls the method itself. */
function wrap(object, name, instead) {
  const original = object[name];
  object[name] = function (...given) {
    return instead.call(this, (...passed) => original.apply(this, passed), ...given);
  };
}

let front = null;
let hasLeft = false;
const seen = {
  openedExternally: [],
  sessionHandlers: new Map(),
  ipcHandlers: new Map(),
  notifications: [],
  powerBlockers: new Map(),
  recentDocuments: [],
  progress: -1,
  gpuIsOff: false,
  front: () => (front === null || front.isDestroyed() ? null : front.getTitle()),
  timesFocused: 0,
  leaveFocus() {
    hasLeft = true;
  },
  killUtility(serviceName) {
    const killed = app
      .getAppMetrics()
      .filter(({ type, name }) => type === 'Utility' && name.startsWith(serviceName));
    for (const { pid } of killed) process.kill(pid, 'SIGKILL');
    return killed.length;
  },
};
globalThis.gigatileSeen = seen;

wrap(shell, 'openExternal', async (_original, url) => void seen.openedExternally.push(url));
wrap(app, 'addRecentDocument', (_original, path) => void seen.recentDocuments.push(path));
wrap(app, 'clearRecentDocuments', () => void (seen.recentDocuments.length = 0));
wrap(app, 'disableHardwareAcceleration', (original) => {
  original();
  seen.gpuIsOff = true;
});
wrap(ipcMain, 'handle', (original, channel, handler) => {
  original(channel, handler);
  seen.ipcHandlers.set(channel, handler);
});
app.on('session-created', (session) => {
  for (const setter of [
    'setPermissionRequestHandler',
    'setPermissionCheckHandler',
    'setDevicePermissionHandler',
    'setDisplayMediaRequestHandler',
  ]) {
    wrap(session, setter, (original, ...given) => {
      original(...given);
      seen.sessionHandlers.set(setter, given[0]);
    });
  }
});
Notification.isSupported = () => true;
wrap(Notification.prototype, 'show', function () {
  seen.notifications.push(this);
});
wrap(powerSaveBlocker, 'start', (original, kind) => {
  const id = original(kind);
  seen.powerBlockers.set(id, kind);
  return id;
});
wrap(powerSaveBlocker, 'stop', (original, id) => {
  seen.powerBlockers.delete(id);
  return original(id);
});
wrap(BrowserWindow.prototype, 'setProgressBar', (original, value) => {
  seen.progress = value;
  original(value);
});
wrap(BrowserWindow.prototype, 'focus', function (original) {
  front = this;
  hasLeft = false;
  seen.timesFocused++;
  original();
});
wrap(BrowserWindow, 'getFocusedWindow', (original) => (hasLeft ? null : original()));
