/** What was asked for cannot be made: the message says what was wrong and what would help. Nothing has been written. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
}
