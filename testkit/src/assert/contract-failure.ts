/** A promise that was not kept. */
export class ContractFailure extends Error {
  override readonly name = 'ContractFailure';

  /** The same failure, with the case that found it in front. */
  named(title: string): ContractFailure {
    return new ContractFailure(`${title}\n  ${this.message}`, { cause: this });
  }
}
