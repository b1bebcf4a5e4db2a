/** A select of few or many values. */
import { Select as Base } from '@base-ui/react/select';
import { Check, ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';

interface Option<Value extends string> {
  value: Value;
  label: string;
  /** A second line in the list. */
  hint?: string;
  icon?: ReactNode;
}

interface SelectProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly Option<Value>[];
  onChange: (value: Value) => void;
  className?: string;
}

export function Select<Value extends string>({
  label,
  value,
  options,
  onChange,
  className,
}: SelectProps<Value>) {
  return (
    <Base.Root
      value={value}
      items={options.map((option) => ({ value: option.value, label: option.label }))}
      onValueChange={(next) => next !== null && onChange(next)}
    >
      <Base.Trigger className={`button ${className ?? ''}`} aria-label={label}>
        <Base.Value className="select-value" />
        <Base.Icon>
          <ChevronDown aria-hidden />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner className="positioner" sideOffset={4} alignItemWithTrigger={false}>
          <Base.Popup className="popup">
            {options.map((option) => (
              <Base.Item key={option.value} value={option.value} className="menu-item">
                {option.icon}
                <Base.ItemText>
                  {option.label}
                  {option.hint !== undefined && <span className="menu-hint">{option.hint}</span>}
                </Base.ItemText>
                <Base.ItemIndicator className="menu-check">
                  <Check aria-hidden />
                </Base.ItemIndicator>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
