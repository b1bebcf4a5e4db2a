/** The contract's procedures over an engine: each is a line or two, because the rooms behind them do the work. */
import { implement, ORPCError } from '@orpc/server';
import { contract } from '../contract/api.ts';
import { GigatileError, toPlainError } from '../contract/errors.ts';
import { putAnnotations, removeAnnotations } from './annotations.ts';
import type { BatchLibrary } from './batch/batch-library.ts';
import { saveReports } from './batch/batch-reports.ts';
import { findImages } from './batch/find-images.ts';
import { saveSummary } from './batch/write-summary.ts';
import { imageNameOf } from './case-location.ts';
import type { CaseLibrary } from './case-library.ts';
import type { Comparisons } from './compare/comparisons.ts';
import { saveDifferences } from './compare/save-differences.ts';
import { addLooks, coverageOf } from './coverage.ts';
import { decide, decisionHistory, moveDecision, reviewerAgreement } from './decisions.ts';
import { doctor } from './doctor.ts';
import { pickFiles } from './pick-files.ts';
import { registerUrl } from './register-url.ts';
import { sampleSlide } from './sample-slide.ts';
import { saveCopy } from './save-copy.ts';
import { saveExport } from './save-export.ts';
import { findingSummary, shownFinding } from './finding-views.ts';
import { importText } from './import/import-file.ts';
import { TextUploads } from './import/text-uploads.ts';
import { listFolder } from './list-folder.ts';
import type { LogFile } from './log-file.ts';
import { namesHere, problemReport, saveProblemReport } from './problem-report.ts';
import { present } from './present.ts';
import { bytePaths } from '../contract/bytes.ts';
import { summaryRequest, writeRemoteSummary } from './remote-summary.ts';
import type { ReportDrafts } from './report-drafts.ts';
import { reportSettings } from './report-settings.ts';
import { runNoOf } from './run-id.ts';
import { withoutOutlines } from './run-view.ts';
import type { ScreenContext } from './router-type.ts';
import type { ScreenRequests } from './screen-requests.ts';
import { secretsView, type SecretStore } from './secret-store.ts';
import type { SettingsStore } from './settings-store.ts';
import type { EngineOptions } from './shell.ts';
import { leaveOutSummary, storedSummary } from './stored-summary.ts';
import type { FileRegistry } from './file-registry.ts';
import type { FleetChoice } from './fleet-choice.ts';
import type { RunParameters } from '../contract/run.ts';
import { answerModelFile, describeModelFile } from './describe-model.ts';
import type { ImageService } from './image-service.ts';
import { ModelShelf } from './model-shelf.ts';
import { followPreparation } from './preparation.ts';
import { tileView } from './tile-view.ts';

export interface RouterParts {
  options: EngineOptions;
  files: FileRegistry;
  images: ImageService;
  cases: CaseLibrary;
  batches: BatchLibrary;
  fleets: FleetChoice;
  requests: ScreenRequests;
  log: LogFile;
  logsDir: string;
  settings: SettingsStore;
  secrets: SecretStore;
  reportDrafts: ReportDrafts;
  comparisons: Comparisons;
}

/** Screens name built-in models by id, others by the id of their file; a path from a screen is never opened. */
function modelOf(files: FileRegistry, text: string): string {
  if (files.knows(text)) return files.resolve(text);
  if (/^[a-z0-9][a-z0-9-]*$/.test(text)) return text;
  throw new GigatileError('model-not-found', `There is no model "${text}"`);
}

