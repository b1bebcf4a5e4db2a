/**
 * The smallest engine that a shell can be put over: for tests of a shell's own behaviour (who may speak, what is sent), where
 * a real engine with its workers would add nothing. What an engine does is tested with the real one.
 */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { implement } from '@orpc/server';
import type { ScreenContext } from '../../src-main/engine/router-type.ts';
import { contract } from '../../src-main/contract/api.ts';
import type { BytesAnswer } from '../../src-main/contract/bytes.ts';
import { GigatileError } from '../../src-main/contract/errors.ts';
import { FileRegistry } from '../../src-main/engine/file-registry.ts';
import type { Engine } from '../../src-main/engine/shell.ts';

export interface FakeEngine extends Engine {
  /** Byte paths that were asked for, and whether the asker went before the answer. */
  readonly asked: { path: string; aborted: boolean }[];
  /** Folders of exports that were handed out. */
  readonly exportFolders: string[];
  /** Byte paths that never answer, until they are aborted. */
  hang: RegExp | null;
  /** Content of the next exports. */
  exportContent: string;
}

export function fakeEngine(): FakeEngine {
  const files = new FileRegistry();
  const asked: FakeEngine['asked'] = [];
  const exportFolders: string[] = [];
  const fake: FakeEngine = {
    router: fakeRouter(),
    files,
    asked,
    exportFolders,
    hang: null,
    exportContent: '<p>report</p>',
    bytes(path, signal): Promise<BytesAnswer> {
      const entry = { path, aborted: false };
      asked.push(entry);
      if (fake.hang?.test(path) === true) {
        return new Promise((resolve) => {
          signal?.addEventListener('abort', () => {
            entry.aborted = true;
            resolve({ status: 499, type: 'text/plain', body: new Uint8Array() });
          });
        });
      }
      return Promise.resolve({
        status: 200,
        type: 'image/jpeg',
        body: new Uint8Array([0xff, 0xd8, 1, 2, 3]),
      });
    },
    async exportToTemporary(_caseId, runId, format) {
      if (runId === 'none')
        throw new GigatileError('run-not-found', 'There is no such run', { where: runId });
      const folder = await mkdtemp(join(tmpdir(), 'gigatile-fake-export-'));
      exportFolders.push(folder);
      const path = join(folder, 'report.html');
      await writeFile(path, fake.exportContent);
      return { folder, path, name: `Bericht “1”.${format}`, type: 'text/html' };
    },
    requestOpen: () => undefined,
    requestCommand: () => undefined,
    runNews: () => null,
    changeSettings: () => undefined,
    suspend: () => Promise.resolve(),
    wake: () => Promise.resolve(),
    activeRuns: () => 0,
    close: () => Promise.resolve(),
  };
  return fake;
}

