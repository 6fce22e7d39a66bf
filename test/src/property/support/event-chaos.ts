import assert from 'node:assert/strict';
import {
  type Architecture,
  architecture,
  type Breakpoint,
  type BreakpointEventAttr,
  composeKernel,
  EVENT_TYPE,
  type Events,
  eventOf,
  Hit,
  type Kernel,
  KernelError,
  type OverflowHandler,
  type PmuEvent,
  perfEvents,
  type SlotPolicyPlugin,
  SOFTWARE_EVENT,
  type Task,
} from '@hwbp/core';

import { checkEvents } from './event-invariants.js';
import { EventsProbe } from './event-setup.js';
import { DELIBERATE } from './faults.js';
import { storingWorker } from './storing-worker.js';

const CPUS = 2;

/** What happens next to the kernel, from outside or from inside a handler; numbers choose the objects. */
export interface Mischief {
  readonly what: string;
  readonly attr: BreakpointEventAttr;
  readonly index: number;
}

/** What a chaotic kernel is made of. `breaks`: for each installation in turn, whether it fails. */
export interface ChaosSetup {
  readonly arch: Architecture;
  readonly slotPolicy: SlotPolicyPlugin;
  readonly exclusiveBreakpoints: boolean;
  readonly breaks: readonly boolean[];
  readonly script: readonly Mischief[];
}

/** What moves tasks and CPUs about. */
const SCHEDULING: ReadonlySet<string> = new Set([
  'exec',
  'exit',
  'move',
  'halt',
  'wake',
  'offline',
  'online',
  'run',
  'fork',
]);

/**
 * A kernel with the events engine whose debug units fail at random, whose policy may take registers away, and whose
 * handlers call anything in the middle of a hit, or throw. No model says what it does: what must hold holds all the
 * same.
 */
export class EventChaos {
  readonly kernel: Kernel;
  /** How often a handler was called, and an installation failed. */
  calls = 0;
  failures = 0;
  readonly #events: Events;
  readonly #script: Mischief[];
  readonly #tasks: Task[];
  readonly #opened: PmuEvent[] = [];
  readonly #closed = new Set<unknown>();
  readonly #errors: unknown[] = [];

  constructor({ arch, slotPolicy, exclusiveBreakpoints, breaks, script }: ChaosSetup) {
    this.#script = [...script];
    let turn = 0;
    const fails = (): boolean => {
      const broken = breaks[turn++ % Math.max(1, breaks.length)] === true;
      if (broken) this.failures++;
      return broken;
    };
    this.kernel = composeKernel({
      arch: unreliable(arch, fails),
      cpus: CPUS,
      quantum: 3,
      tick: 5000,
      strict: true,
      slotPolicy,
      breakpointScheduler: perfEvents({ exclusiveBreakpoints }),
      plugins: [EventsProbe],
      handlerErrors: (error) => {
        if (error !== DELIBERATE) this.#errors.push(error);
        return 'continue';
      },
    });
    this.#events = this.kernel.get(EventsProbe).events;
    this.#tasks = [0, 1, 2].map(() => this.kernel.machine.spawn(storingWorker(60)));
  }

