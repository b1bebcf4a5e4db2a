/** The machines of a queue: what each does, how fast, when it was last heard of, and what it cannot serve. */
import type { FleetRun, FleetView, FleetWorker } from '../../src-main/contract/fleet.ts';
import { count, duration, moment, rate } from '../ui/format.ts';
import { workerLine, workerState } from './fleet-words.ts';

export function FleetWorkers({ view: { workers, runs } }: { view: FleetView }) {
  return (
    <section aria-label="Workers">
      <h3 className="section-title">Workers</h3>
      {workers.length === 0 ? (
        <p className="machines-note">None. Start one on any machine with: gigatile worker --queue …</p>
      ) : (
        <div className="machines-table-frame" tabIndex={0} role="region" aria-label="Table of workers">
          <table className="machines-table numeric">
            <thead>
              <tr>
                <th scope="col">Worker</th>
                <th scope="col">State</th>
                <th scope="col">Now</th>
                <th scope="col">Last heard</th>
                <th scope="col">Since</th>
                <th scope="col">Tiles</th>
                <th scope="col">Failed</th>
                <th scope="col">Tiles/s</th>
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
      <td>{duration(worker.silentSeconds)} ago</td>
      <td>{moment(worker.startedAt)}</td>
      <td>{count(worker.tiles)}</td>
      <td>{count(worker.failed)}</td>
      <td>{worker.tilesPerSecond === null ? '–' : rate(worker.tilesPerSecond)}</td>
    </tr>
  );
}

function Refused({ workers, runs }: { workers: readonly FleetWorker[]; runs: readonly FleetRun[] }) {
  const imageOf = (run: string) => runs.find(({ id }) => id === run)?.image ?? `run ${run.slice(0, 8)}`;
  return (
    <ul className="machines-refused" aria-label="Runs that workers leave to others">
      {workers.flatMap(({ name, refused }) =>
        refused.map(({ run, why }) => (
          <li key={`${name} ${run}`}>
            <strong>{name}</strong> leaves {imageOf(run)} to others: {why}
          </li>
        )),
      )}
    </ul>
  );
}
