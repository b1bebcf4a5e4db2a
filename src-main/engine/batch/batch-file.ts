/** A batch on the disk, so that it goes on after the program was closed. What was found is in the cases; this is only the list. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { batchItemSchema, batchStateSchema } from '../../contract/batch.ts';
import { GigatileError } from '../../contract/errors.ts';
import { runParametersSchema } from '../../contract/run.ts';
import { syncFolderOf } from '../../store/files.ts';

const storedItemSchema = batchItemSchema.omit({ index: true, etaSeconds: true }).extend({
  /** Absolute, or an address without its secrets. */
  path: z.string(),
  casePath: z.string().nullable(),
});
export type StoredItem = z.infer<typeof storedItemSchema>;

const storedBatchSchema = z.object({
  schema: z.literal(1),
  id: z.string(),
  name: z.string(),
  createdAt: z.string(),
  /** Id of a built-in model, or an absolute path. */
  model: z.string(),
  modelName: z.string(),
  parameters: runParametersSchema,
  /** Folder of the cases; null: the usual one. */
  casesIn: z.string().nullable(),
  /** Who agreed that pixels of all these images go to the model's endpoint. */
  consentBy: z.string().nullable(),
  state: batchStateSchema,
  reason: z.string().nullable(),
  items: z.array(storedItemSchema),
});
export type StoredBatch = z.infer<typeof storedBatchSchema>;

export function newItem(path: string, name: string): StoredItem {
  return {
    path,
    casePath: null,
    name,
    state: 'waiting',
    reused: false,
    tiles: null,
    findings: null,
    seconds: 0,
    error: null,
    runId: null,
  };
}

/** Whole or not at all, and on the disk when it returns. @throws {GigatileError} not-writable */
export function writeBatch(path: string, batch: StoredBatch): void {
  const temporary = `${path}.${process.pid}.new`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const handle = openSync(temporary, 'w');
    try {
      writeSync(handle, JSON.stringify(batch));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, path);
    syncFolderOf(path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new GigatileError('not-writable', 'The batch cannot be kept on the disk', {
      where: path,
      hint: 'It would be lost when the program ends: make room, or choose another data folder.',
      cause: error,
    });
  }
}

/** @throws {GigatileError} file-unreadable where it is damaged or of a newer version */
export function readBatch(path: string): StoredBatch {
  try {
    return storedBatchSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new GigatileError('file-unreadable', 'This batch cannot be read', {
      where: path,
      hint: 'Make a new one of the same images: what is complete is found again and not done twice.',
      cause: error,
    });
  }
}

/** Newest first. */
export function batchPaths(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .toReversed()
    .map((name) => join(folder, name));
}
