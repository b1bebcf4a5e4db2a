/** What a run was computed on, for the report: kind of machine, not which one. */
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';

/** "linux x64, AMD EPYC 7763, 8 cores, 32 GiB" */
export function machineWords(): string {
  const model = (cpus()[0]?.model ?? '').replaceAll(/\s+/g, ' ').trim();
  const cores = availableParallelism();
  return [
    `${platform()} ${arch()}`,
    ...(model === '' ? [] : [model]),
    `${cores} ${cores === 1 ? 'core' : 'cores'}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
  ].join(', ');
}
