/** The machines of a queue: what each does, how fast, when it was last heard of, and what it cannot serve. */
import type { FleetRun, FleetView, FleetWorker } from '../../src-main/contract/fleet.ts';
import { count, duration, moment, rate } from '../ui/format.ts';
import { workerLine, workerState } from './fleet-words.ts';
import { words } from '../words/words.ts';

export function FleetWorkers({ view: { workers, runs } }: { view: FleetView }) {
  return (
    <section aria-label={words.machines.workers}>
      <h3 className="section-title">{words.machines.workers}</h3>
      {workers.length === 0 ? (
        <p className="machines-note">{words.machines.noneStartOneOnAnyMachine}</p>
      ) : (
        <div
          className="machines-table-frame"
          tabIndex={0}
          role="region"
          aria-label={words.machines.tableOfWorkers}
        >
          <table className="machines-table numeric">
            <thead>
              <tr>
                <th scope="col">{words.machines.worker}</th>
                <th scope="col">{words.machines.state}</th>
                <th scope="col">{words.machines.now}</th>
                <th scope="col">{words.machines.lastHeard}</th>
                <th scope="col">{words.machines.since}</th>
                <th scope="col">{words.machines.tiles}</th>
                <th scope="col">{words.machines.failedUpper}</th>
                <th scope="col">{words.machines.tilesSUpper}</th>
              </tr>
            </thead>
            <tbody>
              {workers.map((worker) => (
                <Row key={worker.name} worker={worker} runs={runs} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {workers.some(({ refused }) => refused.length > 0) && <Refused workers={workers} runs={runs} />}
    </section>
  );
}

function Row({ worker, runs }: { worker: FleetWorker; runs: readonly FleetRun[] }) {
  const tone = worker.isAbsent ? 'bad' : worker.state === 'working' ? 'accent' : 'plain';
  return (
    <tr>
      <th scope="row">
        {worker.name}
        {!worker.name.startsWith(worker.host) && <span className="machines-host">{worker.host}</span>}
      </th>
      <td>
        <span className={`chip chip-${tone}`}>{workerState(worker)}</span>
      </td>
      <td>{workerLine(worker, runs)}</td>
      <td>{words.machines.ago(duration(worker.silentSeconds))}</td>
      <td>{moment(worker.startedAt)}</td>
      <td>{count(worker.tiles)}</td>
      <td>{count(worker.failed)}</td>
      <td>{worker.tilesPerSecond === null ? '–' : rate(worker.tilesPerSecond)}</td>
    </tr>
  );
}

function Refused({ workers, runs }: { workers: readonly FleetWorker[]; runs: readonly FleetRun[] }) {
  const imageOf = (run: string) =>
    runs.find(({ id }) => id === run)?.image ?? words.machines.run(run.slice(0, 8));
  return (
    <ul className="machines-refused" aria-label={words.machines.runsThatWorkersLeaveToOthers}>
      {workers.flatMap(({ name, refused }) =>
        refused.map(({ run, why }) => (
          <li key={`${name} ${run}`}>
            <strong>{name}</strong> {words.machines.leaves} {imageOf(run)} {words.machines.toOthers} {why}
          </li>
        )),
      )}
    </ul>
  );
}
