/** Opens a vision endpoint, and says where it is. */
import type { RemoteModel } from '../contract/model-remote.ts';
import type { SecretSource } from './secrets.ts';
import type { VisionEndpoint } from './vision-endpoint.ts';

/** Scheme, host and port, as a person is shown where tiles go. */
export function endpointOf(remote: RemoteModel): string {
  if (remote.baseUrl !== undefined) return new URL(remote.baseUrl).origin;
  const region = remote.api === 'bedrock-converse' ? remote.region : '';
  return `https://bedrock-runtime.${region}.amazonaws.com`;
}

/** Does what is sent there stay on this machine? */
export function isThisMachine(remote: RemoteModel): boolean {
  const { hostname } = new URL(endpointOf(remote));
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

export async function openEndpoint(remote: RemoteModel, secrets: SecretSource): Promise<VisionEndpoint> {
  // Each is loaded where it is used: Amazon's client alone is larger than all of ours.
  if (remote.api === 'openai-chat') {
    const { openAiChat } = await import('./openai-chat.ts');
    return openAiChat(remote, secrets);
  }
  const { bedrockConverse } = await import('./bedrock-converse.ts');
  return bedrockConverse(remote);
}
