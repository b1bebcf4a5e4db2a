/** A run's progress for people (one line that rewrites itself on a terminal) or for programs (JSON lines). */
import type { RunEvent } from '../contract/run.ts';

function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

const barWidth = 24;

export function progressLine({ run, tilesPerSecond, etaSeconds }: RunEvent): string {
  const { total, skipped, done, failed } = run.tiles;
  const toDo = total - skipped;
  if (total === 0) return 'looking through the image …';
  const fraction = toDo === 0 ? 1 : (done + failed) / toDo;
  const filled = Math.round(fraction * barWidth);
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
  const rate = tilesPerSecond === null ? '' : `  ${tilesPerSecond.toFixed(1)} tiles/s`;
  const eta = etaSeconds === null ? '' : `  ETA ${duration(etaSeconds)}`;
  const failures = failed > 0 ? `  ${failed} failed` : '';
  return `${bar} ${(fraction * 100).toFixed(1)} %  ${done + failed}/${toDo} tiles (${skipped} skipped)${rate}${eta}${failures}`;
}

export interface ProgressPrinter {
  show(event: RunEvent): void;
  /** Leaves the line, so that what comes next starts on its own. */
  end(): void;
}

export function progressPrinter(json: boolean): ProgressPrinter {
  const terminal = process.stderr.isTTY;
  let last = 0;
  return {
    show(event) {
      const now = Date.now();
      if (json) {
        const { run, tilesPerSecond, etaSeconds } = event;
        if (now - last < 1000) return;
        last = now;
        const line = {
          event: 'progress',
          run: run.id,
          step: run.step,
          tiles: run.tiles,
          tilesPerSecond,
          etaSeconds,
        };
        process.stdout.write(`${JSON.stringify(line)}\n`);
      } else if (terminal) {
        process.stderr.write(
          `\r\u001B[2K${progressLine(event).slice(0, (process.stderr.columns || 100) - 1)}`,
        );
      } else if (now - last >= 5000) {
        last = now;
        process.stderr.write(`${progressLine(event)}\n`);
      }
    },
    end() {
      if (!json && terminal) process.stderr.write('\n');
    },
  };
}
