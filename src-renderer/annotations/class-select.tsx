/** Choosing a class with its colour, or making one. */
import { useId, useState } from 'react';
import type { AnnotationClass } from '../state/annotation-store.ts';
import { Button } from '../ui/button.tsx';
import { Select } from '../ui/select.tsx';
import { words } from '../words/words.ts';

interface ClassSelectProps {
  label: string;
  value: AnnotationClass;
  classes: readonly AnnotationClass[];
  onChange: (next: AnnotationClass) => void;
}

const another = '\u0000another';

function Swatch({ color }: { color: AnnotationClass['color'] }) {
  return <span className="swatch" style={{ background: `rgb(${color.join(' ')})` }} />;
}

export function ClassSelect({ label, value, classes, onChange }: ClassSelectProps) {
  const [making, setMaking] = useState(false);
  const known = classes.some(({ name }) => name === value.name) ? classes : [...classes, value];
  if (making) {
    return (
      <NewClass
        onDone={(made) => {
          setMaking(false);
          if (made !== null) onChange(made);
        }}
      />
    );
  }
  return (
    <div className="field">
      <span className="label">{label}</span>
      <div className="class-select">
        <Swatch color={value.color} />
        <Select
          label={label}
          className="select-wide"
          value={value.name}
          options={[
            ...known.map(({ name, color }) => ({ value: name, label: name, icon: <Swatch color={color} /> })),
            { value: another, label: words.annotations.anotherClass },
          ]}
          onChange={(name) => {
            if (name === another) setMaking(true);
            else onChange(known.find((other) => other.name === name) ?? value);
          }}
        />
      </div>
    </div>
  );
}

function NewClass({ onDone }: { onDone: (made: AnnotationClass | null) => void }) {
  const id = useId();
  const [name, setName] = useState('');
  const [color, setColor] = useState('#e69f00');
  return (
    <form
      className="new-class"
      onSubmit={(event) => {
        event.preventDefault();
        const value = Number.parseInt(color.slice(1), 16);
        if (name.trim() !== '') {
          onDone({ name: name.trim(), color: [(value >> 16) & 255, (value >> 8) & 255, value & 255] });
        }
      }}
    >
      <label className="label" htmlFor={id}>
        {words.annotations.newClass}
      </label>
      <input
        id={id}
        className="input"
        value={name}
        maxLength={120}
        onChange={(event) => setName(event.target.value)}
      />
      <input
        type="color"
        aria-label={words.annotations.colour}
        value={color}
        onChange={(event) => setColor(event.target.value)}
      />
      <Button size="small" type="submit" disabled={name.trim() === ''}>
        {words.annotations.add}
      </Button>
      <Button size="small" tone="quiet" onClick={() => onDone(null)}>
        {words.annotations.cancel}
      </Button>
    </form>
  );
}
