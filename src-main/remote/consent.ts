/** What a person agrees to before tiles go to an endpoint. */
import { GigatileError } from '../contract/errors.ts';
import type { ModelManifest } from '../contract/model.ts';
import type { RemoteConsent, RemoteModel } from '../contract/model-remote.ts';
import { endpointOf, isThisMachine } from './endpoint.ts';

/** What is sent, and what is not; a sentence each. */
export function whatLeaves(remote: RemoteModel): string[] {
  const { imageEdge, imageFormat, model } = remote;
  const where = isThisMachine(remote)
    ? `${endpointOf(remote)}, which is this machine (what runs there may pass them on)`
    : endpointOf(remote);
  return [
    `Pictures of the tiles (${imageFormat.toUpperCase()}, up to ${imageEdge} px) and the prompt of the model's description are sent to ${where}, for the model ${model}.`,
    'With --describe remote, so are the labels and sentences that came back.',
    "Not sent: the file's name and folder, the slide's label and macro pictures, the scanner's properties, decisions, names of reviewers.",
  ];
}

export function consentTo(remote: RemoteModel, who: string): RemoteConsent {
  return { who, endpoint: endpointOf(remote), model: remote.model, leaves: whatLeaves(remote) };
}

/** Of the same endpoint and model: another one is another question. */
export function covers(consent: RemoteConsent, remote: RemoteModel): boolean {
  return consent.endpoint === endpointOf(remote) && consent.model === remote.model;
}

export function consentNeeded(manifest: ModelManifest, remote: RemoteModel): GigatileError {
  return new GigatileError(
    'consent-needed',
    `${manifest.name} runs on another computer, and nobody agreed for this case that tiles go there`,
    {
      where: endpointOf(remote),
      hint: `${whatLeaves(remote).join(' ')} If that is all right, agree to it (on the command line: --allow-remote).`,
    },
  );
}
