export {
  ADDRESS,
  checkOptions,
  FLAG,
  FUNCTION,
  type Kind,
  kind,
  type MisuseError,
  objectWith,
  oneOf,
  requireKind,
  shown,
  TEXT,
  wholeNumber,
} from './check-values.js';
export { CORE_ERRORS, type CoreErrorCode } from './codes.js';
export { ERRNO, type Errno } from './errno.js';
export { coreError, type ErrorDetails, KernelError } from './kernel-error.js';
