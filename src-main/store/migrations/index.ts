/** All migrations, oldest first. */
import * as initial from './001-initial.ts';

export const migrations: readonly { version: number; sql: string }[] = [initial];
export const newestVersion = migrations.at(-1)?.version ?? 0;
