/** All migrations, oldest first. */
import * as initial from './001-initial.ts';
import * as shapes from './002-shapes.ts';
import * as remote from './003-remote.ts';
import * as completion from './004-completion.ts';
import * as review from './005-review.ts';
import * as appendOnly from './006-append-only.ts';
import * as wholeImage from './007-whole-image.ts';
import * as views from './008-views.ts';
import * as coverage from './009-coverage.ts';

export const migrations: readonly { version: number; sql: string }[] = [
  initial,
  shapes,
  remote,
  completion,
  review,
  appendOnly,
  wholeImage,
  views,
  coverage,
];
export const newestVersion = migrations.at(-1)?.version ?? 0;