  /** Half of the script from outside, the other half from handlers; then the end of everything. */
  play(): void {
    const { machine, breakpoints } = this.kernel;
    for (let n = this.#script.length >> 1; n > 0; n--) {
      this.#next(undefined);
      this.#check();
    }
    for (let slice = 0; slice < 1000; slice++) {
      const { reason } = machine.run(4);
      this.#check();
      if (reason === 'idle' || reason === 'starved') break;
    }
    for (const event of this.#opened.splice(0)) this.#events.close(event);
    this.#check();
    for (const breakpoint of [...breakpoints.registered]) breakpoints.unregister(breakpoint);
    assert.equal(breakpoints.isUsed, false);
    assert.equal(this.#events.all.size, 0, 'no event is left');
    this.#check();
  }

  #check(): void {
    assert.deepEqual(this.#errors, []);
    // In the middle of an exception in kernel mode nothing is armed.
    const { machine } = this.kernel;
    if (!machine.cpus.some((cpu) => machine.isSuspended(cpu))) checkEvents(this.kernel, this.#events);
  }

  readonly #handler = (hit: Hit): void => this.#called(hit.breakpoint, hit);
  readonly #overflow: OverflowHandler = (event, occurrence) =>
    this.#called(event.parent ?? event, occurrence instanceof Hit ? occurrence : undefined);

  /** Without a hit it is a context switch that overflowed. */
  #called(who: unknown, hit: Hit | undefined): void {
    this.calls++;
    assert.ok(!this.#closed.has(who), 'released means silent');
    this.#next(hit, hit === undefined);
    if (hit === undefined && this.calls % 3 === 0) throw DELIBERATE;
  }

  /** A kernel may refuse; anything but a refusal is a bug. */
  #next(hit: Hit | undefined, inSwitch = false): void {
    const next = this.#script.shift();
    // In the middle of a context switch the scheduler must be left alone: see machine.hooks.
    if (next === undefined || (inSwitch && SCHEDULING.has(next.what))) return;
    try {
      this.#act(next, hit);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
    }
  }

  #act({ what, attr, index }: Mischief, hit: Hit | undefined): void {
    const { machine, breakpoints } = this.kernel;
    const event = this.#opened[index % Math.max(1, this.#opened.length)];
    const breakpoint = breakpoints.registered[index % Math.max(1, breakpoints.registered.length)];
    const task = this.#tasks[index % this.#tasks.length] as Task;
    const cpu = index % CPUS;
    switch (what) {
      case 'register':
        this.#register(attr, task, cpu, index);
        return;
      case 'open':
        this.#open(attr, index % 3 === 0 ? { cpu } : { task, cpu: index % 4 === 1 ? cpu : -1 }, undefined);
        return;
      case 'join':
        if (event !== undefined) this.#open({ ...attr, pinned: false, exclusive: false }, event, event.leader);
        return;
      case 'switches': {
        const counts = { ...attr, type: EVENT_TYPE.SOFTWARE, config: SOFTWARE_EVENT.CONTEXT_SWITCHES };
        this.#open(counts, index % 2 === 0 ? { cpu } : { task, cpu: -1 }, undefined);
        return;
      }
      case 'close':
        if (event === undefined) return;
        this.#opened.splice(this.#opened.indexOf(event), 1);
        this.#events.close(event);
        this.#closed.add(event);
        return;
      case 'unregister':
        // A breakpoint that the engine made for an event goes with that one.
        if (breakpoint !== undefined && !this.#isOpened(breakpoint)) this.#unregister(breakpoint);
        return;
      case 'modify':
        if (breakpoint !== undefined) breakpoints.modify(breakpoint, change(attr));
        return;
      case 'enable':
        if (event !== undefined) this.#events.enable(event, index % 2 === 0);
        return;
      case 'disable':
        if (event !== undefined) this.#events.disable(event, index % 2 === 0);
        return;
      case 'refresh':
        if (event !== undefined) this.#events.refresh(event, 1 + (index % 3));
        return;
      case 'fork':
        if (this.#tasks.length < 8)
          this.#tasks.push(machine.fork(task, storingWorker(20), { thread: index % 2 === 0 }));
        return;
      case 'exec':
        machine.exec(task, storingWorker(20));
        return;
      case 'exit':
        machine.exit(task);
        return;
      case 'move':
        machine.setAffinity(task, [cpu]);
        return;
      case 'halt':
        machine.halt(task);
        return;
      case 'wake':
        machine.wake(task);
        return;
      case 'offline':
        machine.setOnline(cpu, false);
        return;
      case 'online':
        machine.setOnline(cpu, true);
        return;
      case 'run':
        machine.run(5 * (cpu + 1));
        return;
      case 'suspend':
        hit?.suspend('a handler suspended');
        return;
      case 'throw':
        if (hit !== undefined) throw DELIBERATE;
        return;
      default:
        assert.fail(what);
    }
  }

  #register(attr: BreakpointEventAttr, task: Task, cpu: number, index: number): void {
    const { breakpoints } = this.kernel;
    const options = { priority: index % 3 };
    const { bp_type, bp_addr, bp_len, pinned = true, inherit = false } = attr;
    const what = { bp_type, bp_addr, bp_len, pinned, inherit };
    if (index % 3 === 0) breakpoints.registerCpu(what, this.#handler, cpu, options);
    else if (index % 7 === 1) breakpoints.registerWide(what, this.#handler, options);
    else breakpoints.registerUser(what, this.#handler, task, options);
  }

  #open(
    attr: BreakpointEventAttr,
    target: { task?: Task | undefined; cpu: number },
    leader: PmuEvent | undefined,
  ): void {
    const { task, cpu } = target;
    const where = task === undefined ? { cpu } : { task, cpu };
    const options = { handler: this.#overflow, ...(leader === undefined ? {} : { leader }) };
    this.#opened.push(this.#events.open(attr, where, options));
  }

  #unregister(breakpoint: Breakpoint): void {
    this.kernel.breakpoints.unregister(breakpoint);
    this.#closed.add(breakpoint);
  }

  #isOpened(breakpoint: Breakpoint): boolean {
    return breakpoint.parent !== undefined || this.#opened.some((event) => event === eventOf(breakpoint));
  }
}

/** Every kind of mischief. */
export const MISCHIEF: readonly string[] = [
  ...['register', 'register', 'register', 'open', 'open', 'open', 'join', 'join', 'join', 'switches'],
  ...['close', 'unregister', 'modify', 'enable', 'enable', 'disable', 'refresh', 'fork', 'fork', 'exec', 'exit'],
  ...['move', 'halt', 'wake', 'offline', 'online', 'run', 'suspend', 'throw', 'throw'],
];

function change({ bp_type, bp_addr, bp_len, disabled = false }: BreakpointEventAttr) {
  return { bp_type, bp_addr, bp_len, disabled };
}

/** The architecture, with debug units into which nothing can be written now and then. */
function unreliable(arch: Architecture, fails: () => boolean): Architecture {
  const { backend } = arch;
  const createDriver: typeof backend.createDriver = (...args) => {
    const driver = backend.createDriver(...args);
    const install = driver.install.bind(driver);
    driver.install = (register, occupant) => {
      if (fails()) throw new Error('the debug unit is out of order');
      install(register, occupant);
    };
    return driver;
  };
  return architecture(Object.assign(Object.create(backend), { createDriver }), arch);
}
