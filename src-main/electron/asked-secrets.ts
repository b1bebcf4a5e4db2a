/** The secret store as the engine's process sees it: main has the keychain, and answers. */
import type { SecretKeeping, SecretStore } from '../engine/secret-store.ts';
import type { SecretQuestion } from './engine-messages.ts';

/** The engine's side. What comes back was said by our own main process, by the same interface. */
export function askedSecrets(ask: (question: SecretQuestion) => Promise<unknown>): SecretStore {
  return {
    keeping: async () => (await ask({ ask: 'secrets', method: 'keeping', given: [] })) as SecretKeeping,
    names: async () => (await ask({ ask: 'secrets', method: 'names', given: [] })) as string[],
    get: async (name) => (await ask({ ask: 'secrets', method: 'get', given: [name] })) as string | null,
    set: async (name, value) => {
      await ask({ ask: 'secrets', method: 'set', given: [name, value] });
    },
  };
}

/** Main's side. */
export function answerSecrets(store: SecretStore, question: SecretQuestion): Promise<unknown> {
  switch (question.method) {
    case 'keeping':
      return store.keeping();
    case 'names':
      return store.names();
    case 'get':
      return store.get(...question.given);
    case 'set':
      return store.set(...question.given);
  }
}
