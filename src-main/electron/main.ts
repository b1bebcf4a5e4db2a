/** Entry of the desktop application: puts the parts together in the order that Electron wants. */
import { app, dialog, ipcMain, Menu, powerMonitor, protocol, safeStorage, session, shell } from 'electron';
import { basename, join } from 'node:path';
import { formatError, toPlainError, type PlainError } from '../contract/errors.ts';
import { isUrl } from '../core/image-address.ts';
import { JsonFile } from '../engine/json-file.ts';
import { LogFile } from '../engine/log-file.ts';
import { putIntoEnvironment } from '../engine/settings-store.ts';
import { appPaths } from './app-paths.ts';
import { answerSecrets } from './asked-secrets.ts';
import { CaseWindows } from './case-windows.ts';
import { codecNoticeSchema, notToldOfCodecs, tellOfCodecs } from './codec-notice.ts';
import { CodecSwitch, tryCodecs } from './codec-switch.ts';
import { channels } from './channels.ts';
import { desktopSignals } from './desktop-signals.ts';
import {
  confirmDownload,
  confirmQuit,
  confirmRestart,
  pickFiles,
  pickSavePath,
  sayGpuIsLeftAlone,
  sayThatItIsNewest,
  sayUpdateFailed,
} from './dialogs.ts';
import { EngineProcess } from './engine-process.ts';
import { GpuWatch } from './gpu-watch.ts';
import { menuTemplate } from './menu.ts';
import { filesOfArguments, instanceDataSchema, OpenQueue, type InstanceData } from './open-queue.ts';
import { answerAppRequest, appScheme, customSchemes } from './protocol.ts';
import { QuitFlow } from './quit.ts';
import { noRecentFiles, RecentFiles, recentFilesSchema } from './recent-files.ts';
import { RunDesk } from './run-desk.ts';
import { openSecretStore } from './secret-store.ts';
import { settingsAtStart } from './settings-at-start.ts';
import { allowedExternalUrl, confineAllPages, denyPermissions, isTrustedSender } from './security.ts';
import { hasUpdateServer, openUpdater } from './updater.ts';
import { neverLooked, updateNotesSchema, Updates } from './updates.ts';
import { firstState, windowStateSchema } from './window-state.ts';

/* Before `ready`: the sandbox, the scheme, and what may come early. */
app.enableSandbox();
protocol.registerSchemesAsPrivileged(customSchemes);
confineAllPages(app, openExternal);

const profile = app.getPath('userData');
const settingsPath = join(profile, 'settings.json');
const logsDir = app.getPath('logs');
let settings = settingsAtStart(settingsPath);
// Main forks the workers, with its own environment.
putIntoEnvironment(settings, process.env);
if (!settings.useGpu) app.disableHardwareAcceleration();

const queue = new OpenQueue();
app.on('open-file', (event, path) => {
  event.preventDefault();
  queue.add(path);
});

