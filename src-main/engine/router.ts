/** The contract's procedures over an engine: each is a line or two, because the rooms behind them do the work. */
import { implement, ORPCError } from '@orpc/server';
import { contract } from '../contract/api.ts';
import { GigatileError, toPlainError } from '../contract/errors.ts';
import type { CaseLibrary } from './case-library.ts';
import { doctor } from './doctor.ts';
import { pickFiles } from './pick-files.ts';
import { registerUrl } from './register-url.ts';
import { saveExport } from './save-export.ts';
import { findingSummary, findingView } from './finding-views.ts';
import { listFolder } from './list-folder.ts';
import type { OpenRequests } from './open-requests.ts';
import { runNoOf } from './run-id.ts';
import type { EngineOptions } from './shell.ts';
import type { FileRegistry } from './file-registry.ts';
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
  openRequests: OpenRequests;
}

/** Screens name built-in models by id, others by the id of their file; a path from a screen is never opened. */
function modelOf(files: FileRegistry, text: string): string {
  if (files.knows(text)) return files.resolve(text);
  if (/^[a-z0-9][a-z0-9-]*$/.test(text)) return text;
  throw new GigatileError('model-not-found', `There is no model "${text}"`);
}

export function createRouter({ options, files, images, cases, openRequests }: RouterParts) {
  const shelf = new ModelShelf(options.dataDir, options.modelsDir, files);
  /** The content gate is named like the model. */
  const gateFiles = (parameters: RunParameters): RunParameters =>
    parameters.gate === undefined
      ? parameters
      : { ...parameters, gate: { ...parameters.gate, model: modelOf(files, parameters.gate.model) } };
  const os = implement(contract).use(async ({ next }) => {
    try {
      return await next();
    } catch (error) {
      if (error instanceof ORPCError) throw error;
      const data = toPlainError(error);
      throw new ORPCError('GIGATILE', { status: 400, message: data.message, data, cause: error });
    }
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
      })),
      doctor: os.app.doctor.handler(() => doctor(options, images)),
      openRequests: os.app.openRequests.handler(({ signal }) => openRequests.follow(signal)),
    },
    files: {
      list: os.files.list.handler(({ input }) => listFolder(files, input.folderId)),
      pick: os.files.pick.handler(({ input }) => pickFiles(options.shell, files, input.kind)),
      openUrl: os.files.openUrl.handler(({ input }) => registerUrl(files, input.url)),
    },
    cases: {
      recent: os.cases.recent.handler(() => cases.recent()),
      open: os.cases.open.handler(async ({ input }) => {
        const path = files.resolve(input.fileId);
        const session =
          input.imageFileId === undefined
            ? await cases.open(path)
            : await cases.openCase(path, files.resolve(input.imageFileId));
        return session.view();
      }),
      relocate: os.cases.relocate.handler(async ({ input }) => {
        const session = cases.get(input.caseId);
        await session.relocate(files.resolve(input.fileId));
        return session.view();
      }),
      get: os.cases.get.handler(({ input }) => cases.get(input.caseId).view()),
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
      resume: os.runs.resume.handler(
        ({ input }) =>
          cases
            .get(input.caseId)
            .resumeRun(runNoOf(input.runId), input.retryFailed ?? false, input.budget)
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
        return run.watchable.watch(() => run.event(), signal);
      }),
      failures: os.runs.failures.handler(({ input }) =>
        cases.get(input.caseId).file.tiles.failures(runNoOf(input.runId)),
      ),
    },
    tiles: {
      inspect: os.tiles.inspect.handler(({ input }) =>
        tileView(cases.get(input.caseId).file, runNoOf(input.runId), input.index),
      ),
    },
    findings: {
      page: os.findings.page.handler(({ input }) => {
        const { file } = cases.get(input.caseId);
        const run = file.runs.get(runNoOf(input.runId));
        const page = file.findings.page(run.no, input);
        return { total: page.total, findings: page.findings.map((row) => findingView(run.manifest, row)) };
      }),
      summary: os.findings.summary.handler(({ input }) =>
        findingSummary(cases.get(input.caseId), runNoOf(input.runId), input.threshold),
      ),
    },
    decisions: {
      set: os.decisions.set.handler(({ input }) => {
        const { file } = cases.get(input.caseId);
        const run = file.runs.get(runNoOf(input.runId));
        file.transaction(() => {
          if (!file.findings.byId(run.no, input.findingId)) {
            throw new GigatileError('run-not-found', 'This run has no such finding (any more)', {
              hint: 'The run was worked on again; reload the list.',
            });
          }
          file.decisions.add(run.no, {
            finding: input.findingId,
            verdict: input.verdict,
            reviewer: input.reviewer,
            modelSha256: run.modelSha256,
            at: new Date().toISOString(),
          });
        });
        const decided = file.findings.byId(run.no, input.findingId);
        if (!decided) throw new GigatileError('internal', 'The finding is gone');
        return findingView(run.manifest, decided);
      }),
    },
    exports: {
      save: os.exports.save.handler(({ input }) =>
        saveExport(options, images, cases.get(input.caseId), runNoOf(input.runId), input.format),
      ),
    },
  });
}

export type { Router } from './router-type.ts';
