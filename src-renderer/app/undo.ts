/** Undo and redo of what was done last: a decision, or a change of annotations. */
import { applyChanges } from '../annotations/annotation-actions.ts';
import { redoDecision, undoDecision } from '../findings/finding-actions.ts';
import { acts } from '../state/acts.ts';
import type { Controller } from '../state/controller.ts';

export function undo(controller: Controller): Promise<void> {
  return acts.inTurn(() => takeBack(controller));
}

export function redo(controller: Controller): Promise<void> {
  return acts.inTurn(() => doAgain(controller));
}

async function takeBack(controller: Controller): Promise<void> {
  const act = acts.last;
  if (act?.kind === 'annotations') {
    const back = act.changes.map(({ before, after }) => ({ before: after, after: before }));
    if (await applyChanges(controller, back)) acts.undone();
    return;
  }
  await undoDecision(controller);
  acts.undone();
}

async function doAgain(controller: Controller): Promise<void> {
  const act = acts.lastUndone;
  if (act?.kind === 'annotations') {
    if (await applyChanges(controller, act.changes)) acts.redone();
    return;
  }
  await redoDecision(controller);
  acts.redone();
}
