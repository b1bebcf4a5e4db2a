/** A run's progress for people (one line that rewrites itself on a terminal) or for programs (JSON lines). */
import { formatError } from '../contract/errors.ts';
import type { RunEvent } from '../contract/run.ts';

export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

const barWidth = 24;

function bar(fraction: number): string {
  const filled = Math.round(fraction * barWidth);
  return '█'.repeat(filled) + '░'.repeat(barWidth - filled);
}

/** Of a large image without tiles. */
export function preparationLine(fraction: number): string {
  return `${bar(fraction)} preparing the image … ${Math.floor(fraction * 100)} %`;
}

export function progressLine(event: RunEvent): string {
  const { run, tilesPerSecond, etaSeconds, preparation, tuning, gate } = event;
  if (preparation !== undefined) return preparationLine(preparation);
  if (tuning !== undefined) {
    return `${bar(tuning)} measuring how the model runs quickest here … ${Math.floor(tuning * 100)} %`;
  }
  if (gate !== undefined)
    return `${bar(gate)} the content gate looks through the image … ${Math.floor(gate * 100)} %`;
  const { total, skipped, done, failed } = run.tiles;
  const toDo = total - skipped;
  if (total === 0) return 'looking through the image …';
  const fraction = toDo === 0 ? 1 : (done + failed) / toDo;
  const rate = tilesPerSecond === null ? '' : `  ${tilesPerSecond.toFixed(1)} tiles/s`;
  const eta = etaSeconds === null ? '' : `  ETA ${duration(etaSeconds)}`;
  const failures = failed > 0 ? `  ${failed} failed` : '';
  return `${bar(fraction)} ${(fraction * 100).toFixed(1)} %  ${done + failed}/${toDo} tiles (${skipped} skipped)${rate}${eta}${failures}`;
}

export interface ProgressPrinter {
  show(event: RunEvent): void;
  /** Leaves the line, so that what comes next starts on its own. */
  end(): void;
}

/** A line on stderr that rewrites itself on a terminal, and comes again every five seconds elsewhere. */
export function linePrinter(): { show(line: string): void; end(): void } {
  const terminal = process.stderr.isTTY;
  let last = 0;
  let isShown = false;
  return {
    show(line) {
      if (terminal) {
        isShown = true;
        process.stderr.write(`\r\u001B[2K${line.slice(0, (process.stderr.columns || 100) - 1)}`);
      } else if (Date.now() - last >= 5000) {
        last = Date.now();
        process.stderr.write(`${line}\n`);
      }
    },
    end() {
      if (isShown) process.stderr.write('\n');
    },
  };
}

function tellTrouble({ run, lastError }: RunEvent, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ event: 'trouble', run: run.id, error: lastError })}\n`);
    return;
  }
  // A line of its own, also where the progress rewrites its line.
  const start = process.stderr.isTTY ? '\r\u001B[2K' : '';
  process.stderr.write(`${start}${lastError === null ? 'The run goes on.' : formatError(lastError)}\n`);
}

export function progressPrinter(json: boolean): ProgressPrinter {
  const printer = linePrinter();
  let last = 0;
  let lastPhase = '';
  let lastTrouble = '';
  return {
    show(event) {
      const now = Date.now();
      // What a run waits for, once for each thing that it is, and that it is over; a run that has ended says so itself.
      const trouble = event.lastError === null ? '' : formatError(event.lastError);
      if (event.run.state === 'running' && trouble !== lastTrouble) {
        lastTrouble = trouble;
        tellTrouble(event, json);
      }
      if (json) {
        const { run, tilesPerSecond, etaSeconds, preparation, tuning, gate } = event;
        // Once a second, and at once where something else begins: short phases are told too.
        const phases = { preparation, tuning, gate };
        const phase = Object.entries(phases).find(([, fraction]) => fraction !== undefined)?.[0] ?? run.step;
        if (now - last < 1000 && phase === lastPhase) return;
        last = now;
        lastPhase = phase;
        const line = {
          event: 'progress',
          run: run.id,
          step: run.step,
          tiles: run.tiles,
          tilesPerSecond,
          etaSeconds,
          ...(preparation !== undefined && { preparation }),
          ...(tuning !== undefined && { tuning }),
          ...(gate !== undefined && { gate }),
        };
        process.stdout.write(`${JSON.stringify(line)}\n`);
      } else printer.show(progressLine(event));
    },
    end() {
      printer.end();
    },
  };
}
