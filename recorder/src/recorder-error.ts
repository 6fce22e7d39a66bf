/** Nothing can be recorded, as opposed to a script that fails: the cause, and what would help. */
export class RecorderError extends Error {
  override readonly name = 'RecorderError';
  readonly remedy: string | undefined;

  constructor(cause: string, remedy?: string) {
    super(cause);
    this.remedy = remedy;
  }
}
