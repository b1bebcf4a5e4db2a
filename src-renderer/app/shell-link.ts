/** What this screen and the shell around it have to do with each other: files to open, commands of its menu, what is shown. */
import type { Presentation, ScreenRequest } from '../../src-main/contract/screen.ts';
import { isAbort, plainErrorOf } from '../client/plain-error.ts';
import { useAnnotations } from '../state/annotation-store.ts';
import { notifyError, useApp } from '../state/app-store.ts';
import { useCase } from '../state/case-store.ts';
import type { Controller } from '../state/controller.ts';
import { usePreferences } from '../state/preferences.ts';
import { useView } from '../state/view-store.ts';
import { chosenKeys, commandOf, commands, isUsable, keysOf } from './commands/registry.ts';
import { words } from '../words/words.ts';

const afterwards = {
  'engine-crash': {
    title: words.app.theEngineHadStoppedUnexpectedlyAndWasStarted,
    detail: words.app.everythingThatWasFinishedIsThere,
  },
  'screen-crash': {
    title: words.app.thisWindowHadStoppedUnexpectedlyAndWasLoaded,
    detail: words.app.runsWentOnMeanwhileAndEvery,
  },
} as const;

/** Follows the shell's requests as long as the link is there, and again when it is back. Returns what ends it. */
export function followShell(controller: Controller): () => void {
  let current = new AbortController();
  const stop = controller.connection.onLinkState((link) => {
    current.abort();
    current = new AbortController();
    if (link === 'open') void follow(controller, current.signal);
  });
  return () => {
    stop();
    current.abort();
  };
}

async function follow(controller: Controller, signal: AbortSignal): Promise<void> {
  try {
    const requests = await controller.connection.api.app.requests(undefined, { signal });
    for await (const request of requests) void serve(controller, request);
  } catch (error) {
    if (!signal.aborted && !isAbort(error) && useApp.getState().link === 'open') {
      notifyError(words.app.filesThatComeInFromOutside, plainErrorOf(error));
    }
  }
}

async function serve(controller: Controller, request: ScreenRequest): Promise<void> {
  if (request.kind === 'command') {
    const command = commandOf(request.id);
    if (isUsable(command) && useApp.getState().dialog === null) {
      void command.run(controller);
      command.release?.();
    }
    return;
  }
  if (request.kind === 'refresh') return controller.refresh();
  const { after } = request;
  if (after !== undefined) useApp.getState().notify({ tone: 'info', ...afterwards[after] });
  await controller.openFile(request.fileId, words.app.theFile);
  if (after === 'engine-crash') await controller.resumeLost();
}

/** What the desktop's menu offers for this screen. A command that lasts as long as its key is held has no place in a menu. */
function presentation(): Presentation {
  const { screen } = useApp.getState();
  const keys = chosenKeys();
  return {
    caseId: screen.at === 'case' ? (useCase.getState().caseView?.id ?? null) : null,
    commands: commands
      .filter(({ release }) => release === undefined)
      .map((command) => ({
        id: command.id,
        label: command.label,
        group: command.group,
        chord: keysOf(command, keys)[0] ?? null,
        enabled: isUsable(command),
      })),
  };
}

/** Tells the desktop what is shown, whenever it has changed. Returns what ends it. */
export function presentToShell(controller: Controller): () => void {
  let told = '';
  let waiting = false;
  const tell = async (): Promise<void> => {
    waiting = false;
    const { link, info } = useApp.getState();
    if (link !== 'open' || info?.shell !== 'electron') return;
    const shown = presentation();
    const text = JSON.stringify(shown);
    if (text === told) return;
    told = text;
    try {
      await controller.connection.api.app.present(shown);
    } catch (error) {
      // The case was closed, or the link is gone, meanwhile: the next change tells it again.
      told = '';
      if (!isAbort(error) && !['file-not-found', 'internal'].includes(plainErrorOf(error).code)) throw error;
    }
  };
  const changed = (): void => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => void tell());
  };
  const stops = [useApp, useCase, useView, useAnnotations, usePreferences].map((store) =>
    store.subscribe(changed),
  );
  const stopLink = controller.connection.onLinkState(() => {
    // A new engine knows nothing of it.
    told = '';
    changed();
  });
  return () => {
    for (const stop of stops) stop();
    stopLink();
  };
}
