import assert from 'node:assert/strict';
import {
  type Breakpoint,
  composeKernel,
  type HitHandler,
  type Kernel,
  program,
  RingLogger,
  type WideBreakpoint,
} from '@hwbp/core';
import { PERF_TYPE_BREAKPOINT, Perf, type PerfFile } from '@hwbp/perf';
import { nop, store, writes } from '../support.js';
import { type Cast, optionsOf } from './cast.js';
import { checkState } from './check.js';
import { Gdb, Worker } from './debuggers.js';
import { Guest } from './guest.js';
import { Hits } from './hits.js';
import { CPUS, type CrowdOp, OF_TRACERS, place } from './ops.js';
import { isRefusal, refusing } from './refusing.js';
import { Watches } from './watches.js';

/** Takes part in what a kernel is made of: a fault that the invariants must find. */
export type Sabotage = (kernel: Kernel, before: Kernel | undefined) => void;

/**
 * A kernel with everybody in it who uses debug registers, powered off and on in any order. What is expected is derived
 * from what was asked for, and from what the log says is lost.
 */
export class Crowd {
  readonly #cast: Cast;
  readonly #sabotage: Sabotage;
  #log = new RingLogger();
  #kernel: Kernel;
  #single: Breakpoint[] = [];
  #wide: WideBreakpoint[] = [];
  #files: PerfFile[] = [];
  #watches: Watches | undefined;
  #workers: Worker[] = [];
  #gdb: Gdb | undefined;
  #guest: Guest | undefined;
  /** Disabled by somebody, or lost with notice. */
  readonly #off = new Set<Breakpoint>();
  #hits = new Hits();
  #lost = 0;
  /** Calls of handlers of kernels that are gone. */
  #late = 0;
  #generation = 0;

  constructor(cast: Cast, sabotage: Sabotage = () => {}) {
    this.#cast = cast;
    this.#sabotage = sabotage;
    this.#kernel = composeKernel({ ...optionsOf(this.#cast, this.#log), cpus: CPUS });
    this.#begin(undefined);
  }

  perform(one: CrowdOp): void {
    this.#do(one);
    this.#check(JSON.stringify(one));
  }

