/** The runs of the queue that is used: what the buttons of their rows do. */
import type { FleetAct, FleetRun } from '../../../src-main/contract/fleet.ts';
import { actOnFleet, followRunHere, readFleet } from '../../machines/fleet-actions.ts';
import { chunkLine, fleetActions, runStateLabels } from '../../machines/fleet-words.ts';
import { useApp } from '../../state/app-store.ts';
import { isReadOnly, useCase } from '../../state/case-store.ts';
import type { Controller } from '../../state/controller.ts';
import { words } from '../../words/words.ts';
import { asking } from './asking.ts';
import type { Choice, Command } from './command.ts';

const hasQueue = () => typeof useApp.getState().info?.queue === 'string';

function onRun(
  id: string,
  label: string,
  isAllowed: (run: FleetRun) => boolean,
  go: (controller: Controller, run: FleetRun) => Promise<void>,
  isEnabled = hasQueue,
): Command {
  return asking({
    id,
    label,
    group: 'Machines',
    isEnabled,
    choices: async (controller): Promise<Choice[]> =>
      (await readFleet(controller)).runs.filter(isAllowed).map((run) => ({
        id: run.id,
        label: run.image,
        hint: `${run.model}, ${runStateLabels[run.state]}, ${chunkLine(run)}`,
        run: () => go(controller, run),
      })),
  });
}

const act =
  (order: (run: FleetRun) => FleetAct) =>
  (controller: Controller, run: FleetRun): Promise<void> =>
    actOnFleet(controller, order(run), words.machines.theRunOn(run.image));

const isOfTheImage = (run: FleetRun) => run.fingerprint === useCase.getState().caseView?.image.fingerprint;

export const machineCommands: readonly Command[] = [
  onRun(
    'pause-fleet-run',
    words.commands.pauseARunOfTheQueue,
    (run) => fleetActions(run).pause,
    act((run) => ({ act: 'pause', run: run.id })),
  ),
  onRun(
    'resume-fleet-run',
    words.commands.resumeARunOfTheQueue,
    (run) => fleetActions(run).resume,
    act((run) => ({ act: 'resume', run: run.id })),
  ),
  onRun(
    'cancel-fleet-run',
    words.commands.cancelARunOfTheQueue,
    (run) => fleetActions(run).cancel,
    act((run) => ({ act: 'cancel', run: run.id })),
  ),
  onRun(
    'raise-fleet-run',
    words.commands.raiseARunOfTheQueue,
    (run) => fleetActions(run).raise,
    act((run) => ({ act: 'priority', run: run.id, priority: run.priority + 1 })),
  ),
  onRun(
    'lower-fleet-run',
    words.commands.lowerARunOfTheQueue,
    (run) => fleetActions(run).lower,
    act((run) => ({ act: 'priority', run: run.id, priority: run.priority - 1 })),
  ),
  onRun(
    'redrive-fleet-run',
    words.commands.redriveARunOfTheQueue,
    (run) => fleetActions(run).redrive,
    act((run) => ({ act: 'redrive', run: run.id })),
  ),
  onRun(
    'remove-fleet-run',
    words.commands.removeARunOfTheQueue,
    (run) => fleetActions(run).remove,
    act((run) => ({ act: 'remove', run: run.id })),
  ),
  onRun(
    'follow-fleet-run',
    words.commands.followARunOfTheQueue,
    isOfTheImage,
    (controller, run) => followRunHere(controller, useCase.getState().caseView?.id ?? '', run),
    () => hasQueue() && useCase.getState().caseView !== null && !isReadOnly(useCase.getState()),
  ),
];
