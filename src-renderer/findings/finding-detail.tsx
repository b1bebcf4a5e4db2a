/** The selected finding: its class, its note, and everything that was decided about it. */
import { Collapsible } from '@base-ui/react/collapsible';
import { NotebookPen } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { longestNote, type DecisionView } from '../../src-main/contract/decision.ts';
import type { FindingView } from '../../src-main/contract/finding.ts';
import type { ModelManifest } from '../../src-main/contract/model.ts';
import type { RunView } from '../../src-main/contract/run.ts';
import { shownChord } from '../app/commands/chord.ts';
import { mostRelabelKeys } from '../app/commands/finding-commands.ts';
import { commandOf, keysOf } from '../app/commands/registry.ts';
import { useController } from '../app/controller-context.ts';
import { useAnswer } from '../client/use-answer.ts';
import { usePreferences } from '../state/preferences.ts';
import { useReader } from '../state/reading.ts';
import { useView } from '../state/view-store.ts';
import { Button } from '../ui/button.tsx';
import { Disclosure } from '../ui/disclosure.tsx';
import { moment, score, locale } from '../ui/format.ts';
import { classColor } from './class-color.ts';
import { decideFinding } from './finding-actions.ts';
import { words } from '../words/words.ts';

interface FindingDetailProps {
  run: RunView;
  manifest: ModelManifest | null;
}

interface FindingProps {
  run: RunView;
  finding: FindingView;
}

export function FindingDetail({ run, manifest }: FindingDetailProps) {
  const finding = useView((state) => state.selectedFinding?.finding ?? null);
  const noteOpen = useView((state) => state.noteOpen);
  const blind = useView((state) => state.blind);
  const set = useView((state) => state.set);
  if (finding === null) return null;
  const hidesScore = blind && finding.verdict === null;
  return (
    <Collapsible.Root
      open={noteOpen}
      onOpenChange={(open) => set({ noteOpen: open })}
      render={<section className="finding-detail" aria-label={words.findings.selectedFinding} />}
    >
      <div className="finding-detail-head">
        <h2 className="section-title">
          #{(finding.ordinal + 1).toLocaleString(locale)} {finding.className}
        </h2>
        <span className="numeric">{hidesScore ? words.findings.scoreHidden : score(finding.score)}</span>
        <span className="grow" />
        <Collapsible.Trigger render={<Button size="small" tone="quiet" />}>
          <NotebookPen aria-hidden />
          {words.findings.note}
        </Collapsible.Trigger>
      </div>
      {(manifest?.classes.length ?? 0) > 1 && <Classes finding={finding} manifest={manifest} />}
      <Collapsible.Panel>
        <NoteField key={finding.id} finding={finding} />
      </Collapsible.Panel>
      {!noteOpen && finding.note !== undefined && <p className="finding-note-text">{finding.note}</p>}
      <History run={run} finding={finding} />
    </Collapsible.Root>
  );
}

/** The classes that the finding can be accepted as, with their keys. */
function Classes({ finding, manifest }: { finding: FindingView; manifest: ModelManifest | null }) {
  const controller = useController();
  const choices = usePreferences((state) => state.keys);
  return (
    <div className="class-chips" role="group" aria-label={words.findings.acceptAs}>
      {(manifest?.classes ?? []).map(({ name }, index) => {
        const key =
          index < mostRelabelKeys ? keysOf(commandOf(`relabel-${index + 1}`), choices)[0] : undefined;
        return (
          <button
            key={name}
            type="button"
            className="class-chip"
            aria-pressed={finding.verdict === 'accepted' && finding.classIndex === index}
            onClick={() =>
              void decideFinding(controller, finding, { verdict: 'accepted', classIndex: index })
            }
          >
            {key !== undefined && <span className="kbd">{shownChord(key)}</span>}
            <span className="swatch" style={{ background: classColor(manifest, index) }} />
            {name}
          </button>
        );
      })}
    </div>
  );
}

function NoteField({ finding }: { finding: FindingView }) {
  const controller = useController();
  const set = useView((state) => state.set);
  const [text, setText] = useState(finding.note ?? '');
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const save = (): void => {
    const note = text.trim() === '' ? null : text.trim();
    set({ noteOpen: false });
    if (note !== (finding.note ?? null)) {
      void decideFinding(controller, finding, { verdict: finding.verdict, note });
    }
  };
  return (
    <form
      className="note-form"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <textarea
        ref={field}
        className="input note-input"
        aria-label={words.findings.note}
        rows={2}
        maxLength={longestNote}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            save();
          } else if (event.key === 'Escape') {
            event.stopPropagation();
            set({ noteOpen: false });
          }
        }}
      />
      <Button size="small" type="submit">
        {words.findings.save}
      </Button>
    </form>
  );
}

function History({ run, finding }: FindingProps) {
  // In a second reading what others decided is not told.
  if (useReader() !== null) return null;
  return (
    <Disclosure label={words.findings.history}>
      <Decisions run={run} finding={finding} />
    </Disclosure>
  );
}

function Decisions({ run, finding }: FindingProps) {
  const controller = useController();
  const { value } = useAnswer(
    `${run.id} ${finding.id} ${finding.verdict} ${finding.className} ${finding.note} ${finding.decidedAt}`,
    (signal) =>
      controller.connection.api.decisions.history(
        { caseId: run.caseId, runId: run.id, findingId: finding.id },
        { signal },
      ),
  );
  return (
    <ol className="finding-history scroll" aria-label={words.findings.history} tabIndex={0}>
      {(value ?? []).map((entry) => (
        <li key={entry.seq}>
          <span>{told(entry)}</span>
          <span className="finding-meta" title={words.findings.modelSha256Model(entry.modelSha256)}>
            {words.findings.model(entry.reviewer, moment(entry.at), entry.modelSha256.slice(0, 8))}
          </span>
        </li>
      ))}
      {value?.length === 0 && <li className="finding-meta">{words.findings.nothingWasDecidedYet}</li>}
    </ol>
  );
}

const actionWords = { decide: '', undo: 'undone: ', redo: 'redone: ' } as const;

function told(entry: DecisionView): string {
  const word = (stand: { verdict: string | null; className: string | null }) =>
    `${stand.verdict ?? 'undecided'}${stand.className === null ? '' : words.findings.as(stand.className)}`;
  const before = word(entry.previous);
  const after = word(entry);
  const note =
    entry.note !== entry.previous.note
      ? entry.note === null
        ? words.findings.noteRemoved
        : `, “${entry.note}”`
      : '';
  return `${actionWords[entry.action]}${before === after ? after : `${before} → ${after}`}${note}`;
}
