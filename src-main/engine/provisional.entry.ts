/** Entry of the thread that merges what a run has so far: see provisional-findings.ts. */
import { parentPort } from 'node:worker_threads';
import { toPlainError } from '../contract/errors.ts';
import { CaseFile } from '../store/case-file.ts';
import { openProvisional, writeProvisional } from '../store/provisional-file.ts';
import { findingFrame } from './finding-frames.ts';
import type { FromMerger, ToMerger } from './provisional-findings.ts';
import { synthesize } from './synthesize.ts';
import { collectRegions } from './synthesize-regions.ts';

async function merge({ casePath, run: no, fingerprint, target }: ToMerger): Promise<FromMerger> {
  const before = process.threadCpuUsage();
  const caseFile = CaseFile.openReadOnly(casePath);
  try {
    const run = caseFile.runs.get(no);
    const regions = await collectRegions(caseFile, run);
    try {
      const { findings } = synthesize(caseFile, run, fingerprint, regions);
      writeProvisional(target, casePath, no, findings);
    } finally {
      regions?.close();
    }
    const written = openProvisional(target, casePath);
    const lastDecision = written.lastDecision();
    const frame = findingFrame(written.findings, no);
    const findings = written.findings.countFrom(no, run.threshold);
    written.leave();
    const { user, system } = process.threadCpuUsage(before);
    return { ok: true, findings, frame, lastDecision, cpuMs: (user + system) / 1000 };
  } finally {
    caseFile.close();
  }
}

parentPort?.on('message', (request: ToMerger) => {
  void merge(request)
    .catch((error: unknown): FromMerger => ({ ok: false, error: toPlainError(error) }))
    .then((answer) => {
      const transfer = answer.ok ? [answer.frame.buffer as ArrayBuffer] : [];
      parentPort?.postMessage(answer, transfer);
    });
});
