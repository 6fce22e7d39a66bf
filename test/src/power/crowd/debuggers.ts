import assert from 'node:assert/strict';
import { type Breakpoint, HARDWARE_DEBUG_REQUESTS, type Kernel, program, type Task, USER_DEBUGGERS } from '@hwbp/core';
import { Ptrace, type Tracer } from '@hwbp/ptrace';
import { Client } from '../../kgdb/client.js';
import { StoreQueue } from '../../property/support/store-queue.js';
import { nop, store } from '../support.js';
import { OF_GDB, OF_NOBODY, place } from './ops.js';

const isGranted = ({ state }: Breakpoint): boolean => state !== 'waiting';

/** A task that stores where it is told, and whoever traces it. */
export class Worker {
  readonly task: Task;
  readonly #queue = new StoreQueue();
  readonly #kernel: Kernel;
  /** Where its tracer watches. */
  readonly watched: number[] = [];
  #tracer: Tracer | undefined;
  #handle: number | undefined;

  constructor(kernel: Kernel, cpu: number) {
    this.#kernel = kernel;
    const online = kernel.machine.cpu(cpu).online;
    this.task = kernel.machine.spawn(() => this.#queue, online ? { affinity: [cpu] } : {});
  }

  get traced(): boolean {
    return this.#tracer !== undefined;
  }

  /** A tracer that lets it run on; it has one. */
  attach(): void {
    if (this.#tracer !== undefined) return;
    const tracer = this.#kernel.get(Ptrace).tracer(`tracer of ${this.task.pid}`);
    tracer.attach(this.task);
    tracer.wait(this.task);
    this.#tracer = tracer;
    tracer.cont(this.task);
  }

  /** Its tracer watches a place. Throws what ptrace refuses, and then nothing is different. */
  watch(at: number): void {
    const tracer = this.#stop();
    try {
      this.#set(tracer, at);
      this.watched.push(at);
    } finally {
      tracer.cont(this.task);
    }
  }

  /** Stores, and stops as often as its tracer watches that. */
  store(at: number): void {
    // Its tracer's watch may have had to make room.
    const armed = this.#kernel.breakpoints.registered.some(
      (one) => one.owner === USER_DEBUGGERS && one.task === this.task && one.address === place(at) && isGranted(one),
    );
    this.#queue.store(place(at));
    this.#kernel.machine.wake(this.task);
    this.#kernel.machine.run(1000);
    if (this.#tracer !== undefined && armed) this.#stopped(this.#tracer, at);
    assert.equal(this.#queue.isDone, true, `task ${this.task} has stored`);
  }

  /** Is on its CPU, in the middle of what nobody watches. */
  linger(): void {
    for (let i = 0; i < 4; i++) this.#queue.store(place(OF_NOBODY));
    this.#kernel.machine.wake(this.task);
    this.#kernel.machine.run(2);
  }

  detach(): void {
    this.#tracer?.close();
    this.#tracer = undefined;
    this.watched.length = 0;
  }

  #stopped(tracer: Tracer, at: number): void {
    const status = tracer.wait(this.task);
    assert.equal(status?.kind === 'signal' ? status.info.si_signo : status?.kind, 'SIGTRAP', 'its tracer is told');
    if (this.#handle !== undefined) {
      // Told before the access: it is made with the watch out of the way, which is used up as in Linux.
      tracer.delHwDebug(this.task, this.#handle);
      tracer.singleStep(this.task);
      tracer.wait(this.task);
      this.#set(tracer, at);
    }
    tracer.cont(this.task);
  }

  #stop(): Tracer {
    const tracer = this.#tracer as Tracer;
    this.#kernel.machine.sendSignal(this.task, { si_signo: 'SIGSTOP', si_code: 0 });
    tracer.wait(this.task);
    return tracer;
  }

  #set(tracer: Tracer, at: number): void {
    if (this.#kernel.facet(HARDWARE_DEBUG_REQUESTS) !== undefined) {
      this.#handle = tracer.setHwDebug(this.task, {
        version: 1,
        trigger_type: 4,
        addr_mode: 0,
        condition_mode: 0,
        addr: place(at),
        addr2: 0n,
        condition_value: 0n,
      });
      return;
    }
    const register = this.watched.length;
    const control = tracer.peekUser(this.task, tracer.debugOffset(7));
    tracer.pokeUser(this.task, tracer.debugOffset(register), place(at));
    const enabled = (1n << BigInt(2 * register)) | (0x9n << BigInt(16 + 4 * register));
    tracer.pokeUser(this.task, tracer.debugOffset(7), control | enabled);
  }
}

/** gdb, attached to the kernel. */
export class Gdb {
  readonly #client: Client;
  watching = false;

  constructor(kernel: Kernel) {
    // Where no task is left, a debugger's program has ended.
    kernel.machine.spawn(() => new StoreQueue());
    this.#client = new Client(kernel);
  }

  /** It was told that a CPU has come online without its watch. */
  knowsToMiss(cpu: number): boolean {
    return this.#client.notices.some((text) => text.startsWith(`CPU ${cpu} came online without a breakpoint`));
  }

  /** It has the machine. */
  get inside(): boolean {
    return this.#client.session.open && !this.#client.session.running;
  }

  stop(): void {
    if (this.inside) return;
    this.#client.raw('\x03');
    this.#client.session.run(1);
    this.#client.take();
  }

  go(): void {
    if (this.inside) this.#client.raw('$c#63');
  }

  /** Of everybody on every CPU; false: there is no room. Only while it is inside. */
  watch(): boolean {
    if (this.watching) return true;
    this.watching = this.#client.send(`Z2,${place(OF_GDB).toString(16)},8`) === 'OK';
    return this.watching;
  }

  unwatch(): void {
    if (this.watching) this.#client.ok(`z2,${place(OF_GDB).toString(16)},8`);
    this.watching = false;
  }

  /** A task on a CPU stores where it watches: it is told if it does, and lets the machine go on. */
  hit({ machine, breakpoints }: Kernel, cpu: number): void {
    const isMissed = this.watching && !breakpoints.debugger.claims.some(({ breakpoint }) => breakpoint.cpu === cpu);
    if (isMissed || this.inside || !machine.cpu(cpu).online) return;
    machine.spawn(program([nop(), store(place(OF_GDB)), nop()]), { affinity: [cpu] });
    this.#client.session.run(10_000);
    const answer = this.#client.take();
    if (!this.watching) return;
    assert.match(answer, new RegExp(`watch:${place(OF_GDB).toString(16)};.*thread:0*${cpu + 1};`), 'gdb is told');
    // Where it is told before the access, that is made with the watch out of the way.
    this.unwatch();
    this.go();
    machine.run(1000);
    this.stop();
    this.watch();
    this.go();
  }

  leave(): void {
    this.#client.session.close();
  }
}
