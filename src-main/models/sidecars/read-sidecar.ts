/** A sidecar's text as data of the form that its convention lays down: untrusted, so every field is checked before it is used. */
import { basename, join } from 'node:path';
import type { z } from 'zod';
import { GigatileError } from '../../contract/errors.ts';
import type { ModelFolder } from '../convention.ts';

/** A sidecar, for error messages. */
export interface Sidecar {
  /** Absolute path. */
  path: string;
  /** Base name. */
  name: string;
}

export function sidecarAt(folder: ModelFolder, name: string): Sidecar {
  return { path: join(folder.path, name), name };
}

/** What a sidecar says is wrong, or nothing that can be done here. */
export function wrongSidecar(
  sidecar: Sidecar,
  field: string,
  message: string,
  hint = 'Correct it, or describe the model in a gigatile.json beside it.',
): GigatileError {
  return new GigatileError('model-invalid', `${sidecar.name} is wrong: ${field} ${message}`, {
    where: `${sidecar.path}, ${field}`,
    hint,
  });
}

/** A step, task or option that is known and not done here, or not known at all: by name. */
export function refusedBySidecar(sidecar: Sidecar, field: string, what: string): GigatileError {
  return new GigatileError('model-invalid', `${sidecar.name} asks for what cannot be done here: ${what}`, {
    where: `${sidecar.path}, ${field}`,
    hint: 'Export the model with this step inside, or describe it in a gigatile.json if it can do without.',
  });
}

/** @throws {GigatileError} model-invalid */
export function parseJson(text: string, sidecar: Sidecar): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new GigatileError('model-invalid', `${sidecar.name} is no JSON`, {
      where: sidecar.path,
      hint: `${said}.`,
      cause,
    });
  }
}

/** @throws {GigatileError} model-invalid, naming the first wrong field */
export function checked<T>(schema: z.ZodType<T>, data: unknown, sidecar: Sidecar): T {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.map(String).join('.') ?? '';
  throw wrongSidecar(sidecar, field === '' ? 'its content' : field, `is not valid: ${issue?.message ?? ''}`);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The last part of a path or an address: `https://host/a/weights.onnx?download=1` is `weights.onnx`. */
export function lastPart(source: string): string {
  const plain = /^[a-z][a-z0-9+.-]*:\/\//i.test(source) ? source.replace(/[?#].*$/s, '') : source;
  return basename(plain.replaceAll('\\', '/'));
}

/** Models in the folder; a sidecar that names none describes the only one. */
export function modelsIn(folder: ModelFolder): string[] {
  return folder.names.filter((name) => /\.onnx$/i.test(name));
}
