/** The fleet as OpenMetrics text (https://prometheus.io/docs/specs/om/open_metrics_spec/), for whoever watches machines already. */
import type { FleetView } from '../contract/fleet.ts';

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

function family(
  name: string,
  type: 'gauge' | 'counter',
  help: string,
  samples: readonly [labels: Record<string, string>, value: number][],
): string {
  const suffix = type === 'counter' ? '_total' : '';
  const lines = samples.map(([labels, value]) => {
    const list = Object.entries(labels)
      .map(([key, text]) => `${key}="${escaped(text)}"`)
      .join(',');
    return `${name}${suffix}{${list}} ${value}`;
  });
  return [`# TYPE ${name} ${type}`, `# HELP ${name} ${help}`, ...lines, ''].join('\n');
}

export function openMetrics({ runs, workers }: FleetView): string {
  const chunks = runs.flatMap(({ id, chunks: { done, working, waiting, dead } }) =>
    Object.entries({ done, working, waiting, dead }).map(
      ([state, count]): [Record<string, string>, number] => [{ run: id, state }, count],
    ),
  );
  const tiles = runs.flatMap(({ id, tiles: { done, failed } }) =>
    Object.entries({ done, failed }).map(([state, count]): [Record<string, string>, number] => [
      { run: id, state },
      count,
    ]),
  );
  return [
    family('gigatile_chunks', 'gauge', 'Chunks of a run by state.', chunks),
    family('gigatile_tiles', 'gauge', 'Tiles of a run that have ended, by how.', tiles),
    family(
      'gigatile_run_tiles_per_second',
      'gauge',
      'Tiles of a run that ended in the last minute, by the second.',
      runs.map(({ id, tilesPerSecond }) => [{ run: id }, Number((tilesPerSecond ?? 0).toFixed(2))]),
    ),
    family(
      'gigatile_worker_silent_seconds',
      'gauge',
      'Since a worker was last heard of.',
      workers.map(({ name, silentSeconds }) => [{ worker: name }, Number(silentSeconds.toFixed(1))]),
    ),
    family(
      'gigatile_worker_tiles',
      'counter',
      'Tiles that a worker has ended since it was started.',
      workers.map(({ name, tiles: count }) => [{ worker: name }, count]),
    ),
    family(
      'gigatile_worker_tiles_per_second',
      'gauge',
      'Of its last chunk.',
      workers.map(({ name, tilesPerSecond }) => [{ worker: name }, Number((tilesPerSecond ?? 0).toFixed(2))]),
    ),
    '# EOF\n',
  ].join('');
}
