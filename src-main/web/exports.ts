/** `GET /exports/<caseId>/<runId>/<format>`: makes an export in a temporary folder, sends it, and removes the folder. */
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { GigatileError } from '../contract/errors.ts';
import type { Engine } from '../engine/shell.ts';

const pattern = /^\/exports\/([\w.~-]+)\/([\w.~-]+)\/([a-z][a-z-]*)$/;

/** `filename` for old readers, `filename*` (RFC 8187) for everything beyond ASCII. */
export function attachment(name: string): string {
  const ascii = name.replaceAll(/[^\w .()+-]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*!]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/**
 * Answers and says true where the path is an export's. The head is sent only when the export is complete on disk, so that a
 * failure is an error for the screen and never half a file.
 *
 * @throws {GigatileError} what the engine says; nothing has been sent then.
 */
export async function serveExport(
  engine: Engine,
  path: string,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<boolean> {
  const match = pattern.exec(path);
  if (match === null) return false;
  const [, caseId = '', runId = '', format = ''] = match;
  const made = await engine.exportToTemporary(caseId, runId, format, signal);
  try {
    const info = await stat(made.path);
    if (!info.isFile()) {
      throw new GigatileError('usage', `The export ${format} is a folder and cannot be downloaded`, {
        hint: `Write it with \`gigatile export <case> --format ${format} --out <folder>\`.`,
      });
    }
    response.statusCode = 200;
    response.setHeader('Content-Type', made.type);
    response.setHeader('Content-Length', info.size);
    response.setHeader('Content-Disposition', attachment(made.name));
    response.setHeader('Cache-Control', 'no-store');
    await pipeline(createReadStream(made.path), response, { signal });
  } finally {
    await rm(made.folder, { recursive: true, force: true });
  }
  return true;
}
