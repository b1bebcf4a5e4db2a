/** All commands that can be run now, by name: Ctrl or Command with K. */
import { Autocomplete } from '@base-ui/react/autocomplete';
import { Dialog } from '@base-ui/react/dialog';
import { Search } from 'lucide-react';
import { type KeyboardEvent, useRef } from 'react';
import { useApp } from '../state/app-store.ts';
import { usePreferences } from '../state/preferences.ts';
import { shownChord } from './commands/chord.ts';
import { commandGroups, type Command } from './commands/command.ts';
import { commands, isUsable, keysOf } from './commands/registry.ts';
import { useController } from './controller-context.ts';
import { words } from '../words/words.ts';

export function CommandPalette() {
  const open = useApp((state) => state.dialog === 'palette');
  const setDialog = useApp((state) => state.setDialog);
  // Gone at once rather than faded out: opened again while it fades, it would lose the focus and with it what is typed.
  if (!open) return null;
  return (
    <Dialog.Root open onOpenChange={(next) => !next && setDialog(null)}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog palette" aria-label={words.app.allCommands}>
          <Commands onDone={() => setDialog(null)} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Commands({ onDone }: { onDone: () => void }) {
  const controller = useController();
  const choices = usePreferences((state) => state.keys);
  const usable = commands.filter((command) => command.id !== 'palette' && isUsable(command));
  const groups = commandGroups
    .map((group) => ({ value: group, items: usable.filter((command) => command.group === group) }))
    .filter(({ items }) => items.length > 0);
  const pick = (command: Command): void => {
    onDone();
    void command.run(controller);
  };
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
      itemToStringValue={(command: Command) => command.label}
    >
      <div className="palette-search">
        <Search aria-hidden />
        <Autocomplete.Input
          className="palette-input"
          onKeyDown={runOnEnter}
          aria-label={words.app.searchCommands}
          placeholder={words.app.whatToDo}
        />
      </div>
      <Autocomplete.Empty className="palette-empty">{words.app.noSuchCommand}</Autocomplete.Empty>
      <Autocomplete.List ref={list} className="palette-list scroll">
        {(group: (typeof groups)[number]) => (
          <Autocomplete.Group key={group.value} items={group.items}>
            <Autocomplete.GroupLabel className="menu-group">{group.value}</Autocomplete.GroupLabel>
            <Autocomplete.Collection>
              {(command: Command) => (
                <Autocomplete.Item
                  key={command.id}
                  value={command}
                  className="menu-item"
                  onClick={() => pick(command)}
                >
                  <span className="grow">{command.label}</span>
                  {keysOf(command, choices)
                    .slice(0, 1)
                    .map((chord) => (
                      <span key={chord} className="kbd">
                        {shownChord(chord)}
                      </span>
                    ))}
                </Autocomplete.Item>
              )}
            </Autocomplete.Collection>
          </Autocomplete.Group>
        )}
      </Autocomplete.List>
    </Autocomplete.Root>
  );
}
