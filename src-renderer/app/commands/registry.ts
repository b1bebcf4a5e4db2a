/** All commands, and the keys that run them now: the default ones, or those that a person has chosen. */
import { useApp } from '../../state/app-store.ts';
import { isReadOnly, useCase } from '../../state/case-store.ts';
import { usePreferences } from '../../state/preferences.ts';
import { drawingToolOf, useView } from '../../state/view-store.ts';
import { annotationCommands } from './annotation-commands.ts';
import type { Command, Mode } from './command.ts';
import { batchCommands } from './batch-commands.ts';
import { compareCommands } from './compare-commands.ts';
import { exportCommands } from './export-commands.ts';
import { fileCommands } from './file-commands.ts';
import { findingCommands } from './finding-commands.ts';
import { machineCommands } from './machine-commands.ts';
import { modelCommands } from './model-commands.ts';
import { runCommands } from './run-commands.ts';
import { viewCommands } from './view-commands.ts';
import { windowCommands } from './window-commands.ts';

export const commands: readonly Command[] = [
  ...findingCommands,
  ...viewCommands,
  ...annotationCommands,
  ...runCommands,
  ...compareCommands,
  ...exportCommands,
  ...modelCommands,
  ...batchCommands,
  ...machineCommands,
  ...fileCommands,
  ...windowCommands,
];

const byId = new Map(commands.map((command) => [command.id, command]));

/** @throws where there is no such command: a mistake in the code */
export function commandOf(id: string): Command {
  const command = byId.get(id);
  if (command === undefined) throw new Error(`no command ${id}`);
  return command;
}

export type KeyChoices = Readonly<Record<string, readonly string[]>>;

export function keysOf(command: Command, choices: KeyChoices): readonly string[] {
  return choices[command.id] ?? command.keys;
}

export function modeNow(): Mode | null {
  return drawingToolOf(useView.getState().tool) === null ? null : 'drawing';
}

/** What a key runs in a mode: the mode's own command, or else the one that is there in all of them. */
export function commandFor(chord: string, choices: KeyChoices, mode: Mode | null): Command | null {
  const own = mode === null ? null : ownerOf(chord, choices, mode);
  return own ?? ownerOf(chord, choices, undefined);
}

/** Who has a key among the commands of a mode (undefined: among all others). There it means one thing. */
export function ownerOf(chord: string, choices: KeyChoices, mode: Mode | undefined): Command | null {
  return (
    commands.find((command) => command.mode === mode && keysOf(command, choices).includes(chord)) ?? null
  );
}

const anywhere: ReadonlySet<Command['group']> = new Set(['Batch', 'Machines', 'Window']);

/** Whether a command can be run now: outside of a case, only those that need none. */
export function isUsable(command: Command): boolean {
  const isAtCase = useApp.getState().screen.at === 'case';
  if (command.mode !== undefined && command.mode !== modeNow()) return false;
  if (command.writes === true && isReadOnly(useCase.getState())) return false;
  return (isAtCase || anywhere.has(command.group)) && (command.isEnabled?.() ?? true);
}

/**
 * The choices after a command got a key. Whoever had it in the same mode loses it: there a key means one thing.
 * @param chord null: the command has no key any more
 */
export function withKey(choices: KeyChoices, id: string, chord: string | null): KeyChoices {
  const next: Record<string, readonly string[]> = { ...choices };
  if (chord !== null) {
    const owner = ownerOf(chord, choices, commandOf(id).mode);
    if (owner !== null) next[owner.id] = keysOf(owner, choices).filter((key) => key !== chord);
  }
  next[id] = chord === null ? [] : [chord];
  return next;
}

export function chosenKeys(): KeyChoices {
  return usePreferences.getState().keys;
}
