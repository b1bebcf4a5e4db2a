/** A remote model's words about the report's figures: what it would be sent, who agrees to that, and what it wrote. */
import { useRef, useState } from 'react';
import type { PlainError } from '../../src-main/contract/errors.ts';
import type { SummaryRequest } from '../../src-main/contract/report.ts';
import { useController } from '../app/controller-context.ts';
import { plainErrorOf } from '../client/plain-error.ts';
import { useAnswer } from '../client/use-answer.ts';
import { keyOf } from '../runs/model-key.ts';
import { useCase } from '../state/case-store.ts';
import { usePreferences } from '../state/preferences.ts';
import { Button } from '../ui/button.tsx';
import { moment } from '../ui/format.ts';
import { ErrorNote } from '../ui/messages.tsx';
import { Select } from '../ui/select.tsx';
import { words } from '../words/words.ts';

interface RemoteSummaryProps {
  run: { caseId: string; runId: string };
  /** Counts the changes, so that what depends on it is asked for anew. */
  version: number;
  onChanged: () => void;
}

export function RemoteSummaryChoice({ run, version, onChanged }: RemoteSummaryProps) {
  const { api } = useController().connection;
  const models = useCase((state) => state.models)?.filter(({ manifest }) => manifest.remote !== undefined);
  const written = useAnswer(`${run.runId} ${version}`, () => api.exports.summary(run));
  const [chosen, setChosen] = useState<string | null>(null);
  const [request, setRequest] = useState<SummaryRequest | null>(null);
  const [error, setError] = useState<PlainError | null>(null);

  const modelId = chosen ?? (models?.[0] === undefined ? null : keyOf(models[0]));
  // Most people have no remote model, and nothing to choose here.
  if ((models === undefined || modelId === null) && written.value === null) return null;

  const failed = error ?? written.error;
  const tried = async (what: () => Promise<void>) => {
    setError(null);
    try {
      await what();
    } catch (reason) {
      setError(plainErrorOf(reason));
    }
  };
  const look = (id: string) =>
    void tried(async () => setRequest(await api.exports.summaryRequest({ ...run, modelId: id })));
  const leaveOut = () =>
    void tried(async () => {
      await api.exports.leaveOutSummary(run);
      onChanged();
    });

  return (
    <fieldset className="report-group report-remote">
      <legend className="label">{words.report.summaryByARemoteModel}</legend>
      {written.value !== null && (
        <div className="report-written">
          <p className="field-hint">
            {words.report.writtenBy(written.value.model, written.value.endpoint, moment(written.value.at))}
          </p>
          <Button size="small" onClick={leaveOut}>
            {words.report.leaveItOut}
          </Button>
        </div>
      )}
      {request === null && models !== undefined && modelId !== null && (
        <div className="report-ask">
          {models.length > 1 && (
            <Select
              label={words.report.remoteModel}
              value={modelId}
              options={models.map((card) => ({ value: keyOf(card), label: card.manifest.name }))}
              onChange={setChosen}
            />
          )}
          <Button size="small" onClick={() => look(modelId)}>
            {words.report.lookAtWhatWouldBeSent}
          </Button>
        </div>
      )}
      {request !== null && modelId !== null && (
        <Agreement
          request={request}
          onClose={() => setRequest(null)}
          ask={async (who, signal) => {
            await api.exports.writeSummary({ ...run, modelId, who }, { signal });
            setRequest(null);
            onChanged();
          }}
        />
      )}
      {failed !== null && <ErrorNote error={failed} />}
    </fieldset>
  );
}

interface AgreementProps {
  request: SummaryRequest;
  ask: (who: string | null, signal: AbortSignal) => Promise<void>;
  onClose: () => void;
}

/** What leaves this machine, word for word; nothing does before the button is pressed. */
function Agreement({ request, ask, onClose }: AgreementProps) {
  const reviewer = usePreferences((state) => state.reviewer);
  const [who, setWho] = useState(reviewer);
  const [error, setError] = useState<PlainError | null>(null);
  const [asking, setAsking] = useState(false);
  const ended = useRef<AbortController>(null);
  const send = async () => {
    ended.current = new AbortController();
    const { signal } = ended.current;
    setError(null);
    setAsking(true);
    try {
      await ask(request.agreed ? null : who.trim(), signal);
    } catch (reason) {
      setAsking(false);
      if (!signal.aborted) setError(plainErrorOf(reason));
    }
  };
  return (
    <div className="report-agreement">
      <ul className="bullets">
        {request.leaves.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <textarea
        className="input"
        aria-label={words.report.whatIsSentWordForWord}
        rows={8}
        readOnly
        value={request.sent}
      />
      {!request.agreed && (
        <label className="field">
          <span className="label">{words.report.whoAgrees}</span>
          <input
            className="input"
            autoComplete="off"
            maxLength={200}
            value={who}
            onChange={(event) => setWho(event.target.value)}
          />
          <span className="field-hint">{words.report.keptInTheCase}</span>
        </label>
      )}
      {error !== null && <ErrorNote title={words.report.nothingWasWritten} error={error} />}
      <div className="report-ask">
        <Button
          tone="primary"
          size="small"
          disabled={asking || (!request.agreed && who.trim() === '')}
          onClick={() => void send()}
        >
          {asking
            ? words.report.waitingFor(request.model)
            : request.agreed
              ? words.report.sendIt
              : words.report.agreeForThisCaseAndSend}
        </Button>
        <Button
          tone="quiet"
          size="small"
          onClick={() => {
            ended.current?.abort();
            onClose();
          }}
        >
          {words.report.keepItHere}
        </Button>
      </div>
    </div>
  );
}
