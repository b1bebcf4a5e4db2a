/** What the machines of a queue do now: the same figures for the screens, `gigatile queue` and a monitor. */
import { z } from 'zod';
import { plainErrorSchema } from './errors.ts';

/** As a worker writes it every few seconds. */
export const workerStatusSchema = z.object({
  state: z.enum(['idle', 'working']),
  run: z.string().nullable(),
  chunk: z.number().int().nullable(),
  /** Since it was started. */
  chunks: z.number().int(),
  tiles: z.number().int(),
  failed: z.number().int(),
  /** Of its last chunk. */
  tilesPerSecond: z.number().nullable(),
  /** Runs that it cannot serve, and why. */
  refused: z.array(z.object({ run: z.string(), why: z.string() })),
});
export type WorkerStatus = z.infer<typeof workerStatusSchema>;

export const fleetWorkerSchema = workerStatusSchema.extend({
  name: z.string(),
  host: z.string(),
  startedAt: z.string(),
  /** Since it was last heard of, by the server's clock. */
  silentSeconds: z.number(),
  /** It was not heard of for so long that its chunk goes to others. */
  isAbsent: z.boolean(),
});
export type FleetWorker = z.infer<typeof fleetWorkerSchema>;

export const fleetRunStateSchema = z.enum(['open', 'paused', 'closed']);
export type FleetRunState = z.infer<typeof fleetRunStateSchema>;

export const fleetRunSchema = z.object({
  id: z.string(),
  image: z.string(),
  /** Of the image, as short as a case's view has it. */
  fingerprint: z.string(),
  model: z.string(),
  state: fleetRunStateSchema,
  /** Larger goes first. */
  priority: z.number().int(),
  createdAt: z.string(),
  /** `dead`: given up after many tries, set aside until somebody has them tried again. */
  chunks: z.object({
    total: z.number().int(),
    done: z.number().int(),
    working: z.number().int(),
    waiting: z.number().int(),
    dead: z.number().int(),
  }),
  /** `failed` could not be computed: they are results, with their reason in the case. */
  tiles: z.object({ total: z.number().int(), done: z.number().int(), failed: z.number().int() }),
  /** Over the last minute; null where nothing ended in it. */
  tilesPerSecond: z.number().nullable(),
  etaSeconds: z.number().nullable(),
});
export type FleetRun = z.infer<typeof fleetRunSchema>;

export const fleetViewSchema = z.object({
  /** The one that goes first on top; those that have ended after them, the newest first. */
  runs: z.array(fleetRunSchema),
  workers: z.array(fleetWorkerSchema),
  /** Of all runs, also where a screen is shown the first ones only. */
  totals: z.object({ runs: z.number().int(), open: z.number().int(), tilesPerSecond: z.number() }),
});
export type FleetView = z.infer<typeof fleetViewSchema>;

/** The queue that the program uses, without user and password. */
export const queueSettingSchema = z.object({
  /** null: tiles are analysed on this machine only. */
  queue: z.string().nullable(),
  /** Why it cannot be changed here; null where it can. */
  fixedBy: z.string().nullable(),
  /** In the system's keychain; else it is forgotten when the program ends. */
  passwordKept: z.boolean(),
});
export type QueueSetting = z.infer<typeof queueSettingSchema>;

export const newQueueSchema = z.object({
  /** `postgres://user@host:5432/database?schema=…&sslmode=verify-full`; a password in it is taken out of it. */
  address: z.string().min(1).max(2000),
  password: z.string().min(1).max(2000).optional(),
});
export type NewQueue = z.infer<typeof newQueueSchema>;

export const fleetEventSchema = z.object({
  queue: z.string().nullable(),
  /** The newest that was heard; null before the first answer. */
  view: fleetViewSchema.nullable(),
  /** When that was. */
  seenAt: z.string().nullable(),
  /** Why there is no newer one. */
  problem: plainErrorSchema.nullable(),
  /** Since when the queue cannot be reached. */
  since: z.string().nullable(),
});
export type FleetEvent = z.infer<typeof fleetEventSchema>;

export const fleetActSchema = z.discriminatedUnion('act', [
  z.object({ act: z.enum(['pause', 'resume', 'cancel', 'remove']), run: z.string().min(1).max(100) }),
  z.object({
    act: z.literal('priority'),
    run: z.string().min(1).max(100),
    priority: z.number().int().min(-1000).max(1000),
  }),
  /** Chunks that were given up are tried again; of all runs where none is named. */
  z.object({ act: z.literal('redrive'), run: z.string().min(1).max(100).optional() }),
]);
export type FleetAct = z.infer<typeof fleetActSchema>;
