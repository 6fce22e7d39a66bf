import type { Cpu, Hardware } from '../hardware/index.js';

/** Time that passes on CPUs that execute nothing: their clocks move only where somebody waits for that. */
export class IdleTime {
  readonly #hardware: Hardware;
  readonly #quantum: number;
  /** By CPU: instructions of all CPUs at its latest turn in which it had nothing to do. */
  readonly #seen: number[] = [];

  constructor(hardware: Hardware, quantum: number) {
    this.#hardware = hardware;
    this.#quantum = quantum;
  }

  /**
   * A CPU has nothing to do in its turn, while others execute: as much time passes there as in a turn of theirs, and
   * none beyond its next alarm.
   */
  turn(cpu: Cpu): void {
    const { nextEvent } = cpu.alarms;
    if (nextEvent === Number.POSITIVE_INFINITY) return;
    const { retired } = this.#hardware;
    const seen = this.#seen[cpu.index] ?? 0;
    this.#seen[cpu.index] = retired;
    if (seen < retired) cpu.clock.advance(Math.min(this.#quantum, cpu.clock.until(nextEvent)));
  }

  /**
   * Nobody has anything to do: time passes, for all of these CPUs, until the first alarm of one of them. False: nobody
   * waits for one.
   */
  skip(cpus: readonly Cpu[]): boolean {
    let least = Number.POSITIVE_INFINITY;
    for (const { alarms, clock } of cpus) least = Math.min(least, alarms.nextEvent - clock.now);
    if (least === Number.POSITIVE_INFINITY) return false;
    if (least > 0) for (const cpu of cpus) pass(cpu, least);
    return true;
  }
}

/** Lets time pass on a CPU. A clock that cannot be set goes by whole instructions. */
function pass({ clock }: Cpu, ns: number): void {
  const time = clock.now + ns;
  if (clock.set === undefined) clock.advance(clock.until(time));
  else clock.set(time);
}