export function createRouter({
  options,
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
}: RouterParts) {
  const uploads = new TextUploads();
  const shelf = new ModelShelf(options.dataDir, options.modelsDir, files);
  /** The content gate is named like the model. */
  const gateFiles = (parameters: RunParameters): RunParameters =>
    parameters.gate === undefined
      ? parameters
      : { ...parameters, gate: { ...parameters.gate, model: modelOf(files, parameters.gate.model) } };
  const os = implement(contract)
    .$context<ScreenContext>()
    .use(async ({ next }) => {
      try {
        return await next();
      } catch (error) {
        if (error instanceof ORPCError) throw error;
        const data = toPlainError(error);
        if (data.code === 'internal')
          log.add(`defect: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        throw new ORPCError('GIGATILE', { status: 400, message: data.message, data, cause: error });
      }
    });
  const summaryOrder = (modelId: string) => ({
    model: modelOf(files, modelId),
    modelsDir: options.modelsDir,
  });
  const conductor = (ref: { caseId: string; runId: string }) =>
    cases.get(ref.caseId).conductor(runNoOf(ref.runId));

  return os.router({
    app: {
      info: os.app.info.handler(() => ({
        version: options.version,
        shell: options.shell.kind,
        picker: options.shell.pickFiles ? 'native' : 'browse',
        openAtStart: options.openAtStart ?? [],
        queue: fleets.label,
      })),
      doctor: os.app.doctor.handler(() => doctor(options, images)),
      problemReport: os.app.problemReport.handler(async () => ({
        text: problemReport(
          options,
          await doctor(options, images),
          logsDir,
          namesHere(cases, settings.settings.reviewer),
        ),
      })),
      saveProblemReport: os.app.saveProblemReport.handler(async ({ input }) => ({
        savedAs: await saveProblemReport(options.shell, input.text),
      })),
      requests: os.app.requests.handler(({ signal, context }) => requests.follow(context.screen, signal)),
      present: os.app.present.handler(({ input, context }) => present(options.shell, cases, context, input)),
    },
    settings: {
      get: os.settings.get.handler(() => settings.view()),
      change: os.settings.change.handler(({ input }) => settings.change(input)),
      secrets: os.settings.secrets.handler(() => secretsView(secrets)),
      setSecret: os.settings.setSecret.handler(async ({ input }) => {
        await secrets.set(input.name, input.value);
        return secretsView(secrets);
      }),
    },
    files: {
      list: os.files.list.handler(({ input }) => listFolder(files, input.folderId)),
      pick: os.files.pick.handler(({ input }) => pickFiles(options.shell, files, input.kind)),
      openUrl: os.files.openUrl.handler(({ input }) => registerUrl(files, input.url)),
      sample: os.files.sample.handler(() => sampleSlide(files, options.sampleSlide)),
    },
    cases: {
      recent: os.cases.recent.handler(() => cases.recent()),
      open: os.cases.open.handler(async ({ input }) => {
        const path = files.resolve(input.fileId);
        const session =
          input.imageFileId === undefined
            ? await cases.open(path, undefined, input.onlyLook)
            : await cases.openCase(path, files.resolve(input.imageFileId));
        return session.view();
      }),
      relocate: os.cases.relocate.handler(async ({ input }) => {
        const session = cases.get(input.caseId);
        await session.relocate(files.resolve(input.fileId));
        return session.view();
      }),
      get: os.cases.get.handler(({ input }) => cases.get(input.caseId).view()),
      facts: os.cases.facts.handler(({ input }) => cases.get(input.caseId).file.facts()),
      check: os.cases.check.handler(({ input }) => cases.get(input.caseId).file.check()),
      compact: os.cases.compact.handler(({ input }) => cases.get(input.caseId).compact()),
      saveCopy: os.cases.saveCopy.handler(({ input, signal }) =>
        saveCopy(options.shell, cases.get(input.caseId), signal),
      ),
      restore: os.cases.restore.handler(({ input }) => cases.restore(files.resolve(input.fileId))),
    },
    images: {
      look: os.images.look.handler(({ input }) => images.look(cases.get(input.imageId).image.path)),
      preparation: os.images.preparation.handler(({ input, signal }) =>
        followPreparation(images, cases.get(input.imageId).image.path, signal),
      ),
      prepare: os.images.prepare.handler(({ input }) =>
        images.preparation(cases.get(input.imageId).image.path, 'restart'),
      ),
      cancelPreparation: os.images.cancelPreparation.handler(({ input }) =>
        images.preparation(cases.get(input.imageId).image.path, 'cancel'),
      ),
    },
    models: {
      list: os.models.list.handler(() => shelf.cards()),
      describe: os.models.describe.handler(({ input }) => describeModelFile(files, shelf, input.fileId)),
      answer: os.models.answer.handler(({ input }) =>
        answerModelFile(files, shelf, input.fileId, input.answers),
      ),
      forget: os.models.forget.handler(({ input }) => shelf.forget(files.resolve(input.fileId))),
    },
    runs: {
      start: os.runs.start.handler(async ({ input }) => {
        const session = cases.get(input.caseId);
        return (await session.startRun(modelOf(files, input.modelId), gateFiles(input.parameters))).event()
          .run;
      }),
      estimate: os.runs.estimate.handler(({ input }) =>
        cases.get(input.caseId).estimate(modelOf(files, input.modelId), gateFiles(input.parameters)),
      ),
      pause: os.runs.pause.handler(async ({ input }) => {
        const run = conductor(input);
        if (run.active) await run.stop({ state: 'paused', reason: null });
        return run.event().run;
      }),
      setWorkers: os.runs.setWorkers.handler(
        ({ input }) => cases.get(input.caseId).setWorkers(runNoOf(input.runId), input.workers).event().run,
      ),
      resume: os.runs.resume.handler(
        ({ input }) =>
          cases
            .get(input.caseId)
            .resumeRun(runNoOf(input.runId), input.retryFailed ?? false, input.budget, input.reason)
            .event().run,
      ),
      rerunRegion: os.runs.rerunRegion.handler(async ({ input }) => {
        const run = await cases.get(input.caseId).rerunRegion(runNoOf(input.runId), input.region);
        return run.event().run;
      }),
      relocateModel: os.runs.relocateModel.handler(async ({ input }) => {
        await cases.get(input.caseId).relocateModel(runNoOf(input.runId), files.resolve(input.fileId));
        return conductor(input).event().run;
      }),
      leaves: os.runs.leaves.handler(async ({ input }) => {
        const leaves = await cases.get(input.caseId).leaves(modelOf(files, input.modelId));
        if (leaves === null) return null;
        const { who: _who, ...shown } = leaves;
        return shown;
      }),
      consent: os.runs.consent.handler(({ input }) =>
        cases.get(input.caseId).consent(modelOf(files, input.modelId), input.who),
      ),
      cancel: os.runs.cancel.handler(async ({ input }) => {
        await cases.get(input.caseId).cancelRun(runNoOf(input.runId));
        return conductor(input).event().run;
      }),
      setViewport: os.runs.setViewport.handler(({ input }) => conductor(input).setViewport(input.rect)),
      watch: os.runs.watch.handler(({ input, signal }) => {
        const run = conductor(input);
        return run.watchable.watch(() => withoutOutlines(run.event()), signal);
      }),
      failures: os.runs.failures.handler(({ input }) =>
        cases.get(input.caseId).file.tiles.failures(runNoOf(input.runId)),
      ),
    },
    batches: {
      list: os.batches.list.handler(() => batches.list()),
      find: os.batches.find.handler(({ input }) => ({
        images: findImages(
          input.fileIds.map((id) => files.resolve(id)),
          { each: true },
        ).map((path) => ({ fileId: files.register(path), name: imageNameOf(path) })),
      })),
      create: os.batches.create.handler(async ({ input }) => {
        const batch = await batches.create({
          name: input.name,
          images: input.fileIds.map((id) => files.resolve(id)),
          model: modelOf(files, input.modelId),
          parameters: gateFiles(input.parameters),
          consentBy: input.consentBy,
        });
        return batch.summary();
      }),
      watch: os.batches.watch.handler(({ input, signal }) => batches.get(input.batchId).follow(signal)),
      pause: os.batches.pause.handler(async ({ input }) => {
        await batches.get(input.batchId).pause();
        return batches.get(input.batchId).summary();
      }),
      resume: os.batches.resume.handler(({ input }) => {
        batches.start(input.batchId);
        return batches.get(input.batchId).summary();
      }),
      cancel: os.batches.cancel.handler(async ({ input }) => {
        await batches.get(input.batchId).cancel();
        return batches.get(input.batchId).summary();
      }),
      retryFailed: os.batches.retryFailed.handler(({ input }) => {
        batches.retryFailed(input.batchId);
        return batches.get(input.batchId).summary();
      }),
      pauseItem: os.batches.pauseItem.handler(({ input }) =>
        batches.get(input.batchId).pauseItem(input.index),
      ),
      resumeItem: os.batches.resumeItem.handler(({ input }) =>
        batches.resumeItem(input.batchId, input.index),
      ),
      cancelItem: os.batches.cancelItem.handler(({ input }) =>
        batches.get(input.batchId).cancelItem(input.index),
      ),
      openItem: os.batches.openItem.handler(({ input }) => {
        const { path, runId } = batches.get(input.batchId).place(input.index);
        return { fileId: files.register(path), runId };
      }),
      remove: os.batches.remove.handler(({ input }) => batches.remove(input.batchId)),
      saveSummary: os.batches.saveSummary.handler(({ input }) =>
        saveSummary(options.shell, batches.get(input.batchId), input.format),
      ),
      saveReports: os.batches.saveReports.handler(({ input }) =>
        saveReports(
          { shell: options.shell, cases, images },
          batches.get(input.batchId),
          input.format,
          input.report,
        ),
      ),
      cancelReports: os.batches.cancelReports.handler(({ input }) => {
        const batch = batches.get(input.batchId);
        batch.reporting.cancel();
        return batch.summary();
      }),
    },
    fleet: {
      setting: os.fleet.setting.handler(() => fleets.setting()),
      choose: os.fleet.choose.handler(({ input }) => fleets.choose(input)),
      leave: os.fleet.leave.handler(() => fleets.leave()),
      watch: os.fleet.watch.handler(({ signal }) => fleets.follow(signal)),
      follow: os.fleet.follow.handler(async ({ input }) => {
        const run = await cases.get(input.caseId).followRun(input.run);
        return run.event().run;
      }),
      act: os.fleet.act.handler(async ({ input }) => ({ redriven: await fleets.act(input) })),
    },
    tiles: {
      inspect: os.tiles.inspect.handler(({ input }) =>
        tileView(cases.get(input.caseId).file, runNoOf(input.runId), input.index),
      ),
    },
    findings: {
      page: os.findings.page.handler(({ input }) => {
        const session = cases.get(input.caseId);
        const run = session.file.runs.get(runNoOf(input.runId));
        const page = session.conductor(run.no).findings.page(run.no, input);
        return { total: page.total, findings: page.findings.map((row) => shownFinding(session, run, row)) };
      }),
      place: os.findings.place.handler(({ input }) => {
        const no = runNoOf(input.runId);
        return cases.get(input.caseId).conductor(no).findings.place(no, input, input.findingId);
      }),
      summary: os.findings.summary.handler(({ input }) =>
        findingSummary(cases.get(input.caseId), runNoOf(input.runId), input.threshold),
      ),
    },
    comparisons: {
      make: os.comparisons.make.handler(({ input }) =>
        comparisons.make(cases.get(input.caseId), input.runA, input.runB, input.options),
      ),
      page: os.comparisons.page.handler(({ input }) =>
        comparisons.page(cases.get(input.caseId), input.comparisonId, input),
      ),
      item: os.comparisons.item.handler(({ input }) =>
        comparisons.item(cases.get(input.caseId), input.comparisonId, input.index),
      ),
      place: os.comparisons.place.handler(({ input }) =>
        comparisons.place(cases.get(input.caseId), input.comparisonId, input, input.index),
      ),
      save: os.comparisons.save.handler(({ input: { caseId, comparisonId, format } }) =>
        saveDifferences(options.shell, comparisons, cases.get(caseId), comparisonId, format),
      ),
    },
    decisions: {
      set: os.decisions.set.handler(({ input }) =>
        decide(cases.get(input.caseId), runNoOf(input.runId), input),
      ),
      undo: os.decisions.undo.handler(({ input }) =>
        moveDecision(cases.get(input.caseId), runNoOf(input.runId), 'undo', input),
      ),
      redo: os.decisions.redo.handler(({ input }) =>
        moveDecision(cases.get(input.caseId), runNoOf(input.runId), 'redo', input),
      ),
      history: os.decisions.history.handler(({ input }) =>
        decisionHistory(cases.get(input.caseId), runNoOf(input.runId), input.findingId),
      ),
      agreement: os.decisions.agreement.handler(({ input }) =>
        reviewerAgreement(cases.get(input.caseId), runNoOf(input.runId)),
      ),
    },
    coverage: {
      list: os.coverage.list.handler(({ input }) => coverageOf(cases.get(input.caseId).file)),
      look: os.coverage.look.handler(({ input }) =>
        addLooks(cases.get(input.caseId).file, input.reviewer, input.looks),
      ),
    },
    annotations: {
      list: os.annotations.list.handler(({ input }) => cases.get(input.caseId).file.annotations.list()),
      put: os.annotations.put.handler(({ input }) =>
        putAnnotations(cases.get(input.caseId).file, input.annotations, input.author),
      ),
      remove: os.annotations.remove.handler(({ input }) =>
        removeAnnotations(cases.get(input.caseId).file, input.ids, input.author),
      ),
    },
    imports: {
      send: os.imports.send.handler(({ input }) => uploads.add(input.uploadId, input.text)),
      finish: os.imports.finish.handler(({ input }) =>
        importText(cases.get(input.caseId), uploads.take(input.uploadId), input),
      ),
    },
    exports: {
      save: os.exports.save.handler(({ input, signal }) =>
        saveExport(
          options,
          images,
          cases.get(input.caseId),
          runNoOf(input.runId),
          input.format,
          input.report,
          signal,
        ),
      ),
      report: os.exports.report.handler(({ input }) =>
        reportSettings(cases.get(input.caseId).file, runNoOf(input.runId)),
      ),
      previewReport: os.exports.previewReport.handler(({ input: { caseId, runId, report } }) => ({
        path: bytePaths.reportPreview(caseId, runId, reportDrafts.keep(report)),
      })),
      summary: os.exports.summary.handler(
        ({ input }) => storedSummary(cases.get(input.caseId).file, runNoOf(input.runId)) ?? null,
      ),
      summaryRequest: os.exports.summaryRequest.handler(({ input }) =>
        summaryRequest(cases.get(input.caseId), runNoOf(input.runId), summaryOrder(input.modelId)),
      ),
      writeSummary: os.exports.writeSummary.handler(({ input: { caseId, runId, modelId, who }, signal }) =>
        writeRemoteSummary(
          cases.get(caseId),
          runNoOf(runId),
          { ...summaryOrder(modelId), secrets: cases.keys, consentBy: who },
          signal,
        ),
      ),
      leaveOutSummary: os.exports.leaveOutSummary.handler(({ input }) =>
        leaveOutSummary(cases.get(input.caseId).file, runNoOf(input.runId)),
      ),
    },
  });
}

export type { Router } from './router-type.ts';
