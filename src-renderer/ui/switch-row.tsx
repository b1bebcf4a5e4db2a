/** A switch with its label to the left. */
import { Switch } from '@base-ui/react/switch';
import { useId } from 'react';

interface SwitchRowProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

export function SwitchRow({ label, checked, onChange }: SwitchRowProps) {
  const id = useId();
  return (
    <div className="switch-row">
      <span className="label" id={id}>
        {label}
      </span>
      <Switch.Root
        className="switch"
        aria-labelledby={id}
        checked={checked}
        onCheckedChange={(next) => onChange(next)}
      >
        <Switch.Thumb className="switch-thumb" />
      </Switch.Root>
    </div>
  );
}
