/** What only a person can say about a model that does not say it itself: one question a field, and what is known already. */
import { useId, useState } from 'react';
import type { PlainError } from '../../src-main/contract/errors.ts';
import type { ModelDescription } from '../../src-main/contract/model-description.ts';
import { useController } from '../app/controller-context.ts';
import { useApp } from '../state/app-store.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ErrorNote } from '../ui/messages.tsx';
import { Select } from '../ui/select.tsx';
import { words } from '../words/words.ts';

export function ModelFormDialog() {
  const description = useApp((state) => state.modelForm);
  if (description === null) return null;
  return <ModelForm key={`${description.fileId} ${description.missing.length}`} description={description} />;
}

function ModelForm({ description }: { description: ModelDescription }) {
  const controller = useController();
  const [answers, setAnswers] = useState<Record<string, string>>(() =>
    Object.fromEntries(
      description.missing.map(({ fact, suggestion, choices }) => [
        fact,
        suggestion ?? (choices?.length === 1 ? (choices[0]?.value ?? '') : ''),
      ]),
    ),
  );
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<PlainError | null>(null);
  const formId = useId();
  // One answer may settle others: they are not asked then, and what stood in them is not sent.
  const settled = new Set(
    description.missing.flatMap(
      ({ fact, choices }) => choices?.find(({ value }) => value === answers[fact])?.settles ?? [],
    ),
  );
  const asked = description.missing.filter(({ fact }) => !settled.has(fact));
  const complete = asked.every(({ fact }) => (answers[fact] ?? '').trim() !== '');
  const close = () => useApp.setState({ modelForm: null });

  const save = async () => {
    setSaving(true);
    const given = Object.fromEntries(asked.map(({ fact }) => [fact, answers[fact] ?? '']));
    setError(await controller.answerModel(description, given));
    setSaving(false);
  };

  return (
    <Dialog
      title={words.runs.whatIs(description.file)}
      open
      wide
      onClose={close}
      footer={
        <>
          <Button tone="quiet" onClick={close}>
            {words.runs.cancel}
          </Button>
          <Button tone="primary" type="submit" form={formId} disabled={!complete || saving}>
            {saving ? words.runs.saving : words.runs.saveAndUse}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className="model-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (complete) void save();
        }}
      >
        <p className="model-form-lead">
          {words.runs.yourAnswersAreSavedInAGigatile(
            description.convention === null
              ? words.runs.theFileDoesNotSayWhatItIsMade
              : words.runs.theFileIsDescribedAsDoes(description.convention),
          )}
        </p>
        {asked.map((item) => (
          <Question
            key={item.fact}
            item={item}
            value={answers[item.fact] ?? ''}
            onChange={(value) => setAnswers({ ...answers, [item.fact]: value })}
          />
        ))}
        {error !== null && <ErrorNote title={words.runs.thisWasNotTaken} error={error} />}
        <Known description={description} />
      </form>
    </Dialog>
  );
}

type Missing = ModelDescription['missing'][number];

interface QuestionProps {
  item: Missing;
  value: string;
  onChange: (value: string) => void;
}

function Question({ item, value, onChange }: QuestionProps) {
  if (item.choices !== undefined) {
    const none = { value: '', label: words.runs.choose };
    return (
      <div className="field">
        <span className="label">{item.question}</span>
        <Select
          label={item.question}
          value={value}
          options={value === '' ? [none, ...item.choices] : item.choices}
          onChange={onChange}
          className="select-wide"
        />
      </div>
    );
  }
  return (
    <label className="field">
      <span className="label">{item.question}</span>
      <input
        className="input"
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

/** What the file does say: a person answers better who sees it. */
function Known({ description }: { description: ModelDescription }) {
  const { inputs, outputs, notes, readFrom } = description;
  const facts = Object.entries(readFrom);
  return (
    <div className="model-form-known">
      <h3 className="label">{words.runs.whatTheFileSays}</h3>
      <dl className="facts">
        <dt>{words.runs.takes}</dt>
        <dd className="mono">{inputs.join(', ')}</dd>
        <dt>{words.runs.gives}</dt>
        <dd className="mono">{outputs.join(', ')}</dd>
        {facts.map(([fact, source]) => (
          <div key={fact} className="contents">
            <dt>{fact}</dt>
            <dd>{words.runs.from(source)}</dd>
          </div>
        ))}
      </dl>
      {notes.length > 0 && (
        <ul className="bullets">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