  /** Everybody leaves. */
  leave(): void {
    const { breakpoints, machine } = this.#kernel;
    this.#gdb?.leave();
    for (const worker of this.#workers) worker.detach();
    for (const one of this.#single) breakpoints.unregister(one);
    for (const one of this.#wide) breakpoints.unregisterWide(one);
    for (const file of this.#files) file.close();
    this.#watches?.dropAll();
    assert.equal(breakpoints.isUsed, false, 'every slot is given back');
    for (const { unit } of machine.cpus) assert.deepEqual(unit.filter.ranges, [], 'nothing is left armed');
    this.#guest?.kernel.dispose();
    this.#kernel.dispose();
  }

  // --- what happens ---

  #do(one: CrowdOp): void {
    const { breakpoints, machine } = this.#kernel;
    switch (one.op) {
      case 'ofCpu':
        this.#admit(() => this.#single.push(breakpoints.registerCpu(writes(place(one.at)), this.#handler, one.cpu)));
        return;
      case 'perfOfCpu':
        this.#perf(one.at, -1, one.cpu);
        return;
      case 'wide':
        this.#admit(() => this.#wide.push(breakpoints.registerWide(writes(place(one.at)), this.#handler)));
        return;
      case 'kwatch': {
        const { attitude, waits } = one;
        this.#admit(() => this.#watches?.register({ address: place(one.at), length: 8, type: 2, attitude, waits }));
        return;
      }
      case 'spawn':
        this.#workers.push(new Worker(this.#kernel, one.cpu));
        return;
      case 'ofTask':
      case 'perfOfTask':
      case 'trace':
      case 'storeOfTask':
      case 'exit':
      case 'linger':
      case 'detach': {
        const worker = this.#workers[one.which % Math.max(1, this.#workers.length)];
        if (worker !== undefined) this.#doOf(worker, one);
        return;
      }
      case 'drop':
        for (const gone of pick(this.#single, one.which)) breakpoints.unregister(gone);
        return;
      case 'dropWide':
        for (const gone of pick(this.#wide, one.which)) breakpoints.unregisterWide(gone);
        return;
      case 'close':
        for (const gone of pick(this.#files, one.which)) gone.close();
        return;
      case 'dropKwatch':
        this.#watches?.drop(one.which);
        return;
      case 'enable':
      case 'disable': {
        const known = this.#single[one.which % Math.max(1, this.#single.length)];
        if (known === undefined || known.state === 'waiting' || known.task?.alive === false) return;
        breakpoints[one.op](known);
        if (one.op === 'enable') this.#off.delete(known);
        else this.#off.add(known);
        return;
      }
      case 'store':
        if (!this.#runs || !machine.cpu(one.cpu).online) return;
        this.#hits.of(breakpoints, this.#off, place(one.at), () => {
          const task = machine.spawn(program([nop(), store(place(one.at))]), { affinity: [one.cpu] });
          machine.run(10_000);
          assert.deepEqual(task.exit, { code: 0 }, 'it has stored');
          return { cpu: one.cpu };
        });
        return;
      case 'guest':
        if (!this.#runs) return;
        this.#guest ??= new Guest(this.#kernel, this.#cast);
        this.#guest.store(one.at);
        return;
      case 'offline':
        this.#offline(one.cpu, one.refusal);
        return;
      case 'online':
        if (!machine.cpu(one.cpu).online) refusing(this.#kernel, one.refusal, () => machine.setOnline(one.cpu, true));
        return;
      case 'suspend':
        this.#suspend(one.refusal);
        return;
      case 'kexec':
      case 'crash':
        this.#succeed(one.op);
        return;
      default:
        this.#debug(one);
    }
  }

  #doOf(worker: Worker, { op, at = 0 }: CrowdOp & { readonly at?: number }): void {
    const { task } = worker;
    const { breakpoints, machine } = this.#kernel;
    if (!this.#runs) return;
    switch (op) {
      case 'ofTask':
        this.#admit(() => this.#single.push(breakpoints.registerUser(writes(place(at)), this.#handler, task)));
        return;
      case 'perfOfTask':
        this.#perf(at, task.pid, -1);
        return;
      case 'trace':
        worker.attach();
        if (worker.watched.length < (this.#cast.tracesApart ? 1 : 4)) {
          this.#admit(() => worker.watch(this.#cast.tracesApart ? OF_TRACERS : at));
        }
        return;
      case 'storeOfTask':
        this.#hits.of(breakpoints, this.#off, place(at), () => {
          worker.store(at);
          return { cpu: task.cpu, task };
        });
        return;
      case 'linger':
      case 'detach':
        worker[op]();
        return;
      default:
        this.#workers = this.#workers.filter((other) => other !== worker);
        worker.detach();
        machine.exit(task);
    }
  }

  #perf(at: number, pid: number, cpu: number): void {
    if (!this.#cast.perf) return;
    const attr = { type: PERF_TYPE_BREAKPOINT, bp_type: 2, bp_addr: place(at), bp_len: 8 };
    this.#admit(() => this.#files.push(this.#kernel.get(Perf).open(attr, { pid, cpu })));
  }

  #debug({ op, cpu = 0 }: CrowdOp & { readonly cpu?: number }): void {
    if (op === 'gdbLeave') {
      this.#gdb?.leave();
      this.#gdb = undefined;
      return;
    }
    this.#gdb ??= new Gdb(this.#kernel);
    const gdb = this.#gdb;
    if (op === 'gdbStop') gdb.stop();
    else if (op === 'gdbGo') gdb.go();
    else if (op === 'gdbHit') gdb.hit(this.#kernel, cpu);
    else {
      gdb.stop();
      gdb[op === 'gdbWatch' ? 'watch' : 'unwatch']();
      gdb.go();
    }
  }

  #offline(index: number, where: string | undefined): void {
    const { machine, breakpoints } = this.#kernel;
    if (!machine.cpu(index).online || machine.onlineCpus.length === 1) return;
    const wide = new Set([
      ...this.#wide.flatMap(({ members }) => [...members.values()]),
      ...breakpoints.registered.filter(({ owner }) => owner === 'kwatch'),
    ]);
    const isLost = ({ task, cpu, state }: Breakpoint) => task === undefined && cpu === index && state === 'active';
    const bound = breakpoints.registered.filter((one) => isLost(one) && !wide.has(one));
    if (!refusing(this.#kernel, where, () => machine.setOnline(index, false))) return;
    // Who was given another register while the CPU went is not lost: it waits for its return.
    const lost = bound.filter(({ state }) => state === 'off');
    this.#lost += lost.length;
    for (const one of lost) this.#off.add(one);
  }

  #suspend(where: string | undefined): void {
    const kernel = this.#kernel;
    const online = kernel.machine.onlineCpus.map(({ index }) => index);
    const refused = where === 'devices' || where === 'core' || where === 'wake-up';
    const suspended = refusing(kernel, where, () => kernel.suspend());
    if (refused) assert.equal(suspended, false, 'somebody has called it off');
    if (!suspended) return;
    for (const { unit } of kernel.machine.cpus) assert.deepEqual(unit.filter.ranges, [], 'it has no power');
    assert.equal(kernel.machine.run(100).instructions, 0, 'nothing executes');
    kernel.resume();
    assert.deepEqual(
      kernel.machine.onlineCpus.map(({ index }) => index),
      online,
      'the same CPUs are there',
    );
  }

  #succeed(how: 'kexec' | 'crash'): void {
    const old = this.#kernel;
    const { registered } = old.breakpoints;
    this.#generation++;
    this.#log = new RingLogger();
    const next = old[how](optionsOf(this.#cast, this.#log));
    this.#kernel = next;
    for (const { unit } of next.machine.cpus) assert.deepEqual(unit.filter.ranges, [], 'before its first instruction');
    assert.equal(next.breakpoints.isUsed, false, 'it has every slot');
    assert.equal(old.machine.run(10).instructions, 0, 'the kernel before executes nothing');
    if (how === 'kexec') {
      for (const { state } of registered) assert.equal(state, 'released', 'it gave all back');
    }
    this.#guest?.end();
    this.#guest = undefined;
    this.#gdb?.leave();
    this.#gdb = undefined;
    this.#single = [];
    this.#wide = [];
    this.#files = [];
    this.#workers = [];
    this.#off.clear();
    this.#hits = new Hits();
    this.#lost = 0;
    old.dispose();
    this.#begin(old);
  }

  #begin(before: Kernel | undefined): void {
    this.#watches = this.#cast.slotPolicy === undefined ? undefined : new Watches(this.#kernel);
    this.#sabotage(this.#kernel, before);
  }

  // --- what ought to be ---

  #check(after: string): void {
    const { breakpoints } = this.#kernel;
    checkState(this.#kernel, { gdb: this.#gdb, off: this.#off, mayWait: this.#cast.slotPolicy !== undefined, after });
    this.#hits.check(breakpoints, after);
    this.#watches?.check(after);
    const members = this.#wide.reduce((sum, { members: { size } }) => sum + size, 0);
    const watches = breakpoints.registered.filter(({ owner }) => owner === 'kwatch').length;
    const traced = this.#workers.reduce((sum, { watched }) => sum + watched.length, 0);
    const files = this.#files.length;
    assert.equal(
      breakpoints.registered.length,
      this.#single.filter(({ state }) => state !== 'released').length + members + watches + traced + files,
      `slots after ${after}`,
    );
    const said = this.#log.entries.filter(({ message }) => message.includes('is lost')).length;
    assert.equal(said, this.#lost, `what was lost was said to be, after ${after}`);
    assert.equal(this.#late, 0, 'nothing of a kernel that is gone is called');
    this.#guest?.check(after);
  }

  // --- how ---

  /** False while gdb has the machine: then nothing executes, which is tried. */
  get #runs(): boolean {
    if (this.#gdb?.inside !== true) return true;
    assert.equal(this.#kernel.machine.run(100).instructions, 0, 'gdb has the machine');
    return false;
  }

  get #handler(): HitHandler {
    const generation = this.#generation;
    return () => {
      if (generation !== this.#generation) this.#late++;
    };
  }

  #admit(act: () => unknown): void {
    const before = this.#kernel.breakpoints.registered.length;
    try {
      act();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      assert.equal(this.#kernel.breakpoints.registered.length, before, 'who is refused takes nothing');
    }
  }
}

/** Takes one out of a list, if there is any. */
function pick<T>(list: T[], which: number): T[] {
  return list.splice(which % Math.max(1, list.length), 1);
}
