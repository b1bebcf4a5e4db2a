/** The keys, from the registry that the key handler itself uses; each can be changed. */
import { useState } from 'react';
import { ariaChord, chordOf, shownChord } from '../app/commands/chord.ts';
import { commandGroups, type Command } from '../app/commands/command.ts';
import { commands, keysOf, ownerOf, withKey } from '../app/commands/registry.ts';
import { useApp } from '../state/app-store.ts';
import { usePreferences } from '../state/preferences.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { words } from '../words/words.ts';

export function KeysDialog() {
  const open = useApp((state) => state.dialog === 'keys');
  const setDialog = useApp((state) => state.setDialog);
  const choices = usePreferences((state) => state.keys);
  const setKeys = usePreferences((state) => state.setKeys);
  const [said, setSaid] = useState('');
  const isChanged = Object.keys(choices).length > 0;
  const choose = (command: Command, chord: string | null): void => {
    const owner = chord === null ? null : ownerOf(chord, choices, command.mode);
    setKeys(withKey(choices, command.id, chord));
    setSaid(
      chord === null
        ? words.settings.hasNoKey(command.label)
        : owner === null || owner.id === command.id
          ? `${command.label}: ${shownChord(chord)}`
          : words.settings.takenFrom(command.label, shownChord(chord), owner.label),
    );
  };
  return (
    <Dialog
      title={words.settings.keys}
      open={open}
      wide
      onClose={() => setDialog(null)}
      footer={
        <>
          <span className="keys-said grow" role="status">
            {said}
          </span>
          <Button
            disabled={!isChanged}
            onClick={() => {
              setKeys({});
              setSaid(words.settings.allKeysAreAsTheyCame);
            }}
          >
            {words.settings.resetAll}
          </Button>
          <Button tone="primary" onClick={() => setDialog(null)}>
            {words.settings.done}
          </Button>
        </>
      }
    >
      <p className="field-hint">{words.settings.pressAKeysButtonThenTheNew}</p>
      <div className="keys">
        {commandGroups.map((group) => (
          <section key={group} aria-label={words.commands.groups[group]}>
            <h3 className="section-title">{words.commands.groups[group]}</h3>
            <dl>
              {commands
                .filter((command) => command.group === group)
                .map((command) => (
                  <div key={command.id}>
                    <dt>{command.label}</dt>
                    <dd>
                      <KeyButton
                        command={command}
                        chords={keysOf(command, choices)}
                        onChoose={(chord) => choose(command, chord)}
                      />
                    </dd>
                  </div>
                ))}
              {group === 'View' && (
                <FixedKey label={words.settings.inspectTheTileUnderThePointer} chord="alt+click" />
              )}
              {group === 'Window' && <FixedKey label={words.settings.goToTheNotices} chord="f6" />}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

/** One that nobody can change. */
function FixedKey({ label, chord }: { label: string; chord: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <span className="kbd">{shownChord(chord)}</span>
      </dd>
    </div>
  );
}

interface KeyButtonProps {
  command: Command;
  chords: readonly string[];
  onChoose: (chord: string | null) => void;
}

function KeyButton({ command, chords, onChoose }: KeyButtonProps) {
  const [listening, setListening] = useState(false);
  const shown = chords.map(shownChord).join(' or ');
  return (
    <button
      type="button"
      className={listening ? 'key-button key-button-listening' : 'key-button'}
      aria-label={`${command.label}: ${listening ? words.settings.pressAKey : shown === '' ? words.settings.noKey : shown}`}
      {...(chords[0] !== undefined && { 'aria-keyshortcuts': ariaChord(chords[0]) })}
      onClick={() => setListening(true)}
      onBlur={() => setListening(false)}
      onKeyDown={(event) => {
        if (!listening || event.key === 'Tab') return;
        // Neither the dialog nor the button shall take it for themselves.
        event.preventDefault();
        event.stopPropagation();
        const chord = chordOf(event.nativeEvent);
        if (chord === null) return;
        setListening(false);
        if (chord === 'backspace' || chord === 'delete') onChoose(null);
        else if (chord !== 'escape') onChoose(chord);
      }}
    >
      {listening ? (
        words.settings.pressAKeyUpper
      ) : chords.length === 0 ? (
        <span className="key-none">{words.settings.none}</span>
      ) : (
        chords.map((chord) => (
          <span key={chord} className="kbd">
            {shownChord(chord)}
          </span>
        ))
      )}
    </button>
  );
}
