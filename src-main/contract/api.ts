/**
 * The API between engine and screen: the same over a MessagePort (Electron) and a WebSocket (web).
 * Bytes never ride on it; they come by the paths in ./bytes.ts.
 */
import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { base, runRef, savedSchema } from './api-base.ts';
import { exportsContract } from './api-exports.ts';
import { annotationSchema, annotationViewSchema, mostAnnotations } from './annotation.ts';
import {
  agreementSchema,
  decisionReaderSchema,
  decisionViewSchema,
  findingListSchema,
  newDecisionSchema,
} from './decision.ts';
import { batchEventSchema, batchReportFormatSchema, batchSummarySchema } from './batch.ts';
import { caseFactsSchema } from './case-facts.ts';
import {
  comparedFindingSchema,
  comparisonListSchema,
  comparisonOptionsSchema,
  comparisonSummarySchema,
  differencesFormatSchema,
} from './compare.ts';
import { coverageViewSchema, lookSchema, mostLooks } from './coverage.ts';
import { importPartLength, importSummarySchema } from './import.ts';
import { findingSummarySchema, findingViewSchema } from './finding.ts';
import { fleetActSchema, fleetEventSchema, newQueueSchema, queueSettingSchema } from './fleet.ts';
import { imageInfoSchema } from './image.ts';
import { imageLookSchema } from './look.ts';
import { modelDescriptionSchema } from './model-description.ts';
import { modelCardSchema } from './model.ts';
import { budgetSchema, remoteConsentSchema } from './model-remote.ts';
import { preparationViewSchema } from './preparation.ts';
import { reportSettingsSchema } from './report.ts';
import { presentationSchema, screenRequestSchema } from './screen.ts';
import { secretsViewSchema, settingsChangeSchema, settingsViewSchema } from './settings.ts';
import {
  failureGroupSchema,
  rectSchema,
  runEventSchema,
  runParametersSchema,
  runViewSchema,
  tileViewSchema,
} from './run.ts';

export const caseViewSchema = z.object({
  id: z.string(),
  /** File name of the case. */
  name: z.string(),
  image: imageInfoSchema.extend({
    /** Opaque; used in byte paths. */
    id: z.string(),
    /** Short fingerprint for people: first 12 hex digits. */
    fingerprint: z.string(),
  }),
  runs: z.array(runViewSchema),
  /** Why nothing can be changed in this case: then it can only be looked at. Absent where it can be worked on. */
  readOnly: z.string().optional(),
});
export type CaseView = z.infer<typeof caseViewSchema>;

export const fileEntrySchema = z.object({
  /** Opaque: no path of the person's disk goes to the screen, and none comes from it. */
  id: z.string(),
  name: z.string(),
  kind: z.enum(['folder', 'image', 'case', 'model']),
  bytes: z.number().nullable(),
  modified: z.string().nullable(),
});
export type FileEntry = z.infer<typeof fileEntrySchema>;

export const recentCaseSchema = z.object({
  fileId: z.string(),
  name: z.string(),
  imageName: z.string(),
  modified: z.string(),
  runs: z.number().int(),
  /** State of the newest run, if any. */
  lastRunState: z.string().nullable(),
  /** The case holds a picture of its image: `bytePaths.casePicture`. */
  hasPicture: z.boolean(),
});
export type RecentCase = z.infer<typeof recentCaseSchema>;

export const doctorCheckSchema = z.object({
  name: z.string(),
  ok: z.boolean(),
  /** What was found. */
  detail: z.string(),
  /** What to do about it; only where not ok. */
  hint: z.string().nullable(),
});
export type DoctorCheck = z.infer<typeof doctorCheckSchema>;

export const appInfoSchema = z.object({
  version: z.string(),
  shell: z.enum(['electron', 'web']),
  /** How a file is picked: the system's dialog, or `files.list` over the folders that the server was started with. */
  picker: z.enum(['native', 'browse']),
  /** Case or image files handed over at start (command line, file association); opaque ids. */
  openAtStart: z.array(z.string()),
  /** Other machines that can analyse tiles: the queue that is used, without user and password. */
  queue: z.string().nullable(),
});
export type AppInfo = z.infer<typeof appInfoSchema>;

