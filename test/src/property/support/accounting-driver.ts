import assert from 'node:assert/strict';
import {
  type Architecture,
  type ArchManifest,
  type Breakpoint,
  type Cpu,
  composeKernel,
  type DebuggerReservation,
  type HwBreakpointAttr,
  type Kernel,
  KernelError,
  type Modification,
  type Plugin,
  type Program,
  type Task,
  type WideBreakpoint,
} from '@hwbp/core';
import { AccountingModel, type Claim } from './accounting-model.js';
import { checkRegisters, snapshot } from './kernel-state.js';

/** A task that never ends and touches nothing that is watched. */
class Spin implements Program {
  readonly state = 'ready';

  run(cpu: Cpu, budget: number): number {
    let retired = 0;
    while (retired < budget && !cpu.attention) {
      cpu.execute({ pc: 0x50_0000n, length: 2, next: 0x50_0000n });
      retired++;
    }
    return retired;
  }
}

/** Whom a breakpoint is for. */
export type Target =
  | { readonly kind: 'task'; readonly task: number; readonly cpu: number }
  | { readonly kind: 'cpu'; readonly cpu: number };

/** What an operation is expected to answer: an errno, or nothing if it succeeds. */
type Expectation = { readonly errno: string; readonly used?: number } | undefined;

/** Kinds of access by bp_type. */
const KINDS = { 1: 'r', 2: 'w', 3: 'rw', 4: 'x' } as const;

/**
 * A composed kernel and the plain model beside it. Every operation predicts its answer from the model, performs it, and
 * checks that a refusal changed nothing and that the registers hold what they should.
 */
export class AccountingDriver {
  readonly kernel: Kernel;
  readonly #manifest: ArchManifest;
  readonly #model: AccountingModel;
  readonly #claims = new Map<Breakpoint, Claim>();
  readonly #all: Breakpoint[] = [];
  readonly #single: Breakpoint[] = [];
  readonly #wide: WideBreakpoint[] = [];
  readonly #reservations: DebuggerReservation[] = [];
  readonly #tasks: Task[];
  /** What each operation answered: `ok` or an errno. */
  readonly answers: string[] = [];

  constructor(arch: Architecture, cpus: number, scheduler: Plugin) {
    this.kernel = composeKernel({
      arch,
      cpus,
      breakpointScheduler: scheduler,
      strict: true,
      quantum: 3,
      tick: 7000,
    });
    this.#manifest = arch.backend.manifest;
    this.#model = new AccountingModel(cpus);
    this.#tasks = [0, 1, 2].map(() => this.kernel.machine.spawn(() => new Spin()));
  }

