/** Every way in which a composition is refused; the `code` of the error is stable. A test pins this list. */
export const COMPOSITION_ERRORS = Object.freeze([
  /** An option has a wrong type or value: a TypeError. */
  'COMPOSE_INVALID_OPTION',
  /** Something among the plugins that is none: a TypeError. */
  'COMPOSE_NOT_A_PLUGIN',
  /** A plugin needs a facet that the architecture does not offer. */
  'COMPOSE_MISSING_FACET',
  /** A plugin needs a part that nobody provides. */
  'COMPOSE_MISSING_PART',
  /** Two plugins of one name. */
  'COMPOSE_DUPLICATE_PLUGIN',
  /** Two plugins that provide the same. */
  'COMPOSE_PROVIDED_TWICE',
  /** Two plugins that cannot live together. */
  'COMPOSE_CONFLICT',
  /** Parts that cannot be made without each other. */
  'COMPOSE_CIRCULAR',
  /** A consumer's `start` threw; `cause` is its error. */
  'COMPOSE_START_FAILED',
  /** `get` was asked for something that was not composed. */
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

/** Something in a composition is not what it must be: the message names the argument. */
export class CompositionTypeError extends TypeError {
  override readonly name = 'CompositionTypeError';
  readonly code: CompositionErrorCode;

  constructor(code: CompositionErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** An option of a wrong type or value. */
export function invalidOption(message: string): CompositionTypeError {
  return new CompositionTypeError('COMPOSE_INVALID_OPTION', message);
}

/** Something among the plugins that is none. */
export function notAPlugin(message: string): CompositionTypeError {
  return new CompositionTypeError('COMPOSE_NOT_A_PLUGIN', message);
}
