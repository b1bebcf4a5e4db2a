// Arguments: the bundled electron-updater, and the folder with app-update.yml. Looks for an update and fetches it; says what came out.
import http from 'node:http';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const [chunk, folder] = process.argv.slice(2);
Object.defineProperty(process, 'resourcesPath', { value: folder });
const nothing = () => undefined;
// As little of Electron as the updater touches before it installs.
globalThis.electronParts = {
  app: {
    getVersion: () => '0.1.0',
    getName: () => 'gigatile',
    isPackaged: true,
    getAppPath: () => folder,
    getPath: () => folder,
    whenReady: () => Promise.resolve(),
    on: nothing,
    once: nothing,
  },
  net: { request: (options) => http.request(options) },
  session: { fromPartition: () => ({}) },
};
const electron = 'data:text/javascript,';
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron'
      ? { url: electron, format: 'commonjs', shortCircuit: true }
      : next(specifier, context),
  load: (url, context, next) =>
    url === electron
      ? { format: 'commonjs', source: 'module.exports = globalThis.electronParts', shortCircuit: true }
      : next(url, context),
});

const { autoUpdater } = (await import(pathToFileURL(chunk).href)).default;
autoUpdater.autoDownload = false;
autoUpdater.autoInstallOnAppQuit = false;
autoUpdater.disableDifferentialDownload = true;
autoUpdater.logger = null;
autoUpdater.on('error', nothing);
const found = await autoUpdater.checkForUpdates();
let files = [];
let failed = null;
try {
  files = await autoUpdater.downloadUpdate();
} catch (error) {
  failed = error.message;
}
const { isUpdateAvailable: isNewer, updateInfo } = found;
process.stdout.write(`${JSON.stringify({ version: updateInfo.version, isNewer, files, failed })}\n`);
process.exit(0);
