/** The case as a file: how large, how safe, what lies beside it; copying, checking, compacting. */
import { Copy, PackageMinus, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import type { CaseFacts } from '../../src-main/contract/case-facts.ts';
import { useController } from '../app/controller-context.ts';
import { plainErrorOf } from '../client/plain-error.ts';
import { useAnswer } from '../client/use-answer.ts';
import { notifyError, useApp } from '../state/app-store.ts';
import { useCase } from '../state/case-store.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { bytes, count, moment, plural } from '../ui/format.ts';
import { ErrorNote, Skeleton } from '../ui/messages.tsx';
import { saveCopy } from './case-actions.ts';

export function CaseDialog() {
  const open = useApp((state) => state.dialog === 'case');
  const setDialog = useApp((state) => state.setDialog);
  const caseView = useCase((state) => state.caseView);
  return (
    <Dialog title="This case" open={open && caseView !== null} onClose={() => setDialog(null)}>
      {caseView !== null && <CaseFile caseId={caseView.id} readOnly={caseView.readOnly !== undefined} />}
    </Dialog>
  );
}

function CaseFile({ caseId, readOnly }: { caseId: string; readOnly: boolean }) {
  const controller = useController();
  const { api } = controller.connection;
  const [turn, setTurn] = useState(0);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const { value: facts, error } = useAnswer(`${caseId} ${turn}`, (signal) =>
    api.cases.facts({ caseId }, { signal }),
  );
  const act = (failure: string, work: () => Promise<string | null>) => {
    setBusy(true);
    setSaid(null);
    work()
      .then(setSaid, (reason: unknown) => notifyError(failure, plainErrorOf(reason)))
      .finally(() => {
        setBusy(false);
        setTurn((before) => before + 1);
      });
  };
  if (error !== null) return <ErrorNote title="The case could not be looked at" error={error} />;
  if (facts === null) return <Skeleton rows={6} height={32} />;
  return (
    <div className="case-file">
      <Facts facts={facts} />
      <div className="case-file-buttons">
        <Button disabled={busy} onClick={() => void saveCopy(controller)}>
          <Copy aria-hidden />
          Save a copy…
        </Button>
        <Button
          disabled={busy}
          onClick={() =>
            act('The case could not be checked', async () => {
              const problems = await api.cases.check({ caseId });
              return problems.length === 0
                ? 'Sound: every page and every reference was looked at.'
                : `Damaged: ${problems.join('; ')}`;
            })
          }
        >
          <ShieldCheck aria-hidden />
          Check it
        </Button>
        {!readOnly && (
          <Button
            disabled={busy}
            onClick={() =>
              act('The case could not be compacted', async () => {
                const saved = await api.cases.compact({ caseId });
                return `${bytes(saved)} were given back to the disk.`;
              })
            }
          >
            <PackageMinus aria-hidden />
            Compact it
          </Button>
        )}
      </div>
      <p className="case-file-said" role="status">
        {said}
      </p>
    </div>
  );
}

function Facts({ facts }: { facts: CaseFacts }) {
  const { backups, owner } = facts;
  const disk = facts.place === 'network' ? 'network share' : 'local disk';
  return (
    <dl className="facts">
      <dt>File</dt>
      <dd>{facts.name}</dd>
      <dt>Holds</dt>
      <dd className="numeric">
        {plural(facts.runs, 'run')}, {plural(facts.tiles, 'tile')}, {plural(facts.findings, 'finding')},{' '}
        {plural(facts.decisions, 'decision')}
      </dd>
      <dt>Size</dt>
      <dd className="numeric">
        {bytes(facts.bytes)}
        {facts.emptyBytes > 0 && `, ${bytes(facts.emptyBytes)} of it gaps`}
      </dd>
      <dt>Lies on</dt>
      <dd>
        {disk}
        {facts.fileSystem !== '' && ` (${facts.fileSystem})`}, {bytes(facts.freeBytes)} free
      </dd>
      <dt>Kept by</dt>
      <dd>{facts.durability}</dd>
      <dt>Open in</dt>
      <dd>
        {owner === null
          ? 'no program'
          : `process ${owner.pid} on ${owner.host}, since ${moment(owner.since)}`}
      </dd>
      <dt>Backups</dt>
      <dd>
        {backups.length === 0
          ? 'none yet: one is made when decisions were made and the case is closed'
          : backups.map(({ name, at, bytes: size }) => (
              <div key={name} className="numeric">
                {name}, {moment(at)}, {bytes(size)}
              </div>
            ))}
      </dd>
      <dt>Version</dt>
      <dd className="numeric">{count(facts.version)}</dd>
    </dl>
  );
}
