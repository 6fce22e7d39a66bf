import type { Breakpoint, Hit, Kernel } from '@hwbp/core';
import { KernelError } from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import { usageError } from '../errors.js';
import { BP_TYPE, type Watch } from './watch.js';

/** Name under which the command holds the registers that the tracer does not. */
const OWNER = 'replay';
/** The tracer watches this many bytes of a symbol, always. */
const TRACED_BYTES = 4;

/** Called in the debug exception of each hit. */
export type WatchListener = (watch: Watch, hit: Hit) => void;

/**
 * Sets the watches: variables of 4 bytes given by name go through the ksym tracer, as its users would write them; all
 * others through the core breakpoint API. Returns whose each breakpoint is. Throws a usage error for a watch that the
 * kernel refuses.
 */
export function placeWatches(
  kernel: Kernel,
  watches: readonly Watch[],
  listener: WatchListener,
): ReadonlyMap<Breakpoint, Watch> {
  const owners = new Map<Breakpoint, Watch>();
  const tracer = kernel.get(KsymTracer);
  tracer.files.write('current_tracer', 'ksym_tracer');
  // Hits are told as they happen; the tracer's own buffer is not read.
  tracer.capacity = 1;
  tracer.subscribe((_record, hit) => {
    const watch = owners.get(hit.breakpoint);
    if (watch !== undefined) listener(watch, hit);
  });
  for (const watch of watches) {
    const before = new Set(kernel.breakpoints.registered);
    try {
      if (isTraced(kernel, watch, tracer))
        tracer.files.write('ksym_trace_filter', `${watch.symbol}:${OPS[watch.type]}`);
      else {
        const attr = { bp_type: BP_TYPE[watch.type], bp_addr: watch.address, bp_len: watch.length };
        kernel.breakpoints.registerWide(attr, (hit) => listener(watch, hit), { owner: OWNER });
      }
    } catch (error) {
      throw refused(watch, error, owners, kernel);
    }
    for (const breakpoint of kernel.breakpoints.registered) if (!before.has(breakpoint)) owners.set(breakpoint, watch);
  }
  return owners;
}

/** The tracer's words for types. */
const OPS: Readonly<Record<string, string>> = Object.freeze({ w: '-w-', rw: 'rw-' });

/** What the tracer's grammar takes for a name: up to its first colon, without white space around it. */
const TRACEABLE = /^[^:\s]+$/;

/** One entry for an address is all that the tracer has. */
function isTraced({ symbols }: Kernel, { symbol, type, address, length }: Watch, tracer: KsymTracer): boolean {
  if (symbol === undefined || length !== TRACED_BYTES || !(type in OPS) || !TRACEABLE.test(symbol)) return false;
  return symbols.lookup(symbol)?.address === address && tracer.entries.every((entry) => entry.address !== address);
}

function refused(watch: Watch, error: unknown, owners: ReadonlyMap<Breakpoint, Watch>, kernel: Kernel): unknown {
  if (!(error instanceof KernelError)) return error;
  const reason = error.message.replace(/^[A-Z]+: /, '');
  if (error.code !== 'HWBP_NO_SLOT') return usageError(`--watch ${watch.text}: ${reason}`);
  const { name, slots } = kernel.breakpoints.manifest;
  const executes = watch.type === 'x';
  const total = executes ? slots.instruction : slots.data;
  // Wide watches hold the same register on every CPU: one CPU shows them all.
  const holders = [...owners].filter(
    ([breakpoint, { type }]) => breakpoint.cpu === 0 && (slots.shared || (type === 'x') === executes),
  );
  const list = holders.map(([{ owner, register }, { text }]) => `  register ${register}: ${text} (held by ${owner})`);
  return usageError(
    [`--watch ${watch.text}: no debug register is left: ${name} has ${total} on each CPU, all taken:`, ...list],
    'leave one of the watches out, or replay twice',
  );
}
