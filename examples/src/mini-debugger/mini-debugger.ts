import { hex, type Task } from '@hwbp/core';
import type { Ptrace } from '@hwbp/ptrace';

/** Bytes that debug register 0 can watch: 1, 2, 4 or 8, at a multiple of that. */
export interface Variable {
  readonly name: string;
  readonly address: bigint;
  readonly length: 1 | 2 | 4 | 8;
}

/** Attaches to a task and tells every store to a variable, until its value is wrong; then steps once and detaches. */
export function debug(
  ptrace: Ptrace,
  task: Task,
  { name, address, length }: Variable,
  wrong: (value: bigint) => boolean,
  say: (line: string) => void,
): void {
  const tracer = ptrace.tracer('mini-debugger');
  const poke = (register: number, value: bigint): void => tracer.pokeUser(task, tracer.debugOffset(register), value);
  const read = (): bigint =>
    tracer.peekData(task, address, length).reduceRight((v, byte) => (v << 8n) | BigInt(byte), 0n);
  const pc = (): string => hex(tracer.getRegs(task).rip ?? 0n);

  tracer.attach(task); // asks the task to stop ...
  tracer.wait(task); // ... and here it has
  say(`attached to ${task} at ${pc()}; ${name} is ${read()}`);

  // DR0 is the address. DR7 says what to do with it: L0 enables it, R/W0 = 01 means stores, LEN0 is coded.
  const len = { 1: 0b00n, 2: 0b01n, 4: 0b11n, 8: 0b10n }[length];
  poke(0, address);
  poke(7, (len << 18n) | (0b01n << 16n) | 1n);

  for (let old = read(); !wrong(old); ) {
    tracer.cont(task);
    // A watchpoint stops the task behind the store: memory has the new value, the program counter is one further.
    if (tracer.wait(task)?.kind !== 'signal') throw new Error(`${task} has ended`);
    const now = read();
    say(`${name}: ${old} -> ${now}, stored before ${pc()}`);
    old = now;
  }

  tracer.singleStep(task);
  tracer.wait(task);
  say(`stepped to ${pc()}`);
  poke(7, 0n); // or the next store would kill the task: Linux leaves watchpoints armed
  tracer.detach(task);
  say('detached');
}
