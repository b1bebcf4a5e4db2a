/** What a person does with a queue and its runs: calls to the engine, and what the screens show of them. */
import type { FleetAct, FleetRun, FleetView, NewQueue, QueueSetting } from '../../src-main/contract/fleet.ts';
import { GigatileError, type PlainError } from '../../src-main/contract/errors.ts';
import { isAbort, plainErrorOf } from '../client/plain-error.ts';
import { notifyError, useApp } from '../state/app-store.ts';
import type { Controller } from '../state/controller.ts';
import { useFleet } from '../state/fleet-store.ts';
import { words } from '../words/words.ts';

/** Follows the queue's machines until the signal says so. */
export async function followFleet({ connection }: Controller, signal: AbortSignal): Promise<void> {
  try {
    take(await connection.api.fleet.setting(undefined, { signal }));
    for await (const event of await connection.api.fleet.watch(undefined, { signal }))
      useFleet.setState({ event });
  } catch (error) {
    // A lost link shows itself, and the machines are followed anew after it.
    if (signal.aborted || isAbort(error) || useApp.getState().link !== 'open') return;
    useFleet.setState({ settingError: plainErrorOf(error) });
  }
}

/** The runs and workers as they are now. @throws where the queue does not answer */
export async function readFleet({ connection }: Controller): Promise<FleetView> {
  const ended = new AbortController();
  try {
    const events = await connection.api.fleet.watch(undefined, { signal: ended.signal });
    for await (const { view, problem } of events) {
      if (problem !== null) throw GigatileError.fromPlain(problem);
      if (view !== null) return view;
    }
  } finally {
    ended.abort();
  }
  throw new GigatileError('queue-unreachable', words.machines.theQueueDoesNotAnswer);
}

function take(setting: QueueSetting): void {
  useFleet.setState({ setting, settingError: null });
  const { info } = useApp.getState();
  if (info !== null) useApp.setState({ info: { ...info, queue: setting.queue } });
}

/** Answers the reason where it was not taken. */
export async function chooseQueue({ connection }: Controller, order: NewQueue): Promise<PlainError | null> {
  try {
    take(await connection.api.fleet.choose(order));
    return null;
  } catch (error) {
    return plainErrorOf(error);
  }
}

export async function leaveQueue({ connection }: Controller): Promise<void> {
  try {
    take(await connection.api.fleet.leave());
  } catch (error) {
    notifyError(words.machines.theQueueStaysChosen, plainErrorOf(error));
  }
}

export async function actOnFleet({ connection }: Controller, order: FleetAct, what: string): Promise<void> {
  try {
    const { redriven } = await connection.api.fleet.act(order);
    if (order.act === 'redrive') {
      useApp
        .getState()
        .notify({ tone: 'info', title: words.machines.willBeTriedAgain(words.counts.chunks(redriven)) });
    }
  } catch (error) {
    notifyError(words.machines.staysAsItIs(what), plainErrorOf(error));
  }
}

/** The run's results come into the case that is open, too. */
export async function followRunHere(controller: Controller, caseId: string, run: FleetRun): Promise<void> {
  try {
    const followed = await controller.connection.api.fleet.follow({ caseId, run: run.id });
    useApp.getState().setDialog(null);
    controller.showRun(followed);
  } catch (error) {
    notifyError(words.machines.theRunOnCannotBeFollowed(run.image), plainErrorOf(error));
  }
}