const mostBatchImages = 20_000;
const batchRef = z.object({ batchId: z.string() });
const batchItemRef = batchRef.extend({ index: z.number().int().nonnegative() });
const comparisonRef = z.object({ caseId: z.string(), comparisonId: z.string() });

export const contract = {
  app: {
    info: base.output(appInfoSchema),
    doctor: base.output(z.array(doctorCheckSchema)),
    /** A text to send along with a problem, without names and paths: to be read, and changed, before it is saved. */
    problemReport: base.output(z.object({ text: z.string() })),
    /** By the system's dialog; null where it was cancelled, or there is none and the screen saves it itself. */
    saveProblemReport: base
      .input(z.object({ text: z.string().max(4_000_000) }))
      .output(z.object({ savedAs: z.string().nullable() })),
    /** What the shell wants of this screen, from now on: files that arrive later, commands that were chosen in a menu. */
    requests: base.output(eventIterator(screenRequestSchema)),
    /** What this screen shows, for the shell around it: title, menu, which file belongs into which window. */
    present: base.input(presentationSchema).output(z.void()),
  },
  settings: {
    get: base.output(settingsViewSchema),
    change: base.input(settingsChangeSchema).output(settingsViewSchema),
    secrets: base.output(secretsViewSchema),
    /** A key or password; null takes it away. Nothing ever gives it back to a screen. */
    setSecret: base
      .input(z.object({ name: z.string().max(100), value: z.string().max(8192).nullable() }))
      .output(secretsViewSchema),
  },
  files: {
    /** Web: one folder of the roots; null = the list of roots. */
    list: base.input(z.object({ folderId: z.string().nullable() })).output(
      z.object({
        name: z.string(),
        parentId: z.string().nullable(),
        entries: z.array(fileEntrySchema),
        /** The folder itself as one image, where it holds several pictures (or a DICOM series): to be opened like a file. */
        asOne: z.object({ fileId: z.string(), files: z.number().int() }).nullable(),
      }),
    ),
    /** Electron: the system's dialog; empty where cancelled. */
    pick: base
      .input(z.object({ kind: z.enum(['image', 'images', 'folder', 'case', 'model']) }))
      .output(z.array(fileEntrySchema)),
    /**
     * An image on a server, by an http or https address that a person typed or pasted. Nothing is asked of the server yet:
     * `cases.open` does that. The address can be a secret (presigned): it does not come back.
     */
    openUrl: base.input(z.object({ url: z.string().min(1).max(8192) })).output(fileEntrySchema),
    /** The slide that comes with the program, to try it. */
    sample: base.output(fileEntrySchema),
  },
  cases: {
    recent: base.output(z.array(recentCaseSchema)),
    /** Opens an image (its case is made where there is none) or a case file. */
    open: base
      .input(
        z.object({
          fileId: z.string(),
          /** Of a case file whose image is at another place now: that place. */
          imageFileId: z.string().optional(),
          /** To look at it, also while another program works on it. */
          onlyLook: z.boolean().optional(),
        }),
      )
      .output(caseViewSchema),
    /**
     * The case's image is at another place now. Refused (image-changed, naming both) where another image lies there. Runs that
     * were paused because they missed it go on.
     */
    relocate: base.input(z.object({ caseId: z.string(), fileId: z.string() })).output(caseViewSchema),
    get: base.input(z.object({ caseId: z.string() })).output(caseViewSchema),
    /** The case file itself: size, safety, backups. */
    facts: base.input(z.object({ caseId: z.string() })).output(caseFactsSchema),
    /** Every page and every reference is looked at. What is wrong, one sentence each; empty where all is well. */
    check: base.input(z.object({ caseId: z.string() })).output(z.array(z.string())),
    /** Gives gaps back to the disk; answers bytes. Refused (conflict) while a run goes on. */
    compact: base.input(z.object({ caseId: z.string() })).output(z.number()),
    /** Work goes on meanwhile. Electron: see exports.save; web: the path to download from. */
    saveCopy: base.input(z.object({ caseId: z.string() })).output(savedSchema),
    /**
     * Puts the newest sound backup in the place of a damaged case that could not be opened; the damaged file is kept. Answers when
     * that backup was made, and the name of the damaged file.
     */
    restore: base
      .input(z.object({ fileId: z.string() }))
      .output(z.object({ at: z.string(), aside: z.string().nullable() })),
  },
  images: {
    /**
     * How the image is shown by default, and each band's histogram and percentiles: what a picker of bands and contrast needs. The
     * first call reads an overview of the image.
     */
    look: base.input(z.object({ imageId: z.string() })).output(imageLookSchema),
    /**
     * How far the preparation of a large image without tiles is: the present state at once, then changes until it is ready. Ends
     * at once, without any, where the image needs none. Looking at the image begins it.
     */
    preparation: base.input(z.object({ imageId: z.string() })).output(eventIterator(preparationViewSchema)),
    /** Begins it, also after it was cancelled or failed. null where the image needs none. */
    prepare: base.input(z.object({ imageId: z.string() })).output(preparationViewSchema.nullable()),
    /** Gives it up and removes what was written. What can be seen by then stays on the screen. */
    cancelPreparation: base.input(z.object({ imageId: z.string() })).output(preparationViewSchema.nullable()),
  },
  models: {
    /** The built-in ones, then those that were added from files. */
    list: base.output(z.array(modelCardSchema)),
    /** What a file is. A model that is ready is remembered, and is in the list from then on. */
    describe: base.input(z.object({ fileId: z.string() })).output(modelDescriptionSchema),
    /** What a person says of a model that does not say it itself; written to a gigatile.json beside it. */
    answer: base
      .input(z.object({ fileId: z.string(), answers: z.record(z.string(), z.string()) }))
      .output(modelDescriptionSchema),
    /** Takes it off the list; the file stays. */
    forget: base.input(z.object({ fileId: z.string() })).output(z.void()),
  },
  runs: {
    start: base
      .input(
        z.object({
          caseId: z.string(),
          /** Of a built-in model, or the fileId of one that was added. */
          modelId: z.string(),
          parameters: runParametersSchema,
        }),
      )
      .output(runViewSchema),
    /** How many tiles such a run has at most, what its results may take on the case's disk, and what is free there. */
    estimate: base
      .input(z.object({ caseId: z.string(), modelId: z.string(), parameters: runParametersSchema }))
      .output(z.object({ tiles: z.number().int(), bytes: z.number(), freeBytes: z.number() })),
    pause: base.input(runRef).output(runViewSchema),
    /**
     * So many workers from now on, also while it goes on; those that are too many end after what they have in hand. Refused for remote
     * models and for runs that have ended.
     */
    setWorkers: base
      .input(runRef.extend({ workers: z.number().int().positive().max(64) }))
      .output(runViewSchema),
    /** Goes on with a paused or interrupted run; with `retryFailed` a finished one is reopened for its failed tiles. */
    resume: base
      .input(
        runRef.extend({
          retryFailed: z.boolean().optional(),
          /** Of failed tiles, only those that failed like this (`failures`). */
          reason: failureGroupSchema.pick({ code: true, message: true }).optional(),
          /** Of a remote model's run: what it may cost in all, from now on. */
          budget: budgetSchema.optional(),
        }),
      )
      .output(runViewSchema),
    /** A part of the image (level-0 pixels) is analysed again, in the same run; decisions on findings that come out again stay. */
    rerunRegion: base.input(runRef.extend({ region: rectSchema })).output(runViewSchema),
    /**
     * The run's model is at another place now. Refused (model-changed, naming both) where another model lies there. A run that was
     * paused because it missed it goes on.
     */
    relocateModel: base.input(runRef.extend({ fileId: z.string() })).output(runViewSchema),
    /** What a model would send away, before anybody agreed; null where it runs here. */
    leaves: base
      .input(z.object({ caseId: z.string(), modelId: z.string() }))
      .output(remoteConsentSchema.omit({ who: true }).extend({ agreed: z.boolean() }).nullable()),
    /** The person agrees, for this case, to what `leaves` says. `start` of a remote model is refused (consent-needed) before. */
    consent: base
      .input(z.object({ caseId: z.string(), modelId: z.string(), who: z.string().min(1).max(200) }))
      .output(remoteConsentSchema),
    cancel: base.input(runRef).output(runViewSchema),
    /** What the person looks at; its tiles go first. null = nothing in particular. */
    setViewport: base.input(runRef.extend({ rect: rectSchema.nullable() })).output(z.void()),
    /** The present state at once, then changes until the run rests or the screen goes. Regions are left out until then. */
    watch: base.input(runRef).output(eventIterator(runEventSchema)),
    failures: base.input(runRef).output(z.array(failureGroupSchema)),
  },
  batches: {
    list: base.output(
      z.object({
        batches: z.array(batchSummarySchema),
        /** Names of files that cannot be read. */
        damaged: z.array(z.string()),
      }),
    ),
    /** What a batch of these files and folders would hold, before it is made. */
    find: base
      .input(z.object({ fileIds: z.array(z.string()).max(mostBatchImages) }))
      .output(z.object({ images: z.array(z.object({ fileId: z.string(), name: z.string() })) })),
    /** Makes it and begins it. */
    create: base
      .input(
        z.object({
          name: z.string().min(1).max(200),
          fileIds: z.array(z.string()).min(1).max(mostBatchImages),
          modelId: z.string(),
          parameters: runParametersSchema,
          /** Of a remote model: who agrees that pixels of all these images go to its endpoint. */
          consentBy: z.string().min(1).max(200).nullable(),
        }),
      )
      .output(batchSummarySchema),
    watch: base.input(batchRef).output(eventIterator(batchEventSchema)),
    pause: base.input(batchRef).output(batchSummarySchema),
    /** Goes on with what is left. */
    resume: base.input(batchRef).output(batchSummarySchema),
    cancel: base.input(batchRef).output(batchSummarySchema),
    /** What failed, or has gaps, is tried again. */
    retryFailed: base.input(batchRef).output(batchSummarySchema),
    pauseItem: base.input(batchItemRef).output(z.void()),
    /** Lets an image go on, or tries it again. */
    resumeItem: base.input(batchItemRef).output(z.void()),
    cancelItem: base.input(batchItemRef).output(z.void()),
    /** The file of an image, to be opened like any other. */
    openItem: base.input(batchItemRef).output(z.object({ fileId: z.string(), runId: z.string().nullable() })),
    /** Takes it off the list; the cases stay. */
    remove: base.input(batchRef).output(z.void()),
    /** One row an image; saved or downloaded like an export. */
    saveSummary: base.input(batchRef.extend({ format: z.enum(['csv', 'json']) })).output(savedSchema),
    /**
     * A report of each image that has ended, in one archive without names; saved or downloaded like an export. How far they are, and
     * how they end, is told by `watch`. Refused (conflict) while others of this batch are written.
     */
    saveReports: base
      .input(
        batchRef.extend({
          format: batchReportFormatSchema,
          /** How reports look of which nobody composed one. */
          report: reportSettingsSchema.optional(),
        }),
      )
      .output(savedSchema),
    /** The reports that are being written end as soon as may be, and no file is left of them; nothing where none are. */
    cancelReports: base.input(batchRef).output(batchSummarySchema),
  },
  fleet: {
    setting: base.output(queueSettingSchema),
    /**
     * Connects, and takes the queue only where that works; remembered without its password. Refused: usage (no address),
     * queue-unreachable, queue-refused (user, password, database, rights, TLS, version), conflict (started with another one).
     */
    choose: base.input(newQueueSchema).output(queueSettingSchema),
    /** Tiles are analysed on this machine from now on. What lies in the queue stays there. */
    leave: base.output(queueSettingSchema),
    /** What its machines do: the newest known state at once, then changes. Never ends by itself, also where the server is away. */
    watch: base.output(eventIterator(fleetEventSchema)),
    /**
     * A run that another desktop submitted: its results come into this case, each once. Steered where it was submitted, and by `act`. A
     * run that the case has already is answered. Refused (image-changed) where it is of another image.
     */
    follow: base
      .input(z.object({ caseId: z.string(), run: z.string().min(1).max(100) }))
      .output(runViewSchema),
    act: base.input(fleetActSchema).output(z.object({ redriven: z.number().int() })),
  },
  tiles: {
    inspect: base.input(runRef.extend({ index: z.number().int().nonnegative() })).output(tileViewSchema),
  },
  findings: {
    page: base
      .input(
        runRef.extend({
          threshold: z.number(),
          offset: z.number().int().nonnegative(),
          limit: z.number().int().positive().max(500),
          ...findingListSchema.shape,
        }),
      )
      .output(z.object({ total: z.number().int(), findings: z.array(findingViewSchema) })),
    /** Where a finding stands in such a list, from 0; null where it is not in it. */
    place: base
      .input(runRef.extend({ threshold: z.number(), ...findingListSchema.shape, findingId: z.string() }))
      .output(z.number().int().nullable()),
    summary: base.input(runRef.extend({ threshold: z.number() })).output(findingSummarySchema),
  },
  /** Two runs of a case. What was compared stays as it was then; `conflict` says that it has to be compared again. */
  comparisons: {
    make: base
      .input(
        z.object({
          caseId: z.string(),
          runA: z.string(),
          runB: z.string(),
          options: comparisonOptionsSchema,
        }),
      )
      .output(comparisonSummarySchema),
    page: base
      .input(
        comparisonRef.extend({
          ...comparisonListSchema.shape,
          offset: z.number().int().nonnegative(),
          limit: z.number().int().positive().max(500),
        }),
      )
      .output(z.object({ total: z.number().int(), items: z.array(comparedFindingSchema) })),
    /** By its place in the comparison's frame (contract/bytes.ts). */
    item: base
      .input(comparisonRef.extend({ index: z.number().int().nonnegative() }))
      .output(comparedFindingSchema),
    /** Where an object stands in such a list, from 0; null where it is not in it. */
    place: base
      .input(comparisonRef.extend({ ...comparisonListSchema.shape, index: z.number().int().nonnegative() }))
      .output(z.number().int().nullable()),
    /** All objects as a file. Electron: see exports.save; web: the path to download from. */
    save: base.input(comparisonRef.extend({ format: differencesFormatSchema })).output(savedSchema),
  },
  decisions: {
    /** Durable when it returns. null takes the decision back. */
    set: base.input(runRef.extend(newDecisionSchema.shape)).output(findingViewSchema),
    /** Takes the reviewer's newest decision back; what was in force before it is again. null: there is none. */
    undo: base.input(runRef.extend(decisionReaderSchema.shape)).output(findingViewSchema.nullable()),
    /** Puts back what was undone last; null where there is nothing, or something was decided since. */
    redo: base.input(runRef.extend(decisionReaderSchema.shape)).output(findingViewSchema.nullable()),
    /** The log of one finding, oldest first. */
    history: base.input(runRef.extend({ findingId: z.string() })).output(z.array(decisionViewSchema)),
    agreement: base.input(runRef).output(agreementSchema),
  },
  /** What reviewers have looked at. */
  coverage: {
    list: base.input(z.object({ caseId: z.string() })).output(z.array(coverageViewSchema)),
    /** Durable when it returns; answers all that this reviewer has looked at. */
    look: base
      .input(
        z.object({
          caseId: z.string(),
          reviewer: z.string().min(1).max(200),
          looks: z.array(lookSchema).min(1).max(mostLooks),
        }),
      )
      .output(coverageViewSchema),
  },
  annotations: {
    list: base.input(z.object({ caseId: z.string() })).output(z.array(annotationViewSchema)),
    /** New ones and changed ones, together or not at all. Answers all that there are then. */
    put: base
      .input(
        z.object({
          caseId: z.string(),
          annotations: z.array(annotationSchema).min(1).max(mostAnnotations),
          author: z.string().min(1).max(200),
        }),
      )
      .output(z.array(annotationViewSchema)),
    remove: base
      .input(
        z.object({
          caseId: z.string(),
          ids: z.array(z.string()).min(1).max(mostAnnotations),
          author: z.string().min(1).max(200),
        }),
      )
      .output(z.array(annotationViewSchema)),
  },
  imports: {
    /** A file of results, in parts and in order. */
    send: base
      .input(z.object({ uploadId: z.uuid(), text: z.string().max(importPartLength) }))
      .output(z.void()),
    /** What was sent becomes decisions about findings, or a run of its own. */
    finish: base
      .input(
        z.object({
          caseId: z.string(),
          uploadId: z.uuid(),
          reviewer: z.string().min(1).max(200),
          /** Findings that the file does not have any more are rejected. */
          rejectMissing: z.boolean().optional(),
        }),
      )
      .output(importSummarySchema),
  },
  exports: exportsContract,
};
export type Contract = typeof contract;
