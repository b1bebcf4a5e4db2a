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
import { bytes, count, moment } from '../ui/format.ts';
import { ErrorNote, Skeleton } from '../ui/messages.tsx';
import { saveCopy } from './case-actions.ts';
import { words } from '../words/words.ts';

export function CaseDialog() {
  const open = useApp((state) => state.dialog === 'case');
  const setDialog = useApp((state) => state.setDialog);
  const caseView = useCase((state) => state.caseView);
  return (
    <Dialog title={words.caseFile.thisCase} open={open && caseView !== null} onClose={() => setDialog(null)}>
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
  if (error !== null) return <ErrorNote title={words.caseFile.theCaseCouldNotBeLooked} error={error} />;
  if (facts === null) return <Skeleton rows={6} height={32} />;
  return (
    <div className="case-file">
      <Facts facts={facts} />
      <div className="case-file-buttons">
        <Button disabled={busy} onClick={() => void saveCopy(controller)}>
          <Copy aria-hidden />
          {words.caseFile.saveACopy}
        </Button>
        <Button
          disabled={busy}
          onClick={() =>
            act(words.caseFile.theCaseCouldNotBeChecked, async () => {
              const problems = await api.cases.check({ caseId });
              return problems.length === 0
                ? words.caseFile.soundEveryPageAndEveryReference
                : words.caseFile.damaged(problems.join('; '));
            })
          }
        >
          <ShieldCheck aria-hidden />
          {words.caseFile.checkIt}
        </Button>
        {!readOnly && (
          <Button
            disabled={busy}
            onClick={() =>
              act(words.caseFile.theCaseCouldNotBeCompacted, async () => {
                const saved = await api.cases.compact({ caseId });
                return words.caseFile.wereGivenBackToTheDisk(bytes(saved));
              })
            }
          >
            <PackageMinus aria-hidden />
            {words.caseFile.compactIt}
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
  const disk = facts.place === 'network' ? words.caseFile.networkShare : words.caseFile.localDisk;
  return (
    <dl className="facts">
      <dt>{words.caseFile.file}</dt>
      <dd>{facts.name}</dd>
      <dt>{words.caseFile.holds}</dt>
      <dd className="numeric">
        {words.counts.runs(facts.runs)}, {words.counts.tiles(facts.tiles)},{' '}
        {words.counts.findings(facts.findings)}, {words.counts.decisions(facts.decisions)}
      </dd>
      <dt>{words.caseFile.size}</dt>
      <dd className="numeric">
        {bytes(facts.bytes)}
        {facts.emptyBytes > 0 && words.caseFile.ofItGaps(bytes(facts.emptyBytes))}
      </dd>
      <dt>{words.caseFile.liesOn}</dt>
      <dd>
        {disk}
        {facts.fileSystem !== '' && ` (${facts.fileSystem})`}, {bytes(facts.freeBytes)} {words.caseFile.free}
      </dd>
      <dt>{words.caseFile.keptBy}</dt>
      <dd>{facts.durability}</dd>
      <dt>{words.caseFile.openIn}</dt>
      <dd>
        {owner === null
          ? words.caseFile.noProgram
          : words.caseFile.processOnSince(owner.pid, owner.host, moment(owner.since))}
      </dd>
      <dt>{words.caseFile.backups}</dt>
      <dd>
        {backups.length === 0
          ? words.caseFile.noneYetOneIsMadeWhen
          : backups.map(({ name, at, bytes: size }) => (
              <div key={name} className="numeric">
                {name}, {moment(at)}, {bytes(size)}
              </div>
            ))}
      </dd>
      <dt>{words.caseFile.version}</dt>
      <dd className="numeric">{count(facts.version)}</dd>
    </dl>
  );
}
