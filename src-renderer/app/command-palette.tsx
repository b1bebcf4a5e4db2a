/** All commands that can be run now, by name: Ctrl or Command with K. */
import { Autocomplete } from '@base-ui/react/autocomplete';
import { Dialog } from '@base-ui/react/dialog';
import { Search } from 'lucide-react';
import { type KeyboardEvent, useRef } from 'react';
import { useAnswer } from '../client/use-answer.ts';
import { useApp } from '../state/app-store.ts';
import { usePreferences } from '../state/preferences.ts';
import { ErrorNote } from '../ui/messages.tsx';
import { shownChord } from './commands/chord.ts';
import { commandGroups, type Command } from './commands/command.ts';
import { commandOf, commands, isUsable, keysOf } from './commands/registry.ts';
import { useController } from './controller-context.ts';
import { words } from '../words/words.ts';

export function CommandPalette() {
  const open = useApp((state) => state.dialog === 'palette');
  const asked = useApp((state) => state.asked);
  const setDialog = useApp((state) => state.setDialog);
  // Gone at once rather than faded out: opened again while it fades, it would lose the focus and with it what is typed.
  if (!open) return null;
  return (
    <Dialog.Root open onOpenChange={(next) => !next && setDialog(null)}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup
          className="dialog palette"
          aria-label={asked === null ? words.app.allCommands : commandOf(asked).label}
        >
          {asked === null ? <AllCommands /> : <Choices key={asked} command={commandOf(asked)} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/**
 * The dialog sees to the focus when it opens, and gives it back to whoever had it: nobody may take it before. That it goes on with a
 * question, it does not notice: the field that had the focus is gone then, and nobody has it.
 */
function focusIfLost(field: HTMLInputElement | null): void {
  if (document.activeElement === document.body) field?.focus();
}

interface Entry {
  id: string;
  label: string;
  hint?: string | undefined;
  chord?: string | undefined;
  pick: () => void;
}

interface EntryGroup {
  value: string;
  items: readonly Entry[];
}

function AllCommands() {
  const controller = useController();
  const setDialog = useApp((state) => state.setDialog);
  const choices = usePreferences((state) => state.keys);
  const usable = commands.filter((command) => command.id !== 'palette' && isUsable(command));
  const entry = (command: Command): Entry => ({
    id: command.id,
    label: command.label,
    chord: keysOf(command, choices)[0],
    pick: () => {
      setDialog(null);
      void command.run(controller);
    },
  });
  const groups = commandGroups
    .map((group) => ({
      value: words.commands.groups[group],
      items: usable.filter((command) => command.group === group).map(entry),
    }))
    .filter(({ items }) => items.length > 0);
  return <Entries groups={groups} placeholder={words.app.whatToDo} empty={words.app.noSuchCommand} />;
}

/** What the command is about: one of the things that there are now. */
function Choices({ command }: { command: Command }) {
  const controller = useController();
  const setDialog = useApp((state) => state.setDialog);
  const { value, error } = useAnswer(command.id, async () => (await command.choices?.(controller)) ?? []);
  if (error !== null) return <ErrorNote title={words.commands.theChoicesCouldNotBeRead} error={error} />;
  const items = (value ?? []).map(({ run, ...choice }) => ({
    ...choice,
    pick: () => {
      setDialog(null);
      void run();
    },
  }));
  return (
    <Entries
      groups={items.length === 0 ? [] : [{ value: command.label, items }]}
      placeholder={words.commands.chooseOne}
      empty={value === null ? '…' : words.commands.nothingToChooseFrom}
    />
  );
}

function Entries({
  groups,
  placeholder,
  empty,
}: {
  groups: readonly EntryGroup[];
  placeholder: string;
  empty: string;
}) {
  const list = useRef<HTMLDivElement>(null);
  /**
   * Enter runs what is highlighted, or else the first. The library highlights a moment after it filters, and leaves Enter
   * without an effect in between: a person who types fast would press it for nothing.
   */
  const runOnEnter = (event: KeyboardEvent & { preventBaseUIHandler: () => void }): void => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
    const chosen =
      list.current?.querySelector<HTMLElement>('[role="option"][data-highlighted]') ??
      list.current?.querySelector<HTMLElement>('[role="option"]');
    if (chosen == null) return;
    event.preventDefault();
    event.preventBaseUIHandler();
    chosen.click();
  };
  return (
    <Autocomplete.Root
      open
      inline
      items={groups}
      autoHighlight="always"
      keepHighlight
      itemToStringValue={(entry: Entry) => entry.label}
    >
      <div className="palette-search">
        <Search aria-hidden />
        <Autocomplete.Input
          className="palette-input"
          ref={focusIfLost}
          onKeyDown={runOnEnter}
          aria-label={words.app.searchCommands}
          placeholder={placeholder}
        />
      </div>
      <Autocomplete.Empty className="palette-empty">{empty}</Autocomplete.Empty>
      <Autocomplete.List ref={list} className="palette-list scroll">
        {(group: EntryGroup) => (
          <Autocomplete.Group key={group.value} items={group.items}>
            <Autocomplete.GroupLabel className="menu-group">{group.value}</Autocomplete.GroupLabel>
            <Autocomplete.Collection>
              {(entry: Entry) => (
                <Autocomplete.Item
                  key={entry.id}
                  value={entry}
                  className="menu-item"
                  onClick={() => entry.pick()}
                >
                  <span className="grow">
                    {entry.label}
                    {entry.hint !== undefined && <span className="menu-hint">{entry.hint}</span>}
                  </span>
                  {entry.chord !== undefined && <span className="kbd">{shownChord(entry.chord)}</span>}
                </Autocomplete.Item>
              )}
            </Autocomplete.Collection>
          </Autocomplete.Group>
        )}
      </Autocomplete.List>
    </Autocomplete.Root>
  );
}
