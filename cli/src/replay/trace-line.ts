import { visible } from '@hwbp/conform/text';
import { formatTraceRecord } from '@hwbp/ftrace';
import type { ReplayHit } from './hit.js';
import type { SiteNames } from './site-names.js';

/**
 * A hit as a line of ftrace's ksym tracer, with its newline, whoever held the register. Execution, which that tracer
 * does not know, is ` X  ` where ` RW ` would be.
 */
export function traceLine(hit: ReplayHit, names: SiteNames): string {
  const { watch, cpu, pid, comm, ip } = hit;
  const execution = watch.type === 'x';
  const type = watch.type === 'x' ? 'rw' : watch.type;
  const symbol = names.place(watch.address);
  const record = formatTraceRecord({ cpu, pid, comm, ip, type, symbol }, names.symbols);
  const line = `${visible(record.trimEnd())}\n`;
  if (!execution) return line;
  const at = line.lastIndexOf(' RW ');
  return `${line.slice(0, at)} X  ${line.slice(at + 4)}`;
}