function fakeRouter(): Engine['router'] {
  const absent = (): never => {
    throw new GigatileError('internal', 'the fake engine does not do this');
  };
  const os = implement(contract).$context<ScreenContext>();
  return os.router({
    app: {
      info: os.app.info.handler(() => ({
        version: '0.0.0-fake',
        shell: 'web',
        picker: 'browse',
        openAtStart: [],
        queue: null,
      })),
      doctor: os.app.doctor.handler(absent),
      requests: os.app.requests.handler(absent),
      present: os.app.present.handler(absent),
      problemReport: os.app.problemReport.handler(absent),
      saveProblemReport: os.app.saveProblemReport.handler(absent),
    },
    settings: {
      get: os.settings.get.handler(absent),
      change: os.settings.change.handler(absent),
      secrets: os.settings.secrets.handler(absent),
      setSecret: os.settings.setSecret.handler(absent),
    },
    files: {
      list: os.files.list.handler(absent),
      pick: os.files.pick.handler(absent),
      openUrl: os.files.openUrl.handler(absent),
      sample: os.files.sample.handler(absent),
    },
    cases: {
      recent: os.cases.recent.handler(absent),
      open: os.cases.open.handler(absent),
      relocate: os.cases.relocate.handler(absent),
      get: os.cases.get.handler(absent),
      facts: os.cases.facts.handler(absent),
      check: os.cases.check.handler(absent),
      compact: os.cases.compact.handler(absent),
      saveCopy: os.cases.saveCopy.handler(absent),
      restore: os.cases.restore.handler(absent),
    },
    images: {
      look: os.images.look.handler(absent),
      preparation: os.images.preparation.handler(absent),
      prepare: os.images.prepare.handler(absent),
      cancelPreparation: os.images.cancelPreparation.handler(absent),
    },
    models: {
      list: os.models.list.handler(absent),
      describe: os.models.describe.handler(absent),
      answer: os.models.answer.handler(absent),
      forget: os.models.forget.handler(absent),
    },
    runs: {
      start: os.runs.start.handler(absent),
      estimate: os.runs.estimate.handler(absent),
      pause: os.runs.pause.handler(absent),
      setWorkers: os.runs.setWorkers.handler(absent),
      resume: os.runs.resume.handler(absent),
      rerunRegion: os.runs.rerunRegion.handler(absent),
      leaves: os.runs.leaves.handler(absent),
      consent: os.runs.consent.handler(absent),
      relocateModel: os.runs.relocateModel.handler(absent),
      cancel: os.runs.cancel.handler(absent),
      setViewport: os.runs.setViewport.handler(absent),
      watch: os.runs.watch.handler(absent),
      failures: os.runs.failures.handler(absent),
    },
    batches: {
      list: os.batches.list.handler(absent),
      find: os.batches.find.handler(absent),
      create: os.batches.create.handler(absent),
      watch: os.batches.watch.handler(absent),
      pause: os.batches.pause.handler(absent),
      resume: os.batches.resume.handler(absent),
      cancel: os.batches.cancel.handler(absent),
      retryFailed: os.batches.retryFailed.handler(absent),
      pauseItem: os.batches.pauseItem.handler(absent),
      resumeItem: os.batches.resumeItem.handler(absent),
      cancelItem: os.batches.cancelItem.handler(absent),
      openItem: os.batches.openItem.handler(absent),
      remove: os.batches.remove.handler(absent),
      saveSummary: os.batches.saveSummary.handler(absent),
      saveReports: os.batches.saveReports.handler(absent),
      cancelReports: os.batches.cancelReports.handler(absent),
    },
    fleet: {
      setting: os.fleet.setting.handler(absent),
      choose: os.fleet.choose.handler(absent),
      leave: os.fleet.leave.handler(absent),
      watch: os.fleet.watch.handler(absent),
      follow: os.fleet.follow.handler(absent),
      act: os.fleet.act.handler(absent),
    },
    tiles: { inspect: os.tiles.inspect.handler(absent) },
    findings: {
      page: os.findings.page.handler(absent),
      place: os.findings.place.handler(absent),
      summary: os.findings.summary.handler(absent),
    },
    comparisons: {
      make: os.comparisons.make.handler(absent),
      page: os.comparisons.page.handler(absent),
      item: os.comparisons.item.handler(absent),
      place: os.comparisons.place.handler(absent),
      save: os.comparisons.save.handler(absent),
    },
    decisions: {
      set: os.decisions.set.handler(absent),
      undo: os.decisions.undo.handler(absent),
      redo: os.decisions.redo.handler(absent),
      history: os.decisions.history.handler(absent),
      agreement: os.decisions.agreement.handler(absent),
    },
    coverage: { list: os.coverage.list.handler(absent), look: os.coverage.look.handler(absent) },
    annotations: {
      list: os.annotations.list.handler(absent),
      put: os.annotations.put.handler(absent),
      remove: os.annotations.remove.handler(absent),
    },
    imports: { send: os.imports.send.handler(absent), finish: os.imports.finish.handler(absent) },
    exports: {
      save: os.exports.save.handler(absent),
      report: os.exports.report.handler(absent),
      previewReport: os.exports.previewReport.handler(absent),
      summary: os.exports.summary.handler(absent),
      summaryRequest: os.exports.summaryRequest.handler(absent),
      writeSummary: os.exports.writeSummary.handler(absent),
      leaveOutSummary: os.exports.leaveOutSummary.handler(absent),
    },
  });
}
