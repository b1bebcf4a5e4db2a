/**
 * All texts of the screens, a file a room. English is the only language so far; another one is an object of the same form (`satisfies
 * Catalogue`), chosen here. Typed objects and functions rather than a library of messages: a text that is missing, or that is given
 * other values than it needs, is an error of types, and nothing is parsed at run time. What the engine says (reasons, errors, what
 * models are) comes from there as it is.
 */
import { annotations } from './en/annotations.ts';
import { app } from './en/app.ts';
import { batches } from './en/batches.ts';
import { caseFile } from './en/case-file.ts';
import { client } from './en/client.ts';
import { commands } from './en/commands.ts';
import { compare } from './en/compare.ts';
import { counts } from './en/counts.ts';
import { findings } from './en/findings.ts';
import { look } from './en/look.ts';
import { machines } from './en/machines.ts';
import { overlay } from './en/overlay.ts';
import { report } from './en/report.ts';
import { runs } from './en/runs.ts';
import { settings } from './en/settings.ts';
import { split } from './en/split.ts';
import { state } from './en/state.ts';
import { tour } from './en/tour.ts';
import { ui } from './en/ui.ts';
import { viewer } from './en/viewer.ts';

const en = {
  annotations,
  app,
  batches,
  caseFile,
  client,
  commands,
  compare,
  counts,
  findings,
  look,
  machines,
  overlay,
  report,
  runs,
  settings,
  split,
  state,
  tour,
  ui,
  viewer,
};

export type Catalogue = typeof en;

export const words: Catalogue = en;
