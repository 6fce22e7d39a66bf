import { type Cpu, type DieRecord, hex, type Machine, NOTIFY_DONE } from '@hwbp/core';

/** Before everybody else, breakpoints included. */
const FIRST = Number.MAX_VALUE;

/** What came through a kernel's die chain: for whoever has to say why a run does not end. */
export class Exceptions {
  #event: DieRecord['event'] | undefined;
  #cpu: Cpu | undefined;
  #status = 0;
  #pc = 0n;
  #times = 0;

  constructor({ dieChain }: Machine) {
    dieChain.register((record) => {
      const { event, cpu, status } = record;
      const same = this.#event === event && this.#pc === cpu.pc && this.#status === status && this.#cpu === cpu;
      this.#times = same ? this.#times + 1 : 1;
      this.#event = event;
      this.#cpu = cpu;
      this.#status = status;
      this.#pc = cpu.pc;
      return NOTIFY_DONE;
    }, FIRST);
  }

  /** The last one, in words. */
  get told(): string {
    if (this.#cpu === undefined) return 'there was no exception';
    const times = this.#times > 1 ? `, ${this.#times} times in a row` : '';
    const where = `at pc ${hex(this.#pc)} on CPU ${this.#cpu.index}`;
    return `the last exception was '${this.#event}' ${where} with status 0x${(this.#status >>> 0).toString(16)}${times}`;
  }
}
