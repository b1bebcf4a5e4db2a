/** A button with words that runs a command; it shows the command's key, and waits for what it has begun. */
import { useState, type ReactNode } from 'react';
import { Button } from '../ui/button.tsx';
import { ariaChord, shownChord } from './commands/chord.ts';
import { useCommand } from './commands/use-command.ts';

interface CommandActionProps {
  id: string;
  tone?: 'plain' | 'primary' | 'quiet';
  size?: 'small';
  className?: string;
  /** Where there is room for the key. */
  showsKey?: boolean;
  children: ReactNode;
}

export function CommandAction({ id, showsKey = true, children, ...props }: CommandActionProps) {
  const command = useCommand(id);
  const [busy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    await command.run();
    setBusy(false);
  };
  return (
    <Button
      {...props}
      disabled={busy || !command.isUsable}
      title={command.label}
      {...(command.chord !== undefined && { 'aria-keyshortcuts': ariaChord(command.chord) })}
      onClick={() => void run()}
    >
      {children}
      {showsKey && command.chord !== undefined && (
        <kbd className="kbd" aria-hidden>
          {shownChord(command.chord)}
        </kbd>
      )}
    </Button>
  );
}
