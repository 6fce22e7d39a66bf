/** A command is refused with this text, and has changed nothing. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
