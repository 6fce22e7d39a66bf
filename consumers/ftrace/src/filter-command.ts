import type { AccessType } from './access-type.js';
import { ftraceError } from './errors.js';

/** What a write to `ksym_trace_filter` asks for. */
export type FilterCommand =
  | { readonly action: 'clear' }
  | { readonly action: 'remove'; readonly symbol: string }
  | { readonly action: 'watch'; readonly symbol: string; readonly type: AccessType };

const CLEAR: ReadonlySet<string> = new Set(['', '0', '*:---']);
/** What the kernel's isspace() accepts in ASCII. */
const SURROUNDING_SPACE = /^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g;

/** The text without white space around it. */
export function strip(text: string): string {
  return text.replace(SURROUNDING_SPACE, '');
}

/** A character that is not the one its position asks for is ignored: `xw-` is `-w-`. */
function parseOps(ops: string, text: string): AccessType {
  if (ops[2] === 'x') {
    throw ftraceError('KSYM_BAD_OPS', `'${text}': the tracer watches data, not execution; use r--, -w- or rw-`, {
      ops,
    });
  }
  const type = `${ops[0] === 'r' ? 'r' : ''}${ops[1] === 'w' ? 'w' : ''}`;
  if (type === 'r' || type === 'w' || type === 'rw') return type;
  throw ftraceError(
    'KSYM_BAD_OPS',
    `'${text}': '${ops}' asks for no access: r stands first, w second; use r--, -w- or rw-, or --- to remove the symbol`,
    { ops },
  );
}

/**
 * Parses a write (Linux 2.6.31 to 2.6.37, kernel/trace/trace_ksym.c, with the documented intent of `---`): the empty
 * text, `0` and `*:---` remove everything; `symbol:---` removes one symbol; `symbol:ops` watches it. The text is split
 * at its first colon. Only `---` itself removes: other ops without r and w are a mistake, EINVAL, as in every kernel.
 * Throws EINVAL.
 */
export function parseFilterCommand(written: string): FilterCommand {
  const text = strip(written);
  if (CLEAR.has(text)) return { action: 'clear' };
  const colon = text.indexOf(':');
  if (colon < 0) {
    throw ftraceError('KSYM_MALFORMED', `'${text}' has no colon; write symbol:ops, such as pid_max:rw-`, { text });
  }
  const symbol = text.slice(0, colon);
  const ops = text.slice(colon + 1);
  if (ops.length !== 3) {
    const hint = ops.includes(':') ? '; the symbol is written without a module' : '';
    throw ftraceError(
      'KSYM_MALFORMED',
      `'${text}': the ops are three characters, such as rw-, got '${ops}' after the first colon${hint}`,
      { text, ops },
    );
  }
  if (ops === '---') return { action: 'remove', symbol };
  return { action: 'watch', symbol, type: parseOps(ops, text) };
}
