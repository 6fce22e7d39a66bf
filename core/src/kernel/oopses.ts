import { coreError } from '../errors/index.js';
import type { Cpu } from '../hardware/index.js';
import { bits, type ImageReader, type ImageValue } from '../image/index.js';
import type { CpuState } from './cpu-state.js';
import type { Logger } from './logger.js';
import type { RunResult } from './machine-options.js';
import type { ProcessTable } from './process-table.js';

/** What the kernel itself has done that nobody may. */
export class Oopses {
  readonly messages: string[] = [];
  /** The latest one without a task: where every CPU's instructions had come to. */
  #latest: { readonly cpu: Cpu; readonly pc: bigint; readonly retired: number } | undefined;
  readonly #logger: Logger;
  readonly #processes: ProcessTable;

  constructor(logger: Logger, processes: ProcessTable) {
    this.#logger = logger;
    this.#processes = processes;
  }

  /** What was said, and what must not happen again, as an image has it. */
  save(): ImageValue {
    const latest = this.#latest;
    const where = latest && { cpu: latest.cpu.index, pc: bits(latest.pc), retired: latest.retired };
    return { messages: [...this.messages], latest: where ?? null };
  }

  restore(from: ImageReader, cpus: readonly Cpu[]): void {
    const messages = from
      .field('messages')
      .list()
      .map((one) => one.text());
    this.messages.splice(0, this.messages.length, ...messages);
    const latest = from.field('latest');
    if (latest.absent) return;
    const cpu = cpus[latest.field('cpu').number(0, cpus.length - 1)] as Cpu;
    this.#latest = { cpu, pc: latest.field('pc').bits(), retired: latest.field('retired').number() };
  }

  /** The result of a run, with the messages of what happened meanwhile. */
  during(run: () => RunResult): RunResult {
    const { length } = this.messages;
    const result = run();
    return this.messages.length === length ? result : { ...result, oopses: this.messages.slice(length) };
  }

  /** See `machine.oops`. */
  happened({ cpu, current: task, handlers }: CpuState, what: string): void {
    const { top } = handlers;
    if (top !== undefined) {
      // Whoever it has interrupted is not to pay for it.
      top.ended = true;
      cpu.attention = true;
      this.#say(`${what}: the ${top.kind} handler ${top.name}, which ends`);
      return;
    }
    const whose = task === undefined ? 'code without a task' : `task ${task}, which ends`;
    const message = `${what}: ${whose}`;
    const { pc, retired } = cpu;
    const latest = this.#latest;
    if (task === undefined && latest?.cpu === cpu && latest.pc === pc && latest.retired === retired) {
      throw coreError('KERNEL_PANIC', message, { cpu: cpu.index });
    }
    this.#latest = task === undefined ? { cpu, pc, retired } : undefined;
    this.#say(message);
    if (task !== undefined) this.#processes.exit(task, { signal: 'SIGSEGV' });
  }

  #say(message: string): void {
    this.messages.push(message);
    this.#logger.log('error', message);
  }
}
