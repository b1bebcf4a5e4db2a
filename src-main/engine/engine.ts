/** The engine: one per application, the same under every shell. It opens cases, conducts runs and answers the screens. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatError, toPlainError } from '../contract/errors.ts';
import { environmentSecrets, firstOf } from '../remote/secrets.ts';
import { BatchLibrary } from './batch/batch-library.ts';
import { reportsDownload, reportsToTemporary } from './batch/batch-reports.ts';
import { summaryToTemporary } from './batch/write-summary.ts';
import { ByteRoutes } from './byte-routes.ts';
import { CaseLibrary } from './case-library.ts';
import { Comparisons } from './compare/comparisons.ts';
import { comparisonInPath, differencesToTemporary } from './compare/save-differences.ts';
import { exportToTemporary } from './export-run.ts';
import { FileRegistry } from './file-registry.ts';
import { FleetChoice } from './fleet-choice.ts';
import { ImageService } from './image-service.ts';
import { LogFile } from './log-file.ts';
import { loggedHost } from './logged-host.ts';
import { namesHere } from './problem-report.ts';
import { ReportDrafts } from './report-drafts.ts';
import { createRouter } from './router.ts';
import { runNoOf } from './run-id.ts';
import { ScreenRequests } from './screen-requests.ts';
import { copyAsExport, copyToTemporary } from './save-copy.ts';
import { RunNewsDesk } from './run-news.ts';
import { MemorySecretStore } from './secret-store.ts';
import { putIntoEnvironment, SettingsStore } from './settings-store.ts';
import type { Engine, EngineOptions } from './shell.ts';
import { Suspension } from './suspension.ts';

/** What the command line needs beyond what shells do. */
export interface EngineParts extends Engine {
  readonly cases: CaseLibrary;
  readonly images: ImageService;
}

export async function createEngine(given: EngineOptions): Promise<EngineParts> {
  mkdirSync(given.dataDir, { recursive: true });
  const logsDir = given.logsDir ?? join(given.dataDir, 'logs');
  const log: LogFile = new LogFile(join(logsDir, 'engine.log'), () =>
    namesHere(cases, settings.settings.reviewer),
  );
  const options = { ...given, host: loggedHost(given.host, log) };
  const files = new FileRegistry();
  const images = new ImageService(options.host);
  const { dataDir, fleet, connectFleet, shell } = options;
  const secrets = shell.secrets ?? new MemorySecretStore('This program has no keychain.');
  const settings = new SettingsStore(options.settingsPath ?? join(dataDir, 'settings.json'), (changed) =>
    shell.settingsChanged?.(changed),
  );
  putIntoEnvironment(settings.settings, process.env);
  const fleets = new FleetChoice({ dataDir, fleet, connectFleet, secrets });
  const cases = new CaseLibrary(
    options,
    files,
    images,
    fleets,
    firstOf(secrets, environmentSecrets(process.env)),
  );
  const batches = new BatchLibrary(options, cases);
  const requests = new ScreenRequests();
  const suspension = new Suspension(cases, batches);
  const news = new RunNewsDesk(cases);
  const openAtStart = (options.openAtStart ?? []).map((path) => files.register(path));
  const reportDrafts = new ReportDrafts();
  const comparisons = new Comparisons();
  const bytes = new ByteRoutes(cases, images, reportDrafts, comparisons);
  const router = createRouter({
    options: { ...options, openAtStart },
    files,
    images,
    cases,
    batches,
    fleets,
    requests,
    log,
    logsDir,
    settings,
    secrets,
    reportDrafts,
    comparisons,
  });
  /** In place of a case: the summary or the reports of a batch, whose id is in place of the run's. */
  const ofBatch = (
    id: string,
    format: string,
    signal?: AbortSignal,
  ): ReturnType<typeof summaryToTemporary> => {
    const reports = reportsDownload(format);
    const batch = batches.get(id);
    return reports === null
      ? summaryToTemporary(batch, format)
      : reportsToTemporary({ cases, images }, batch, reports, signal);
  };
  return {
    router,
    files,
    cases,
    images,
    bytes: (path, signal) => bytes.answer(path, signal),
    exportToTemporary(caseId, runId, format, signal) {
      if (caseId === 'batch') return ofBatch(runId, format, signal);
      const session = cases.get(caseId);
      const compared = comparisonInPath(runId);
      if (compared !== null) return differencesToTemporary(comparisons, session, compared, format);
      if (runId === copyAsExport.run && format === copyAsExport.format) {
        return copyToTemporary(session, signal);
      }
      return exportToTemporary(session, images, runNoOf(runId), format, signal);
    },
    requestOpen: (path, screen, after) =>
      requests.add({ kind: 'open', fileId: files.register(path), ...(after && { after }) }, screen),
    requestCommand: (id, screen) => requests.add({ kind: 'command', id }, screen),
    activeRuns: () => cases.activeRuns(),
    runNews: () => news.next(),
    changeSettings: (change) => void settings.change(change),
    suspend: () => suspension.suspend(),
    async wake() {
      try {
        await suspension.wake();
      } catch (error) {
        // It stays paused, which the screens show; taking it up by hand says why it does not go.
        const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
        for (const each of errors)
          log.add(`not taken up after the sleep: ${formatError(toPlainError(each))}`);
      }
      requests.addForAll({ kind: 'refresh' });
    },
    async close() {
      try {
        await batches.close();
        await cases.close();
        await fleets.close();
        await images.settle();
      } finally {
        images.close();
        // Workers that are ended now have ended as they should.
        log.close();
      }
    },
  };
}
