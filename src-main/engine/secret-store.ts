/**
 * Keys and passwords that a person gives to the program: of endpoints, of a queue. A shell that has a keychain keeps them there; the
 * others only as long as the program runs. They are never written in plain text, into a case, a log or an export.
 */
import { GigatileError } from '../contract/errors.ts';
import type { SecretsView } from '../contract/settings.ts';

/** Where what is set stays. `why`: what a person is told who wonders why it is gone at the next start. */
export type SecretKeeping = { kept: 'keychain' } | { kept: 'until-quit'; why: string };

export interface SecretStore {
  keeping(): Promise<SecretKeeping>;
  /** Names only, sorted. */
  names(): Promise<string[]>;
  /** null where there is none. */
  get(name: string): Promise<string | null>;
  /** null takes it away. @throws {GigatileError} usage: a name or a value that is none */
  set(name: string, value: string | null): Promise<void>;
}

/** The whole address of the queue, with user and password. */
export const queueSecret = 'queue';

/** As environment variables are called, since keys of endpoints are named by one (`remote.apiKeyVariable`). */
const namePattern = /^[A-Za-z][A-Za-z0-9_]{0,99}$/;
const longestValue = 8192;

/** @throws {GigatileError} usage; the value is never named */
export function assertSecret(name: string, value: string | null): void {
  if (!namePattern.test(name)) {
    throw new GigatileError('usage', 'A key is named with letters, digits and underscores');
  }
  if (value === null) return;
  if (value.trim() === '' || value.length > longestValue || /\p{Cc}/u.test(value)) {
    throw new GigatileError('usage', `What was given for ${name} cannot be a key`, {
      hint: 'Paste the key alone, without line breaks.',
    });
  }
}

export async function secretsView(secrets: SecretStore): Promise<SecretsView> {
  const keeping = await secrets.keeping();
  return {
    names: await secrets.names(),
    untilQuit: keeping.kept === 'keychain' ? null : keeping.why,
  };
}

/** Where there is no keychain. */
export class MemorySecretStore implements SecretStore {
  readonly #why: string;
  readonly #values = new Map<string, string>();

  constructor(why: string) {
    this.#why = why;
  }

  keeping(): Promise<SecretKeeping> {
    return Promise.resolve({ kept: 'until-quit', why: this.#why });
  }

  names(): Promise<string[]> {
    return Promise.resolve([...this.#values.keys()].sort());
  }

  get(name: string): Promise<string | null> {
    return Promise.resolve(this.#values.get(name) ?? null);
  }

  async set(name: string, value: string | null): Promise<void> {
    assertSecret(name, value);
    if (value === null) this.#values.delete(name);
    else this.#values.set(name, value.trim());
  }
}
