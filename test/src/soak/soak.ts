import { type Architecture, composeKernel, type Kernel, type Plugin, program, type Task } from '@hwbp/core';
import { Random } from '../random.js';
import { resources } from './resources.js';

/** What a soak runs on. */
export interface SoakSubject {
  readonly arch: () => Architecture;
  readonly scheduler: () => Plugin;
}

const TEXT = 0x40_0000n;
const DATA = 0x10_0000n;
/** Tasks that are made before anything is compared. */
const WARM_UP = 200;
/** How many live at most, beside the first. */
const MOST_LIVE = 12;

const store = (value: number, page: number) => ({
  pc: TEXT,
  length: 4,
  accesses: [{ kind: 'write' as const, address: DATA + BigInt(page * 4096), size: 8, value: BigInt(value) }],
});

/** A kernel on which tasks come and go, in every way that there is. */
class Soak {
  readonly #random: Random;
  readonly #kernel: Kernel;
  readonly #first: Task;
  readonly #live: Task[] = [];
  made = 0;

  constructor(random: Random, { arch, scheduler }: SoakSubject) {
    this.#random = random;
    this.#kernel = composeKernel({ arch: arch(), breakpointScheduler: scheduler(), cpus: 2, strict: true });
    const { machine } = this.#kernel;
    // It waits for nobody, so that its children are nobody's to wait for, and stays.
    this.#first = machine.spawn(program([]), { run: false });
    this.#first.handlers.set('SIGCHLD', 'ignore');
    this.#first.memory.writeInteger(DATA, 8, 1n);
  }

  /** Lets `count` tasks come and go; all have gone at the end. */
  round(count: number): void {
    const end = this.made + count;
    while (this.made < end) {
      if (this.#live.length < MOST_LIVE) this.#add();
      this.#act();
      this.#kernel.machine.run(1 + this.#random.below(20));
      this.#forgetDead();
    }
    for (const task of this.#live) this.#kernel.machine.exit(task);
    if (!this.#kernel.machine.cpu(1).online) this.#kernel.machine.setOnline(1, true);
    this.#kernel.machine.run(100);
    this.#forgetDead();
  }

  get resources(): Readonly<Record<string, unknown>> {
    return resources(this.#kernel);
  }

  dispose(): void {
    this.#kernel.dispose();
  }

  #code() {
    const count = 1 + this.#random.below(30);
    return program(Array.from({ length: count }, (_, at) => store(at, this.#random.below(6))));
  }

  #add(): void {
    const { machine, breakpoints } = this.#kernel;
    const random = this.#random;
    // Children of children of children: whoever was first has long gone.
    const parent = random.once(2) ? this.#first : (this.#live[random.below(this.#live.length || 1)] ?? this.#first);
    const thread = parent !== this.#first && random.once(4);
    const task = random.once(5)
      ? machine.spawn(this.#code())
      : machine.fork(parent, this.#code(), thread ? { thread } : {});
    this.made++;
    this.#live.push(task);
    task.handlers.set('SIGCHLD', 'ignore');
    if (random.once(2))
      breakpoints.registerUser({ bp_type: 2, bp_addr: DATA, bp_len: 8 }, () => {}, task, { waits: true });
    if (random.once(8)) machine.planted.patch(task.memory, TEXT + 0x1000n, Uint8Array.of(0xcc));
    if (random.once(8)) task.memory.map(DATA + 0x10_0000n, 4096 * (1 + random.below(4)));
    // Memory that two have: the frames go with the last.
    if (random.once(8)) {
      const place = this.#first.memory.translate(DATA, false);
      if (place !== undefined) task.memory.map(DATA + 0x20_0000n, 4096, { frames: [place.frame] });
    }
  }

  #act(): void {
    const { machine, breakpoints } = this.#kernel;
    const random = this.#random;
    const task = this.#live[random.below(this.#live.length || 1)];
    if (task?.alive !== true) return;
    switch (random.below(8)) {
      case 0:
        machine.exec(task, this.#code());
        return;
      case 1:
        machine.exitGroup(task, { code: 1 });
        return;
      case 2:
        machine.sendSignal(task, { si_signo: 'SIGKILL', si_code: 0 });
        return;
      case 3:
        task.memory.unmap(DATA, 4096);
        return;
      case 4: {
        // A fork that is refused leaves nothing.
        const refuse = machine.hooks.fork.add(() => {
          throw new Error('refused');
        });
        try {
          machine.fork(task, this.#code());
        } catch (error) {
          if (!(error instanceof Error) || error.message !== 'refused') throw error;
        } finally {
          refuse();
        }
        return;
      }
      case 5:
        for (const one of breakpoints.registered) if (one.task === task) breakpoints.unregister(one);
        return;
      case 6:
        machine.setOnline(1, !machine.cpu(1).online);
        return;
      default:
        machine.exit(task);
    }
  }

  #forgetDead(): void {
    const { breakpoints } = this.#kernel;
    for (const { parent } of this.#live) if (parent?.alive === false) throw new Error(`${parent} is kept by its child`);
    for (const task of this.#live.filter(({ alive }) => !alive)) {
      this.#live.splice(this.#live.indexOf(task), 1);
      // Whoever has registered one gives it back, as the owner of a file closes it.
      for (const one of breakpoints.registered) {
        if (one.task === task && one.parent === undefined) breakpoints.unregister(one);
      }
      if (task.parent !== undefined) throw new Error(`${task} has ended, and keeps ${task.parent}`);
    }
  }
}

/**
 * Lets `tasks` tasks come and go, and compares what the kernel holds in between, after every `step`. Throws at the
 * first difference; `report` hears of every step.
 */
export function soak(
  subject: SoakSubject,
  seed: number,
  tasks: number,
  step = 1000,
  report = (_done: number): void => {},
): void {
  const one = new Soak(new Random(seed), subject);
  one.round(WARM_UP);
  const before = JSON.stringify(one.resources);
  while (one.made < tasks) {
    one.round(Math.min(step, tasks - one.made));
    const after = JSON.stringify(one.resources);
    if (after !== before) throw new Error(`seed ${seed}, after ${one.made} tasks: ${after}, before: ${before}`);
    report(one.made);
  }
  one.dispose();
}
