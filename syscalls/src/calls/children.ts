import { type Machine, WaitQueue } from '@hwbp/core';

/** Parents that wait for their children. */
export class Children implements Disposable {
  readonly #machine: Machine;
  readonly #queues = new Map<number, WaitQueue>();
  readonly #unhook: () => void;

  constructor(machine: Machine) {
    this.#machine = machine;
    const child = machine.hooks.child.add((parent) => void this.#queues.get(parent)?.wakeAll());
    const exit = machine.hooks.exit.add(({ pid }) => void this.#queues.delete(pid));
    this.#unhook = () => {
      child();
      exit();
    };
  }

  /** Where the threads of a process wait. */
  of(tgid: number): WaitQueue {
    const known = this.#queues.get(tgid) ?? new WaitQueue(this.#machine, 'a child');
    this.#queues.set(tgid, known);
    return known;
  }

  [Symbol.dispose](): void {
    this.#unhook();
  }
}
