/** What a run has cost, and whether it may go on. */
import type { Budget, RemoteModel, RemoteUsage } from '../contract/model-remote.ts';
import { GigatileError } from '../contract/errors.ts';
import type { Tokens } from './vision-endpoint.ts';

/** USD, or null where the description states no prices. */
export function priceOf(remote: RemoteModel, tokens: Tokens): number | null {
  const { pricePerMillionInputTokens: input, pricePerMillionOutputTokens: output } = remote;
  if (input === undefined || output === undefined) return null;
  return (tokens.input * input + tokens.output * output) / 1e6;
}

export const nothingUsed: RemoteUsage = { requests: 0, inputTokens: 0, outputTokens: 0, usd: null };

export function added(before: RemoteUsage, more: RemoteUsage): RemoteUsage {
  return {
    requests: before.requests + more.requests,
    inputTokens: before.inputTokens + more.inputTokens,
    outputTokens: before.outputTokens + more.outputTokens,
    usd: before.usd === null && more.usd === null ? null : (before.usd ?? 0) + (more.usd ?? 0),
  };
}

/** What counts against the budget, in its unit. */
export function spentOf(budget: Budget, usage: RemoteUsage): number {
  return 'usd' in budget ? (usage.usd ?? 0) : usage.inputTokens + usage.outputTokens;
}

export function limitOf(budget: Budget): number {
  return 'usd' in budget ? budget.usd : budget.tokens;
}

export function budgetReached(budget: Budget, usage: RemoteUsage): GigatileError {
  const spent = spentOf(budget, usage);
  const message =
    'usd' in budget
      ? `The budget of ${budget.usd} USD is used up (${Number(spent.toPrecision(3))} USD spent)`
      : `The budget of ${budget.tokens} tokens is used up (${spent} spent)`;
  return new GigatileError('budget-reached', message, {
    hint: 'Nothing is lost. Resume the run with a larger budget (on the command line: gigatile resume <case> --budget …).',
  });
}

/**
 * Lets questions through as long as the budget has room for them and for those that are under way, each taken to cost what the
 * dearest so far did. So the budget is not passed by more than that one answer was dearer than any before.
 */
export class BudgetGate {
  readonly #budget: Budget | null;
  #usage: RemoteUsage;
  #dearest = 0;
  #underWay = 0;

  constructor(budget: Budget | null, spentBefore: RemoteUsage) {
    this.#budget = budget;
    this.#usage = spentBefore;
    // After a rest the mean of what was asked before stands for the dearest.
    if (budget !== null && spentBefore.requests > 0) {
      this.#dearest = spentOf(budget, spentBefore) / spentBefore.requests;
    }
  }

  get usage(): RemoteUsage {
    return this.#usage;
  }

  /** `wait`: when what is under way has come back it can be told. */
  ask(): 'go' | 'wait' | 'over' {
    if (this.#budget === null) return 'go';
    const left = limitOf(this.#budget) - spentOf(this.#budget, this.#usage);
    if (left <= 0) return this.#underWay === 0 ? 'over' : 'wait';
    if (this.#underWay === 0) return left >= this.#dearest ? 'go' : 'over';
    return this.#dearest > 0 && left >= this.#dearest * (this.#underWay + 1) ? 'go' : 'wait';
  }

  begin(): void {
    this.#underWay++;
  }

  end(cost: RemoteUsage): void {
    this.#underWay--;
    this.#usage = added(this.#usage, cost);
    if (this.#budget !== null) this.#dearest = Math.max(this.#dearest, spentOf(this.#budget, cost));
  }
}
