import type { ArchBackend, ArchBreakpoint, ArchManifest, CpuDriver, HwBreakpointAttr } from '../arch/index.js';
import { coreError } from '../errors/index.js';
import type { Logger, Machine, Task } from '../kernel/index.js';
import type { QuirkSet } from '../quirks/index.js';
import { BreakpointRecord } from './breakpoint-record.js';
import { checkAttr, checkModifiable, slotClassOf } from './check-arguments.js';
import { DenseSet } from './dense-set.js';
import type { Hit } from './hit.js';
import { parseRequest } from './parse-request.js';
import { Placements } from './placements.js';
import type { RegisterFile } from './register-file.js';
import type { RegisterHooks } from './register-hooks.js';
import type { Keeper, Registration } from './registration.js';
import type { BreakpointChange, BreakpointRequest, ModifyOptions } from './request.js';
import type { SlotAccounting } from './slot-accounting.js';
import { type Granted, type SlotPolicy, withOwn } from './slot-policy.js';

/** What the room is made of. */
export interface RegistersParts {
  readonly machine: Machine;
  readonly backend: ArchBackend;
  readonly accounting: SlotAccounting;
  readonly file: RegisterFile;
  readonly logger: Logger;
  readonly quirks: QuirkSet;
}

/**
 * Who gets a debug register: admission, validation, and the state of every breakpoint, which nobody else writes. It
 * knows neither schedules nor consumers.
 */
export class Registers {
  readonly #parts: RegistersParts;
  readonly #registered = new DenseSet<BreakpointRecord>();
  readonly #placements: Placements;
  #serials = 0;
  #closed = false;
  /** Who follows who is in which register. */
  readonly hooks: RegisterHooks;
  readonly #hit: RegisterHooks['hit'];

