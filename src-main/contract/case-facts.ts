/** What there is to say about a case file itself: for `gigatile case info` and the screen "This case". */
import { z } from 'zod';

export const caseBackupSchema = z.object({
  /** File name; it lies beside the case. */
  name: z.string(),
  at: z.string(),
  bytes: z.number(),
});

export const caseFactsSchema = z.object({
  /** File name of the case. */
  name: z.string(),
  /** Of the schema; earlier ones are brought up to date when the case is opened for work. */
  version: z.number().int(),
  /** With what is still in the log beside the file. */
  bytes: z.number(),
  /** Of them, what holds nothing any more and could be given back to the disk. */
  emptyBytes: z.number(),
  /** On the disk that the case lies on. */
  freeBytes: z.number(),
  /** `local`, or `network` where other machines can reach the file. */
  place: z.enum(['local', 'network']),
  /** As the system calls it, `nfs4` for instance; empty where it does not say. */
  fileSystem: z.string(),
  /** How what is committed survives a power cut, in one sentence. */
  durability: z.string(),
  imageName: z.string().nullable(),
  runs: z.number().int(),
  tiles: z.number().int(),
  findings: z.number().int(),
  decisions: z.number().int(),
  /** Newest first. */
  backups: z.array(caseBackupSchema),
  /** Who has it open for work. */
  owner: z.object({ host: z.string(), pid: z.number().int(), since: z.string() }).nullable(),
});
export type CaseFacts = z.infer<typeof caseFactsSchema>;
