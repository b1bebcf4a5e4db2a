/** What a page's own thread did in each frame, out of a trace of Chromium. */
import type { Browser, Page } from 'playwright-core';

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds. */
  ts: number;
  dur?: number;
  /** Processor time. */
  tdur?: number;
}

export interface FrameCost {
  /** Milliseconds of JavaScript with what it calls: elapsed, and of processor time. */
  elapsed: number;
  processor: number;
}

/** Everything that runs a page's code, and cleaning up after it. */
const scripts = new Set([
  'EvaluateScript',
  'EventDispatch',
  'FireAnimationFrame',
  'FireIdleCallback',
  'FunctionCall',
  'MajorGC',
  'MinorGC',
  'RunMicrotasks',
  'TimerFire',
]);
const frameBegins = 'AnimationFrame';
const categories = ['devtools.timeline', 'v8'];

/** Traces while `work` goes on. @returns frames in which the page's code ran */
export async function framesDuring(
  browser: Browser,
  page: Page,
  work: () => Promise<void>,
): Promise<FrameCost[]> {
  await browser.startTracing(page, { categories });
  await work();
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  return costs(trace.traceEvents);
}

function costs(events: readonly TraceEvent[]): FrameCost[] {
  // The thread that runs most scripts is the page's: workers and other pages have none to speak of.
  const perThread = new Map<string, TraceEvent[]>();
  for (const event of events) {
    if (!(event.name === frameBegins && event.ph === 'b') && !scripts.has(event.name)) continue;
    const thread = `${event.pid} ${event.tid}`;
    const own = perThread.get(thread) ?? [];
    own.push(event);
    perThread.set(thread, own);
  }
  const [main = []] = [...perThread.values()].toSorted((a, b) => b.length - a.length);
  main.sort((a, b) => a.ts - b.ts);
  const frames: FrameCost[] = [];
  let frame: FrameCost | null = null;
  let coveredTo = 0;
  for (const { name, ts, dur = 0, tdur, ph } of main) {
    if (name === frameBegins) {
      if (frame !== null && frame.elapsed > 0) frames.push(frame);
      frame = { elapsed: 0, processor: 0 };
    } else if (ph === 'X' && frame !== null && ts >= coveredTo) {
      // What lies in one that was counted is counted.
      coveredTo = ts + dur;
      frame.elapsed += dur / 1000;
      frame.processor += (tdur ?? dur) / 1000;
    }
  }
  if (frames.length === 0) throw new Error('the trace tells of no frame: this Chromium calls it otherwise');
  return frames;
}

/** The value that 95 of 100 do not exceed. */
export function p95(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))] ?? NaN;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
