/** A promise that was not kept. */
export class ContractFailure extends Error {
  override readonly name = 'ContractFailure';

  /** The same failure, with the case that found it in front: the first line says all that is needed. */
  named(title: string): ContractFailure {
    return new ContractFailure(`${title}: ${this.message}`, { cause: this });
  }
}
