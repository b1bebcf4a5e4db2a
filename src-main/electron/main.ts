/** Entry of the desktop application: puts the parts together in the order that Electron wants. */
import { app, dialog, ipcMain, Menu, protocol, safeStorage, session, shell } from 'electron';
import { join } from 'node:path';
import { formatError, toPlainError, type PlainError } from '../contract/errors.ts';
import { appPaths } from './app-paths.ts';
import { answerSecrets } from './asked-secrets.ts';
import { channels } from './channels.ts';
import { confirmQuit, pickFiles, pickSavePath } from './dialogs.ts';
import { EngineProcess } from './engine-process.ts';
import { menuTemplate } from './menu.ts';
import { filesOfArguments, OpenQueue } from './open-queue.ts';
import { answerAppRequest, appScheme, customSchemes } from './protocol.ts';
import { QuitFlow } from './quit.ts';
import { openSecretStore } from './secret-store.ts';
import { allowedExternalUrl, confineAllPages, denyPermissions, isTrustedSender } from './security.ts';
import { currentWindow, focusWindow, openWindow } from './windows.ts';

/* Before `ready`: the sandbox, the scheme, and what may come early. */
app.enableSandbox();
protocol.registerSchemesAsPrivileged(customSchemes);
confineAllPages(app, openExternal);

const queue = new OpenQueue();
app.on('open-file', (event, path) => {
  event.preventDefault();
  queue.add(path);
});

if (app.requestSingleInstanceLock()) {
  addFiles(process.argv, process.cwd());
  app.on('second-instance', (_event, argv, workingDirectory) => {
    addFiles(argv, workingDirectory);
    focusWindow();
  });
  void app.whenReady().then(start);
} else {
  // The first instance has our arguments now.
  app.quit();
}

function addFiles(argv: string[], workingDirectory: string): void {
  for (const file of filesOfArguments(argv, workingDirectory, app.isPackaged)) queue.add(file);
}

function openExternal(url: string): void {
  const allowed = allowedExternalUrl(url);
  if (allowed !== null) void shell.openExternal(allowed);
}

function fatal(error: PlainError): void {
  dialog.showErrorBox('Gigatile cannot go on', formatError(error));
  app.exit(1);
}

async function start(): Promise<void> {
  const paths = appPaths(import.meta.dirname, app.getAppPath(), process.resourcesPath, app.isPackaged);
  denyPermissions(session.defaultSession);
  protocol.handle(appScheme, (request) => answerAppRequest(paths.rendererDir, request));

  const secrets = await openSecretStore(
    safeStorage,
    process.platform,
    join(app.getPath('userData'), 'secrets.json'),
    (path, why) => process.stderr.write(`gigatile: stored keys were set aside (${why}): ${path}\n`),
  );

  const engine = new EngineProcess({
    paths,
    start: { dataDir: app.getPath('userData'), modelsDir: paths.modelsDir, version: app.getVersion() },
    answer(question) {
      if (question.ask === 'pick-files') return pickFiles(question.kind);
      if (question.ask === 'pick-save-path') return pickSavePath(question.suggestedName);
      return answerSecrets(secrets, question);
    },
    onFatal: fatal,
  });
  app.on('child-process-gone', (_event, details) => engine.onChildGone(details));
  engine.start(queue.drain((path) => engine.open(path)));

  ipcMain.on(channels.connect, (event) => {
    if (!isTrustedSender(event.senderFrame)) return;
    event.senderFrame?.postMessage(channels.ports, null, engine.connect());
  });
  ipcMain.handle(channels.registerDrop, (event, path: unknown) => {
    if (!isTrustedSender(event.senderFrame) || typeof path !== 'string') throw new Error('Not allowed.');
    return engine.register(path);
  });

  const quit = new QuitFlow({
    activeRuns: () => engine.activeRuns(),
    confirm: confirmQuit,
    close: () => engine.close(),
    quit: () => app.quit(),
  });
  app.on('before-quit', (event) => quit.onBeforeQuit(event));
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });

  const show = (): Promise<void> =>
    openWindow(paths.preload, (event) => {
      // On macOS the application outlives its window.
      if (process.platform !== 'darwin') quit.onWindowClose(event);
    }).catch((error: unknown) => fatal(toPlainError(error)));
  app.on('activate', () => {
    if (currentWindow() === null) void show();
  });

  Menu.setApplicationMenu(
    Menu.buildFromTemplate(
      menuTemplate(process.platform, app.isPackaged, {
        openFile: () =>
          void pickFiles('image').then((files) => {
            for (const file of files) engine.open(file);
          }),
        openLink: openExternal,
      }),
    ),
  );
  await show();
}
