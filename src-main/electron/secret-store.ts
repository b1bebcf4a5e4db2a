/**
 * Secrets in the keychain of the system: encrypted by Electron's safeStorage, as text in a file of the profile. Where the system
 * offers no keychain (or on Linux one that hides nothing, `basic_text`), they are kept in memory, and the screens say so.
 */
import { GigatileError } from '../contract/errors.ts';
import type { SafeStorage } from 'electron';
import { z } from 'zod';
import { JsonFile } from '../engine/json-file.ts';
import {
  assertSecret,
  MemorySecretStore,
  type SecretKeeping,
  type SecretStore,
} from '../engine/secret-store.ts';

export type Keychain = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>;

/** Name -> encrypted value, base64. */
const fileSchema = z.object({ version: z.literal(1), secrets: z.record(z.string(), z.base64()) });

class KeychainSecretStore implements SecretStore {
  readonly #keychain: Keychain;
  readonly #file: JsonFile<z.infer<typeof fileSchema>>;

  constructor(keychain: Keychain, path: string, onSetAside: (path: string, why: string) => void) {
    this.#keychain = keychain;
    this.#file = new JsonFile({
      path,
      schema: fileSchema,
      initial: { version: 1, secrets: {} },
      onSetAside,
      mode: 0o600,
    });
  }

  keeping(): Promise<SecretKeeping> {
    return Promise.resolve({ kept: 'keychain' });
  }

  names(): Promise<string[]> {
    return Promise.resolve(Object.keys(this.#file.read().secrets).sort());
  }

  /**
   * null where there is none.
   * @throws {GigatileError} io where the keychain does not open it: it may only be locked, so that nothing is thrown away
   */
  async get(name: string): Promise<string | null> {
    const stored = this.#file.read().secrets[name];
    if (stored === undefined) return null;
    let opened;
    try {
      opened = await this.#keychain.decryptStringAsync(Buffer.from(stored, 'base64'));
    } catch (cause) {
      throw new GigatileError('io', `The keychain does not open the key that is stored as ${name}`, {
        hint: 'Unlock the keychain of this system and try again, or store the key anew in the settings.',
        cause,
      });
    }
    if (opened.shouldReEncrypt) await this.set(name, opened.result);
    return opened.result;
  }

  async set(name: string, value: string | null): Promise<void> {
    assertSecret(name, value);
    const encrypted = value === null ? null : await this.#keychain.encryptStringAsync(value.trim());
    // Read after the wait: another secret may have been set meanwhile.
    const { [name]: _before, ...others } = this.#file.read().secrets;
    const secrets = encrypted === null ? others : { ...others, [name]: encrypted.toString('base64') };
    this.#file.write({ version: 1, secrets });
  }
}

/** @param path absolute, `secrets.json` of the profile. To be called when the application is ready. */
export async function openSecretStore(
  keychain: Keychain,
  platform: NodeJS.Platform,
  path: string,
  onSetAside: (path: string, why: string) => void,
): Promise<SecretStore> {
  if (!(await keychain.isAsyncEncryptionAvailable())) {
    return new MemorySecretStore('This system offers no keychain.');
  }
  if (platform === 'linux' && ['basic_text', 'unknown'].includes(keychain.getSelectedStorageBackend())) {
    return new MemorySecretStore('No keyring (GNOME Keyring, KWallet) runs in this session.');
  }
  return new KeychainSecretStore(keychain, path, onSetAside);
}
