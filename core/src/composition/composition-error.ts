/** Every way in which a composition is refused; `CompositionError.code` is stable. A test pins this list. */
export const COMPOSITION_ERRORS = Object.freeze([
  /** An option has a wrong type or value. */
  'COMPOSE_INVALID_OPTION',
  /** A consumer needs a facet that the architecture does not offer. */
  'COMPOSE_MISSING_FACET',
  /** A consumer needs a service that nobody provides. */
  'COMPOSE_MISSING_SERVICE',
  /** Two consumers of one name. */
  'COMPOSE_DUPLICATE_CONSUMER',
  /** Two consumers that cannot live together. */
  'COMPOSE_CONFLICT',
  /** A class that is no consumer. */
  'COMPOSE_NOT_A_CONSUMER',
  /** A consumer's `start` threw; `cause` is its error. */
  'COMPOSE_START_FAILED',
  /** `get` was asked for a consumer that was not composed. */
  'COMPOSE_NOT_COMPOSED',
  /** The kernel was disposed. */
  'COMPOSE_DISPOSED',
  /** An unknown quirk was switched. */
  'COMPOSE_UNKNOWN_QUIRK',
] as const);

/** A stable code of a composition error. */
export type CompositionErrorCode = (typeof COMPOSITION_ERRORS)[number];

/** A kernel that cannot be composed as asked: the message says why and what to change. */
export class CompositionError extends Error {
  override readonly name = 'CompositionError';
  readonly code: CompositionErrorCode;

  constructor(code: CompositionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
