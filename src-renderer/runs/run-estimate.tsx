/** Before a run: how many tiles at most, and whether their results find room on the disk. */
import { HardDrive, TriangleAlert } from 'lucide-react';
import type { RunParameters } from '../../src-main/contract/run.ts';
import { useController } from '../app/controller-context.ts';
import { useAnswer } from '../client/use-answer.ts';
import { bytes } from '../ui/format.ts';
import { words } from '../words/words.ts';

const settleMs = 300;

interface RunEstimateProps {
  caseId: string;
  modelId: string;
  parameters: RunParameters;
}

/** Nothing is shown while nothing can be said: what does not fit is told when the run is started. */
export function RunEstimate({ caseId, modelId, parameters }: RunEstimateProps) {
  const controller = useController();
  const { value: room, error } = useAnswer(
    `${caseId} ${modelId} ${JSON.stringify(parameters)}`,
    (signal) => controller.connection.api.runs.estimate({ caseId, modelId, parameters }, { signal }),
    settleMs,
  );
  if (room === null || error !== null) return <p className="estimate" />;
  const isTight = room.freeBytes < room.bytes;
  return (
    <p className={isTight ? 'estimate estimate-tight numeric' : 'estimate numeric'} role="status">
      {isTight ? <TriangleAlert aria-hidden /> : <HardDrive aria-hidden />}
      {words.runs.atMostTheyNeedUpToOnTheDisk(
        words.counts.tiles(room.tiles),
        bytes(room.bytes),
        bytes(room.freeBytes),
      )}
      {isTight && words.runs.ifThatIsNotEnoughTheRun}
    </p>
  );
}