  /** Use `composeKernel`. */
  constructor(parts: RegistersParts) {
    this.#parts = parts;
    this.hooks = parts.file.hooks;
    this.#hit = this.hooks.hit;
    parts.accounting.refused.add((claim, holders) => this.hooks.refused.call(claim as BreakpointRecord, holders));
    this.#placements = new Placements(parts.logger, parts.file.hooks, (record) => this.#registered.has(record));
    parts.accounting.policy.follow?.((changes) => this.#placements.apply(changes));
  }

  get manifest(): ArchManifest {
    return this.#parts.backend.manifest;
  }

  /** Every breakpoint that is registered, in no particular order. */
  get registered(): readonly Registration[] {
    return this.#registered.items;
  }

  /** True while anybody holds a slot. Linux: hw_breakpoint_is_used. */
  get isUsed(): boolean {
    return this.#parts.accounting.policy.isUsed;
  }

  /** True while somebody is inside the accounting: whoever stopped the machine there must not touch it. */
  get locked(): boolean {
    return this.#parts.accounting.locked;
  }

  /** True for one that is registered here, and neither another kernel's nor released. */
  has(registration: Registration): boolean {
    return this.#registered.has(registration as BreakpointRecord);
  }

  /** The driver of a CPU: for those who mute it. */
  driver(cpu: number): CpuDriver {
    return this.#parts.file.driver(cpu);
  }

  /** Nothing is admitted any more, and nobody gets what others give back. */
  close(): void {
    this.#closed = true;
    this.#placements.end();
  }

  // --- admission ---

  /**
   * A breakpoint with a slot, or a place in the queue: registered, and in no register. Refused in this order: no
   * registers at all ENOSYS; a class without registers EOPNOTSUPP; a type that names nothing EINVAL; no free slot
   * ENOSPC (with the holders, even if the request is invalid otherwise); the architecture's EINVAL, EOPNOTSUPP or
   * ENODEV; a kernel address with exclude_kernel EINVAL, without privilege EPERM; `confirm`; an offline CPU ENODEV; a
   * task that has exited ESRCH. A refused request leaves everything as it was. `check`: what a scheduler cannot do,
   * asked before all of these. `admitted`: told before anybody else is, such as the owners of those who had to make
   * room, who may unregister it at once. The types of the request's fields were checked (`checkRequest`).
   */
  admit(
    request: BreakpointRequest,
    keeper: Keeper,
    check?: (attr: HwBreakpointAttr) => void,
    admitted?: (registration: Registration) => void,
  ): Registration {
    const { attr } = request;
    this.#checkOpen();
    check?.(attr);
    const record = new BreakpointRecord(request, slotClassOf(attr.bp_type, this.manifest), keeper);
    const granted = this.#reserve(record);
    try {
      record.info = this.#parse(attr, record.privileged, record.task);
      request.confirm?.();
      this.#checkPlace(request);
    } catch (error) {
      this.#unreserve(record);
      throw error;
    }
    record.serial = this.#serials++;
    this.#registered.add(record);
    admitted?.(record);
    this.#placements.apply(granted, record);
    return record;
  }

  /**
   * A slot for somebody who cannot wait, and has its request judged later: see {@link judge}. Not among those that are
   * registered. Throws ENOSPC with the holders, and the errors of the type.
   */
  claim(request: BreakpointRequest, keeper: Keeper): Registration {
    this.#checkOpen();
    const record = new BreakpointRecord(request, slotClassOf(request.attr.bp_type, this.manifest), keeper);
    const granted = this.#reserve(record);
    if (record.state === 'waiting') {
      this.#unreserve(record);
      this.hooks.refused.call(record, []);
      const { name } = this.#parts.accounting.policy;
      const message = `the slot policy '${name}' would let ${record.owner} wait for a register of CPU ${record.cpu}, and it cannot wait`;
      throw coreError('HWBP_NO_SLOT', message, { cpu: record.cpu, policy: name });
    }
    record.state = 'off';
    this.#placements.apply(granted, record);
    return record;
  }

  /**
   * Requests that are accepted together or not at all. Nobody makes room, and nobody is told, before all of them are.
   * An `action` that throws has released what it was admitted, the latest first.
   */
  together<T>(action: () => T): T {
    return this.#placements.together(action);
  }

  /** The architecture's judgement of one that was only claimed. */
  judge(registration: Registration): void {
    const record = registration as BreakpointRecord;
    record.info = this.#parts.backend.parse(record.attr, this.#parts.quirks, record.task);
  }

  /** Gives its slot back, out of its register first. Nothing happens for one that is released. */
  release(registration: Registration): void {
    const record = registration as BreakpointRecord;
    if (record.state === 'released') return;
    if (record.state === 'active') record.leaving('released', () => this.#parts.file.uninstall(record));
    record.state = 'released';
    this.#registered.remove(record);
    this.hooks.released.call(record);
    this.#placements.apply(this.#parts.accounting.release(record));
  }

  /**
   * Changes what a breakpoint watches, in place: the slot is never given up, and after an error everything is as
   * before. The architecture judges first, then whether the new class has registers: the other way round than for a new
   * request. `reschedule` takes it out of its register, calls the function that it is given, and schedules it again; it
   * may be called a second time, to go back.
   */
  modify(
    registration: Registration,
    changes: BreakpointChange,
    options: ModifyOptions,
    reschedule: (rewrite: () => void) => void,
  ): void {
    const record = registration as BreakpointRecord;
    checkModifiable(changes);
    const attr: HwBreakpointAttr = { ...record.attr, ...changes };
    checkAttr(attr);
    const info = this.#parse(options.asked ?? attr, options.privileged ?? record.privileged, record.task);
    options.confirm?.();
    const slotClass = slotClassOf(attr.bp_type, this.manifest);
    const before = { slotClass: record.slotClass, attr: record.attr, info: record.info };
    let decision: Granted | undefined;
    // Of one that waits the new settings count at once: the policy may grant it for the new class.
    if (record.state === 'waiting') record.write(attr, info);
    try {
      if (slotClass !== before.slotClass) decision = this.#parts.accounting.change(record, slotClass);
    } catch (error) {
      record.write(before.attr, before.info);
      throw error;
    }
    try {
      this.#turn(record, attr, info, decision, reschedule);
    } catch (error) {
      const back = decision === undefined ? undefined : this.#parts.accounting.change(record, before.slotClass);
      this.#turn(record, before.attr, before.info, back, reschedule);
      throw error;
    }
  }

  // --- state ---

  /** Puts an inactive one into a register of a CPU. Throws EBUSY if none is free, which a sound policy prevents. */
  install(registration: Registration, cpu: number): void {
    this.#parts.file.install(registration as BreakpointRecord, cpu);
  }

  /** The same for one that may take turns. False: no register is free. */
  tryInstall(registration: Registration, cpu: number): boolean {
    return this.#parts.file.tryInstall(registration as BreakpointRecord, cpu);
  }

  /** Takes an active one out of its register: it is inactive then. */
  uninstall(registration: Registration): void {
    this.#parts.file.uninstall(registration as BreakpointRecord);
  }

  /** One that is off may be scheduled from now on. `disabled` in its attributes follows. */
  enable(registration: Registration): void {
    const record = registration as BreakpointRecord;
    if (record.state === 'off') record.state = 'inactive';
  }

  /** Takes it out of its register, and off. */
  disable(registration: Registration): void {
    const record = registration as BreakpointRecord;
    if (record.state === 'active') record.leaving('changed', () => this.#parts.file.uninstall(record));
    if (record.state !== 'inactive') return;
    record.state = 'off';
    this.hooks.disabled.call(record);
  }

  /** What its owner reads: whether it is to be disabled. */
  setDisabled(registration: Registration, disabled: boolean): void {
    const record = registration as BreakpointRecord;
    record.attr = { ...record.attr, disabled };
  }

  /** One hit more: to be called before its handler. */
  count(registration: Registration, hit: Hit): void {
    (registration as BreakpointRecord).hits++;
    if (this.#hit.size > 0) this.#hit.call(registration, hit);
  }

  // --- images ---

  /** The policy behind the accounting. */
  get policy(): SlotPolicy {
    return this.#parts.accounting.policy;
  }

  /** What happens meanwhile is put back as it was, and nobody's news. */
  silently<T>(action: () => T): T {
    return this.#placements.silently(action);
  }

  /** What a breakpoint of an image had beside its request. */
  revive(registration: Registration, { waits, hits, serial }: Pick<Registration, 'waits' | 'hits' | 'serial'>): void {
    Object.assign(registration as BreakpointRecord, { waits, hits, serial });
  }

  /** The serial number of the next one. @settable */
  get serials(): number {
    return this.#serials;
  }

  set serials(next: number) {
    this.#serials = next;
  }

  /** The policy has been put back to what it had decided: true, it has to wait. */
  follow(registration: Registration, waits: boolean): void {
    const record = registration as BreakpointRecord;
    this.silently(() => this.#placements.apply(waits ? { displaced: [record] } : { granted: [record] }));
  }

  /** Puts an inactive one into this register of a CPU. Throws EINVAL if another one is there. */
  installAt(registration: Registration, cpu: number, register: number): void {
    this.#parts.file.installAt(registration as BreakpointRecord, cpu, register);
  }

  // --- private ---

  #reserve(record: BreakpointRecord): Granted {
    const granted = this.#parts.accounting.reserve(record);
    if (granted.outcome === 'granted') record.state = record.attr.disabled === true ? 'off' : 'inactive';
    return granted;
  }

  /** The policy undoes what it has decided: neither has happened to anybody. */
  #unreserve(record: BreakpointRecord): void {
    record.state = 'released';
    this.#parts.accounting.release(record);
  }

  #parse(attr: HwBreakpointAttr, privileged: boolean, task: Task | undefined): ArchBreakpoint {
    return parseRequest(this.#parts, attr, privileged, task);
  }

  #checkOpen(): void {
    if (this.#closed) throw coreError('HWBP_DISPOSED', 'this kernel was disposed; compose a new one');
  }

  /** A child inherits what its parent has, whether that can count now or not. */
  #checkPlace({ task, cpu, parent, revived = false }: BreakpointRequest): void {
    if (cpu >= 0 && parent === undefined && !revived && !this.#parts.machine.cpu(cpu).online) {
      throw coreError('HWBP_CPU_OFFLINE', `CPU ${cpu} is offline; bring it online first`, { cpu });
    }
    if (task !== undefined && !task.alive) {
      throw coreError('HWBP_TASK_GONE', `task ${task} has exited`, { pid: task.pid });
    }
  }

  #rewrite(record: BreakpointRecord, attr: HwBreakpointAttr, info: ArchBreakpoint): void {
    record.write(attr, info);
    if (attr.disabled === true) record.state = 'off';
    else if (record.state === 'off') record.state = 'inactive';
  }

  /**
   * Gives a breakpoint new settings. `decision`: the policy's, for another class of registers, which may change its
   * mind about the claim and about others. It happens to these while the breakpoint is in no register: one of them may
   * have been granted the one that it is in.
   */
  #turn(
    record: BreakpointRecord,
    attr: HwBreakpointAttr,
    info: ArchBreakpoint,
    decision: Granted | undefined,
    reschedule: (rewrite: () => void) => void,
  ): void {
    const stays = decision?.outcome === 'granted' && record.state !== 'waiting';
    if (decision !== undefined && !stays) this.#placements.apply(withOwn(record, decision), record);
    if (record.state === 'waiting') record.write(attr, info);
    // Released by an owner who was told that it had to make room.
    if (record.state === 'waiting' || record.state === 'released') return;
    const rewrite = (): void => {
      this.#rewrite(record, attr, info);
      if (decision !== undefined && stays) this.#placements.apply(decision, record);
    };
    record.leaving('changed', () => reschedule(rewrite));
  }
}
