/** Where keys come from. They are asked for when they are needed and kept nowhere: not in the case, not in messages, not in errors. */
import { GigatileError } from '../contract/errors.ts';

export interface SecretSource {
  /** null where there is no such secret. */
  get(name: string): Promise<string | null>;
}

/** Environment variables, as servers and scripts hold keys. */
export function environmentSecrets(environment: Readonly<Record<string, string | undefined>>): SecretSource {
  return {
    get: (name) => {
      const value = environment[name]?.trim();
      return Promise.resolve(value === undefined || value === '' ? null : value);
    },
  };
}

/** The first of them that knows it. */
export function firstOf(...sources: readonly SecretSource[]): SecretSource {
  return {
    async get(name) {
      for (const source of sources) {
        const value = await source.get(name);
        if (value !== null) return value;
      }
      return null;
    },
  };
}

/** One key, under whatever name it is asked for. */
export function oneSecret(value: string): SecretSource {
  return { get: () => Promise.resolve(value) };
}

/** @throws {GigatileError} endpoint-refused, naming the variable and never its value */
export async function neededSecret(source: SecretSource, name: string): Promise<string> {
  const value = await source.get(name);
  if (value === null) {
    throw new GigatileError('endpoint-refused', `The key for the endpoint is not set: ${name} is empty`, {
      hint: `Store the key under this name in the settings, or set the environment variable ${name} to it; then resume the run.`,
    });
  }
  // What a header cannot hold would come back in the error of whoever builds the header.
  if (!/^[\x21-\x7e]+$/.test(value)) {
    throw new GigatileError(
      'endpoint-refused',
      `What ${name} holds is no key: it has spaces or other signs in it`,
      {
        hint: `Set the environment variable ${name} to the endpoint's key alone, then resume the run.`,
      },
    );
  }
  return value;
}

/** A text from outside, without the secret, whoever quoted it. */
export function withoutSecret(text: string, secret: string | null): string {
  return secret === null || secret.length < 4 ? text : text.replaceAll(secret, '[key]');
}
