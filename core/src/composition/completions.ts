import type { ArchPort, Occupant } from '../arch/index.js';
import type { BreakpointImages } from '../breakpoint/index.js';
import { type ImageReader, type ImageValue, notWritable } from '../image/index.js';
import type { Machine } from '../kernel/index.js';

/** What instructions that are being completed with the registers disarmed still have to report, for an image. */
export function saveCompletions({ tasks }: Machine, port: ArchPort, images: BreakpointImages): ImageValue {
  const saved: ImageValue[] = [];
  for (const { pid, comm, context } of tasks.values()) {
    if (context.completion === undefined) continue;
    const hits = port.completions?.hits(context.completion);
    if (hits === undefined) throw notWritable(`task ${comm}-${pid} completes an instruction: let it execute first`);
    const numbers = hits.map((hit) => images.referTo(hit)).filter((number) => number !== undefined);
    saved.push({ pid, hits: numbers });
  }
  return saved;
}

/** The way back, once every breakpoint has its handler. */
export function loadCompletions(from: ImageReader, { tasks }: Machine, port: ArchPort, images: BreakpointImages): void {
  for (const one of from.list()) {
    const task = tasks.get(one.field('pid').number(1));
    if (task === undefined) throw one.field('pid').invalid('the pid of a task of the image');
    const hits: Occupant[] = one
      .field('hits')
      .list()
      .map((number) => images.referred(number));
    if (port.completions === undefined) throw one.invalid('absent: this architecture completes nothing');
    task.context.completion = port.completions.make(hits);
  }
}