const files = filesOfArguments(process.argv, process.cwd(), app.isPackaged);
const handOver: InstanceData = { files };
if (app.requestSingleInstanceLock(handOver)) {
  for (const file of files) queue.add(file);
  void app.whenReady().then(start);
} else {
  // The first instance has our files now.
  app.quit();
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
  const log = new LogFile(join(logsDir, 'main.log'), () => [profile]);
  log.add(`Gigatile ${app.getVersion()} starts`);
  /** The engine can die in the middle of a question; what then goes on is said where that is seen to. */
  const logFailure =
    (what: string) =>
    (error: unknown): void =>
      log.add(`${what} failed: ${formatError(toPlainError(error))}`);
  const onSetAside = (path: string, why: string): void => {
    log.add(`a damaged file was set aside: ${basename(path)} (${why})`);
    process.stderr.write(`gigatile: a damaged file was set aside (${why}): ${path}\n`);
  };
  denyPermissions(session.defaultSession);
  protocol.handle(appScheme, (request) => answerAppRequest(paths.rendererDir, request));
  const secrets = await openSecretStore(
    safeStorage,
    process.platform,
    join(profile, 'secrets.json'),
    onSetAside,
  );
  const recent = new RecentFiles(
    new JsonFile({
      path: join(profile, 'recent-files.json'),
      schema: recentFilesSchema,
      initial: noRecentFiles,
      onSetAside,
    }),
  );

  const codecs = new CodecSwitch(() => tryCodecs(paths.codecTestEntry));
  const codecsDecided = codecs.test();
  const firstShown = Promise.withResolvers<void>();

  const codecNotice = new JsonFile({
    path: join(profile, 'codec-notice.json'),
    schema: codecNoticeSchema,
    initial: notToldOfCodecs,
    onSetAside,
  });

  const engine = new EngineProcess({
    paths,
    codecsDecided,
    start: {
      dataDir: profile,
      settingsPath,
      logsDir,
      modelsDir: paths.modelsDir,
      sampleSlide: paths.sampleSlide,
      version: app.getVersion(),
    },
    answer(question) {
      if (question.ask === 'pick-files') return pickFiles(question.kind);
      if (question.ask === 'pick-save-path') return pickSavePath(question.suggestedName);
      if (question.ask === 'test-codecs') return codecs.test();
      return answerSecrets(secrets, question);
    },
    onPresented(screenId, shown) {
      windows.presented(screenId, shown);
      firstShown.resolve();
      // An address can hold secrets: of an image on a server, the case is remembered.
      if (shown.file !== null) remember(isUrl(shown.file.image) ? shown.file.case : shown.file.image);
    },
    onRuns: (news) => runs.onNews(news),
    onSettings(changed) {
      settings = changed;
      runs.onSettings(changed);
      if (!changed.rememberFiles) forgetFiles();
    },
    onRestarted() {
      log.add('the engine was started again');
      runs.onEngineGone();
      windows.reopenAll();
    },
    onFatal: fatal,
  });

  const runs = new RunDesk(
    desktopSignals((casePath) => windows.open(casePath)),
    settings,
  );
  const gpu = new GpuWatch(() => {
    engine
      .changeSettings({ useGpu: false })
      .then(sayGpuIsLeftAlone)
      .catch(logFailure('leaving the GPU alone'));
  });

  const quit = new QuitFlow({
    activeRuns: () => engine.activeRuns(),
    confirm: confirmQuit,
    close: () => engine.close(),
    quit: () => app.quit(),
    failed: logFailure('closing the engine'),
  });

  const updates = new Updates({
    updater: () => openUpdater((line) => log.add(line)),
    notes: new JsonFile({
      path: join(profile, 'updates.json'),
      schema: updateNotesSchema,
      initial: neverLooked,
      onSetAside,
    }),
    activeRuns: () => engine.activeRuns(),
    askToDownload: confirmDownload,
    askToRestart: confirmRestart,
    sayThatItIsNewest: () => sayThatItIsNewest(app.getVersion()),
    sayFailed: sayUpdateFailed,
    close: () => quit.closeNow(),
    log: (line) => log.add(line),
  });
  const hasUpdates = hasUpdateServer(process.resourcesPath, app.isPackaged);

  const windows = new CaseWindows({
    preload: paths.preload,
    state: new JsonFile({
      path: join(profile, 'window-state.json'),
      schema: windowStateSchema,
      initial: firstState,
      onSetAside,
    }),
    order: (screenId, order) => engine.order(screenId, order),
    onClose(event, isLast) {
      // On macOS the application outlives its windows.
      if (process.platform !== 'darwin') quit.onWindowClose(event, isLast);
    },
    onChange: showMenu,
    onFatal: (error) => fatal(toPlainError(error)),
  });

  function showMenu(): void {
    const facts = {
      platform: process.platform,
      isPackaged: app.isPackaged,
      hasUpdates,
      commands: windows.front?.shown.commands ?? [],
      recent: recent.list(),
    };
    const template = menuTemplate(facts, {
      openFile: () => void pickFiles('image').then((picked) => picked.forEach((file) => windows.open(file))),
      newWindow: () => windows.openNew(),
      openRecent: (path) => windows.open(path),
      clearRecent: forgetFiles,
      openLink: openExternal,
      runCommand: (id) => windows.runCommand(id),
      lookForUpdates: () => void updates.onAsked(),
    });
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  }

  function remember(path: string): void {
    if (!settings.rememberFiles || !recent.add(path)) return;
    app.addRecentDocument(path);
    showMenu();
  }

  function forgetFiles(): void {
    recent.clear();
    app.clearRecentDocuments();
    showMenu();
  }

  app.on('child-process-gone', (_event, details) => {
    log.add(`${details.name ?? details.type} has gone: ${details.reason} (${details.exitCode})`);
    engine.onChildGone(details);
    gpu.onChildGone(details);
  });
  powerMonitor.on('suspend', () => void engine.suspend(true).catch(logFailure('going to sleep')));
  powerMonitor.on('resume', () => void engine.suspend(false).catch(logFailure('waking up')));
  app.on('before-quit', (event) => quit.onBeforeQuit(event));
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('activate', () => {
    if (windows.count === 0) windows.openNew();
  });
  app.on('second-instance', (_event, _argv, _folder, data) => {
    const given = instanceDataSchema.safeParse(data);
    for (const file of given.success ? given.data.files : []) windows.open(file);
    windows.focus();
  });
  ipcMain.on(channels.connect, (event) => {
    const screenId = String(event.sender.id);
    if (!isTrustedSender(event.senderFrame) || !windows.has(screenId)) return;
    event.senderFrame?.postMessage(channels.ports, null, engine.connect(screenId));
  });
  ipcMain.handle(channels.registerDrop, (event, path: unknown) => {
    if (!isTrustedSender(event.senderFrame) || typeof path !== 'string') throw new Error('Not allowed.');
    return engine.register(path);
  });

  engine.start();
  showMenu();
  const waiting = queue.drain((path) => windows.open(path));
  for (const path of waiting) windows.open(path);
  if (windows.count === 0) windows.openNew();

  if (hasUpdates) void firstShown.promise.then(() => updates.onStart(settings.checkForUpdates));

  const verdict = await codecsDecided;
  if (verdict.problem === null) return;
  log.add(`libvips: ${verdict.build} build from here on; of the native one, ${verdict.problem}`);
  await firstShown.promise;
  await tellOfCodecs(verdict, codecNotice);
}
