import type { PerfEventAttr } from '../attr/perf-event-attr.js';
import type { Scanner } from './scanner.js';

/** What modifiers set. */
export type Modified = Pick<
  PerfEventAttr,
  | 'exclude_user'
  | 'exclude_kernel'
  | 'exclude_hv'
  | 'exclude_idle'
  | 'exclude_host'
  | 'exclude_guest'
  | 'pinned'
  | 'exclusive'
  | 'precise_ip'
> & { readonly sampleRead?: boolean };

/** Without modifiers: perf leaves guests out. */
export const UNMODIFIED: Modified = Object.freeze({ exclude_guest: true });

const LETTERS = /[a-zA-Z]+/y;
const MOST_PRECISE = 3;
const MEANINGS =
  'u user, k kernel, h hypervisor, p precise (up to ppp, or P), G guest, H host, I not idle, S read the group, D pinned, e exclusive';

/**
 * Reads modifiers, and adds them to those of the event (its own come before its group's). u, k and h select modes: the
 * first of them excludes the other two. May be empty. Throws a KernelError EINVAL for a letter that is none, or is
 * there twice.
 */
export function readModifiers(scanner: Scanner, before: Modified): Modified {
  const start = scanner.at;
  const letters = scanner.take(LETTERS);
  const modified: { -readonly [name in keyof Modified]: Modified[name] } = { ...before };
  let modes = Boolean(before.exclude_user || before.exclude_kernel || before.exclude_hv);
  let hosts = Boolean(before.exclude_host);
  const chooseMode = (mode: 'exclude_user' | 'exclude_kernel' | 'exclude_hv'): void => {
    if (!modes) modified.exclude_user = modified.exclude_kernel = modified.exclude_hv = true;
    modes = true;
    modified[mode] = false;
  };
  const chooseHost = (host: 'exclude_host' | 'exclude_guest'): void => {
    if (!hosts) modified.exclude_host = modified.exclude_guest = true;
    hosts = true;
    modified[host] = false;
  };
  for (const [i, letter] of [...letters].entries()) {
    if (letter !== 'p' && letters.indexOf(letter) < i) {
      throw scanner.error(`'${letter}' is there twice: write each modifier once`, start + i);
    }
    switch (letter) {
      case 'u':
        chooseMode('exclude_user');
        break;
      case 'k':
        chooseMode('exclude_kernel');
        break;
      case 'h':
        chooseMode('exclude_hv');
        break;
      case 'G':
        chooseHost('exclude_guest');
        break;
      case 'H':
        chooseHost('exclude_host');
        break;
      case 'I':
        modified.exclude_idle = true;
        break;
      case 'S':
        modified.sampleRead = true;
        break;
      case 'D':
        modified.pinned = true;
        break;
      case 'e':
        modified.exclusive = true;
        break;
      case 'p':
        modified.precise_ip = (modified.precise_ip ?? 0) + 1;
        if (modified.precise_ip <= MOST_PRECISE) break;
        throw scanner.error(`more than ${MOST_PRECISE} 'p': nothing is more precise than ppp`, start + i);
      case 'P':
        // As precise as can be: breakpoints and software events have nothing to be precise about.
        break;
      default:
        throw scanner.error(`'${letter}' is no modifier: ${MEANINGS}`, start + i);
    }
  }
  return withoutFalse(modified);
}

function withoutFalse(modified: Modified): Modified {
  return Object.fromEntries(Object.entries(modified).filter(([, value]) => value !== false));
}
