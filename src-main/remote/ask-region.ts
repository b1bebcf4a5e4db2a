/** Asks about one tile: the question, and where the answer is of no use, once more with what was wrong with it. */
import type { ModelManifest } from '../contract/model.ts';
import type { RemoteModel } from '../contract/model-remote.ts';
import type { Picture, Tokens, VisionEndpoint } from './vision-endpoint.ts';
import { EndpointFailure, failed } from './failure.ts';
import { readRegion, regionQuestion, type Region } from './region-answer.ts';

/** An answer that is sent back to be mended is quoted to that many characters. */
const longestQuoted = 20_000;

/**
 * @param onAnswer for each answer that came, also one of no use: it is paid for
 * @throws {EndpointFailure}; the signal's reason where it was aborted
 */
export async function askRegion(
  endpoint: VisionEndpoint,
  manifest: ModelManifest,
  remote: RemoteModel,
  picture: Picture,
  onAnswer: (tokens: Tokens) => void,
  signal: AbortSignal,
): Promise<Region> {
  const question = regionQuestion(manifest, remote, picture);
  let repair = question.repair;
  for (let turn = 1; ; turn++) {
    const answer = await endpoint.ask({ ...question, repair }, signal);
    onAnswer(answer.tokens);
    if (answer.trouble === 'refused') {
      throw new EndpointFailure('permanent', failed('The endpoint refuses to say anything about this tile'));
    }
    const read = readRegion(answer.text, manifest);
    if (!('problem' in read)) return read;
    if (answer.trouble === 'cut') {
      throw new EndpointFailure(
        'permanent',
        failed(
          `The answer ended at ${remote.maxTokens} tokens, in the middle`,
          'Make remote.maxTokens larger, or the tiles smaller.',
        ),
      );
    }
    if (turn === 2) {
      throw new EndpointFailure(
        'permanent',
        failed(
          `The answer is of no use, also when asked again: ${read.problem.replace(/\.$/, '')}`,
          'Another model, or a clearer remote.prompt, may do.',
        ),
      );
    }
    repair = {
      answer: answer.text.slice(0, longestQuoted),
      problem: `That cannot be used: ${read.problem} Answer again, with the corrected JSON object and nothing else.`,
    };
  }
}
