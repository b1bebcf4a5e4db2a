/** What a test file has started, ended in reverse order, also where its set-up failed half-way. */
export class Cleanup {
  readonly #steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** For `afterAll`. @throws {AggregateError} where steps failed, after all have been tried. */
  readonly run = async (): Promise<void> => {
    const errors: unknown[] = [];
    for (const step of this.#steps.splice(0).toReversed()) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'clean-up failed');
  };
}