  register(target: Target, attr: HwBreakpointAttr): void {
    const { breakpoints } = this.kernel;
    const task = target.kind === 'task' ? this.#task(target.task) : undefined;
    const expected = this.#expectRegistration(attr, task, target.cpu);
    this.#perform(expected, () => {
      const handler = (): void => assert.fail('nothing was accessed');
      const made =
        task === undefined
          ? breakpoints.registerCpu(attr, handler, target.cpu)
          : breakpoints.registerUser(attr, handler, task, target.cpu < 0 ? {} : { cpu: target.cpu });
      this.#single.push(made);
      this.#enter(made);
    });
  }

  registerWide(attr: HwBreakpointAttr): void {
    const { breakpoints, machine } = this.kernel;
    const refusals = machine.onlineCpus.map(({ index }) => this.#expectRegistration(attr, undefined, index));
    this.#perform(
      refusals.find((refusal) => refusal !== undefined),
      () => {
        const wide = breakpoints.registerWide(attr, () => assert.fail('nothing was accessed'));
        assert.deepEqual(
          [...wide.members.keys()],
          machine.onlineCpus.map(({ index }) => index),
        );
        this.#wide.push(wide);
        for (const member of wide.members.values()) this.#enter(member);
      },
    );
  }

  /** What only a kernel debugger does: a slot that no scheduler sees. */
  reserve(cpu: number, attr: HwBreakpointAttr): void {
    const { errno } = this.#expectType(attr) ?? this.#expectSlot(this.#claim(attr, undefined, cpu)) ?? {};
    this.#perform(errno === undefined ? undefined : { errno }, () => {
      const reservation = this.kernel.breakpoints.debugger.reserve(attr, () => {}, cpu, 'debugger');
      assert.ok(reservation, 'the accounting is not locked');
      this.#reservations.push(reservation);
      this.#model.claims.add(this.#claim(attr, undefined, cpu));
    });
  }

  unregister(index: number): void {
    const [breakpoint] = this.#single.splice(index % Math.max(1, this.#single.length), 1);
    this.#perform(undefined, () => this.kernel.breakpoints.unregister(breakpoint));
    if (breakpoint !== undefined) this.#leave(breakpoint);
  }

  unregisterWide(index: number): void {
    const [wide] = this.#wide.splice(index % Math.max(1, this.#wide.length), 1);
    const members = [...(wide?.members.values() ?? [])];
    this.#perform(undefined, () => this.kernel.breakpoints.unregisterWide(wide));
    for (const member of members) this.#leave(member);
  }

  modify(index: number, changes: Modification): void {
    const breakpoint = this.#single[index % Math.max(1, this.#single.length)];
    if (breakpoint === undefined) return;
    const attr = { ...breakpoint.attr, ...changes };
    const claim = this.#claims.get(breakpoint);
    assert.ok(claim);
    const pool = this.#pool(attr.bp_type);
    let expected = this.#expectEncoding(attr) ?? this.#expectType(attr);
    if (expected === undefined && pool !== claim.pool) expected = this.#expectSlot({ ...claim, pool });
    this.#perform(expected, () => {
      this.kernel.breakpoints.modify(breakpoint, changes);
      claim.pool = pool;
    });
  }

  toggle(index: number, on: boolean): void {
    const breakpoint = this.#single[index % Math.max(1, this.#single.length)];
    if (breakpoint === undefined) return;
    const { breakpoints } = this.kernel;
    this.#perform(undefined, () => (on ? breakpoints.enable(breakpoint) : breakpoints.disable(breakpoint)));
    assert.equal(breakpoint.enabled, on);
  }

  exit(index: number): void {
    this.#perform(undefined, () => this.kernel.machine.exit(this.#task(index)));
  }

  fork(index: number): void {
    const parent = this.#task(index);
    if (!parent.alive || this.#tasks.length > 6) return;
    this.#perform(undefined, () => this.#tasks.push(this.kernel.machine.fork(parent, () => new Spin())));
  }

  move(index: number, cpu: number): void {
    const task = this.#task(index);
    if (!task.alive || !this.kernel.machine.cpu(cpu).online) return;
    this.#perform(undefined, () => this.kernel.machine.setAffinity(task, [cpu]));
  }

  run(budget: number): void {
    this.#perform(undefined, () => this.kernel.machine.run(budget));
  }

  /** CPU breakpoints of a CPU that goes away are lost, wide ones are withdrawn, and come back with it. */
  setOnline(cpu: number, online: boolean): void {
    const { machine } = this.kernel;
    if (machine.cpu(cpu).online === online || (!online && machine.onlineCpus.length === 1)) return;
    const gone = online ? [] : this.#wide.flatMap(({ members }) => members.get(cpu) ?? []);
    const lost = this.#single.filter(({ task, cpu: bound, enabled }) => task === undefined && bound === cpu && enabled);
    this.#perform(undefined, () => {
      machine.setOnline(cpu, online);
      if (online) this.#extended(cpu);
    });
    if (!online) for (const breakpoint of lost) assert.equal(breakpoint.enabled, false, 'lost with its CPU');
    for (const member of gone) this.#leave(member);
  }

  /**
   * Wide breakpoints, in the order in which they were registered, as far as there was room on the CPU that came online.
   */
  #extended(cpu: number): void {
    for (const { members, attr } of this.#wide) {
      const member = members.get(cpu);
      const refusal = this.#expectSlot(this.#claim(attr, undefined, cpu));
      assert.equal(member === undefined, refusal !== undefined, `a wide breakpoint on CPU ${cpu}, which came online`);
      if (member !== undefined) this.#enter(member);
    }
  }

  /** Gives everything back: then nothing is in use, and nothing is armed. */
  end(): void {
    for (const reservation of this.#reservations) assert.equal(reservation.release(), true);
    while (this.#single.length > 0) this.unregister(0);
    while (this.#wide.length > 0) this.unregisterWide(0);
    assert.equal(this.kernel.breakpoints.isUsed, false);
    for (const { unit } of this.kernel.machine.cpus) assert.deepEqual(unit.filter.ranges, []);
    this.kernel.dispose();
  }

  // --- what should happen ---

  /** Performs an operation that is expected to answer so, and checks everything that must hold after it. */
  #perform(expected: Expectation, action: () => void): void {
    const before = snapshot(this.kernel, this.#all);
    let errno: string | undefined;
    try {
      action();
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      errno = error.errno;
      if (errno === 'ENOSPC') this.#checkRefusal(error, expected?.used);
    }
    assert.equal(errno, expected?.errno);
    this.answers.push(errno ?? 'ok');
    if (errno !== undefined) assert.deepEqual(snapshot(this.kernel, this.#all), before, 'refused: nothing changed');
    checkRegisters(this.kernel, this.#all);
    assert.equal(this.kernel.breakpoints.isUsed, this.kernel.breakpoints.registered.length + this.#reserved > 0);
  }

  get #reserved(): number {
    return this.#reservations.filter(({ breakpoint }) => breakpoint.state !== 'released').length;
  }

  #checkRefusal({ details }: KernelError, used: number | undefined): void {
    const { holders, limit } = details as { readonly holders: readonly unknown[]; readonly limit: number };
    assert.equal(details.used, holders.length, 'the holders add up to what is used');
    assert.equal(holders.length + 1 > limit, true);
    if (used !== undefined) assert.equal(details.used, used);
  }

  #expectRegistration(attr: HwBreakpointAttr, task: Task | undefined, cpu: number): Expectation {
    const early = this.#expectType(attr) ?? this.#expectSlot(this.#claim(attr, task, cpu));
    const late = early ?? this.#expectEncoding(attr);
    if (late !== undefined) return late;
    if (cpu >= 0 && !this.kernel.machine.cpu(cpu).online) return { errno: 'ENODEV' };
    return task !== undefined && !task.alive ? { errno: 'ESRCH' } : undefined;
  }

  /** Before slots are looked at. */
  #expectType({ bp_type }: HwBreakpointAttr): Expectation {
    const slots = this.#manifest.slots[(bp_type & 3) !== 0 ? 'data' : 'instruction'];
    if (slots === 0) return { errno: 'EOPNOTSUPP' };
    return bp_type === 0 || bp_type === 7 ? { errno: 'EINVAL' } : undefined;
  }

  #expectSlot(claim: Claim): Expectation {
    const used = this.#model.used(claim);
    const limit = this.#manifest.slots[claim.pool === 'instruction' ? 'instruction' : 'data'];
    return used + 1 > limit ? { errno: 'ENOSPC', used } : undefined;
  }

  /** After slots were looked at. */
  #expectEncoding({ bp_type, bp_addr, bp_len }: HwBreakpointAttr): Expectation {
    const { access, dataLengths, executeLengths, instructionAlignment, alignment, granule } = this.#manifest;
    const length = Number(bp_len);
    const kind = KINDS[bp_type as keyof typeof KINDS];
    if (kind === undefined || !access.includes(kind)) return { errno: 'EINVAL' };
    if (kind === 'x') {
      const begins = bp_addr % BigInt(instructionAlignment) === 0n;
      return executeLengths.includes(length) && begins ? undefined : { errno: 'EINVAL' };
    }
    const block = alignment === 'natural' ? length : alignment === 'granule' ? granule : 1 << 30;
    const fits = bp_addr / BigInt(block) === (bp_addr + BigInt(length) - 1n) / BigInt(block);
    return dataLengths.includes(length) && fits ? undefined : { errno: 'EINVAL' };
  }

  #pool(bp_type: number): string {
    if (this.#manifest.slots.shared) return 'shared';
    return (bp_type & 3) !== 0 ? 'data' : 'instruction';
  }

  #claim({ bp_type }: HwBreakpointAttr, task: Task | undefined, cpu: number): Claim {
    return { task, cpu, pool: this.#pool(bp_type) };
  }

  #enter(breakpoint: Breakpoint): void {
    const claim = this.#claim(breakpoint.attr, breakpoint.task, breakpoint.cpu);
    this.#claims.set(breakpoint, claim);
    this.#model.claims.add(claim);
    this.#all.push(breakpoint);
  }

  #leave(breakpoint: Breakpoint): void {
    const claim = this.#claims.get(breakpoint);
    if (claim !== undefined) this.#model.claims.delete(claim);
    assert.equal(breakpoint.state, 'released');
    this.#all.splice(this.#all.indexOf(breakpoint), 1);
  }

  #task(index: number): Task {
    return this.#tasks[index % this.#tasks.length] as Task;
  }
}
