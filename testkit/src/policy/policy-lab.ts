import {
  type Admission,
  type ArchManifest,
  Hardware,
  Machine,
  NullDebugUnit,
  type PlacementChanges,
  program,
  QuirkSet,
  RingLogger,
  registersOf,
  type SlotClaim,
  type SlotClass,
  type SlotHost,
  type SlotPolicy,
  type Task,
  WatchFilter,
} from '@hwbp/core';
import { equal, ok } from '../assert/index.js';

/** For whom a claim is: a task anywhere, a task on a CPU, or a CPU. */
export interface Target {
  readonly task?: Task;
  readonly cpu?: number;
}

/** A policy with a machine around it, and what it has decided so far. */
export class PolicyLab {
  readonly manifest: ArchManifest;
  readonly machine: Machine;
  readonly policy: SlotPolicy;
  /** Two tasks, as the kernel's own test names them. */
  readonly cur: Task;
  readonly oth: Task;
  /** A thread of the first one's process. */
  readonly thread: Task;
  /** Claims that have a register, and claims that wait for one. */
  readonly granted = new Set<SlotClaim>();
  readonly waiting = new Set<SlotClaim>();
  #next = 0;

  constructor(createPolicy: (host: SlotHost) => SlotPolicy, manifest: ArchManifest, cpus = 2) {
    this.manifest = manifest;
    const createUnit = () => new NullDebugUnit(new WatchFilter());
    const hardware = new Hardware({ cpus, pageSize: manifest.pageSize, createUnit });
    this.machine = new Machine({ hardware, memory: manifest, logger: new RingLogger() });
    this.cur = this.machine.spawn(program([]), { comm: 'cur', run: false });
    this.oth = this.machine.spawn(program([]), { comm: 'oth', run: false });
    this.thread = this.machine.fork(this.cur, program([]), { thread: true });
    this.policy = createPolicy({ manifest, machine: this.machine, quirks: new QuirkSet([], []) });
  }

  /** A claim of one register that nobody has asked for yet. */
  claim(
    target: Target,
    slotClass: SlotClass = 'data',
    priority = 0,
    more: Partial<Pick<SlotClaim, 'waits' | 'wide' | 'weight' | 'pinned' | 'delivery'>> = {},
  ): SlotClaim {
    const address = 0x1000n + BigInt(this.#next++);
    const { task, cpu = -1 } = target;
    const rest = { pinned: true, delivery: 'after', owner: 'testkit', address, length: 1, priority } as const;
    return { slotClass, weight: 1, task, cpu, ...rest, ...more };
  }

  reserve(claim: SlotClaim): Admission {
    const admission = this.policy.reserve(claim);
    if (admission.outcome === 'refused') return admission;
    (admission.outcome === 'granted' ? this.granted : this.waiting).add(claim);
    this.#apply(admission);
    return admission;
  }

  change(claim: SlotClaim, slotClass: SlotClass): Admission {
    const admission = this.policy.change(claim, slotClass);
    if (admission.outcome === 'refused') return admission;
    const waits = admission.outcome === 'waiting';
    (waits ? this.granted : this.waiting).delete(claim);
    (waits ? this.waiting : this.granted).add(claim);
    this.#apply(admission);
    return admission;
  }

  release(claim: SlotClaim): void {
    this.granted.delete(claim);
    this.waiting.delete(claim);
    this.#apply(this.policy.release(claim));
  }

  /** A claim that is valid up to the policy, and refused behind it: what was decided of it happens to nobody. */
  attempt(claim: SlotClaim): void {
    if (this.policy.reserve(claim).outcome !== 'refused') this.policy.release(claim);
  }

  /** The register of each claim that has one, as `place` says it of an empty CPU. */
  get places(): readonly (readonly [address: bigint, register: number])[] {
    const { data, instruction } = this.manifest.slots;
    const empty: readonly unknown[] = new Array(data + instruction).fill(undefined);
    return [...this.granted].map((claim) => [claim.address, this.policy.place(claim, empty)] as const).sort(byAddress);
  }

  releaseAll(): void {
    for (const claim of this.claims) this.release(claim);
  }

  /** Every claim that was not refused. */
  get claims(): readonly SlotClaim[] {
    return [...this.granted, ...this.waiting];
  }

  /** As many claims as are granted, and no more than `most`. */
  fill(target: Target, slotClass: SlotClass = 'data', most = 100): readonly SlotClaim[] {
    const made: SlotClaim[] = [];
    while (made.length < most) {
      const claim = this.claim(target, slotClass);
      const { outcome } = this.reserve(claim);
      if (outcome === 'waiting') this.release(claim);
      if (outcome !== 'granted') break;
      made.push(claim);
    }
    return made;
  }

  /** Whoever is scheduled on a CPU together, with whichever task: all granted claims find a register of their class. */
  checkPlacement(): void {
    for (const { index: cpu } of this.machine.cpus) {
      for (const task of [undefined, this.cur, this.oth, this.thread]) this.#checkTogether(cpu, task);
    }
  }

  #checkTogether(cpu: number, task: Task | undefined): void {
    const { slots } = this.manifest;
    const registers = slots.shared ? slots.data : slots.data + slots.instruction;
    const occupied: unknown[] = new Array(registers).fill(undefined);
    for (const claim of this.granted) {
      const here = claim.cpu === cpu || (claim.cpu < 0 && claim.task === task);
      if (!here || (claim.task !== undefined && claim.task !== task)) continue;
      const register = this.policy.place(claim, occupied);
      const { first, end } = registersOf(this.manifest, claim.slotClass);
      const where = `CPU ${cpu} with ${task === undefined ? 'no task' : `task ${task}`}`;
      ok(register >= first && register < end, `place on ${where}: register ${register}, of ${first} to ${end - 1}`);
      equal(occupied[register], undefined, `place on ${where}: register ${register} is free`);
      occupied[register] = claim;
    }
  }

  #apply({ displaced = [], granted = [] }: PlacementChanges): void {
    for (const claim of displaced) this.#move(claim, this.granted, this.waiting);
    for (const claim of granted) this.#move(claim, this.waiting, this.granted);
  }

  #move(claim: SlotClaim, from: Set<SlotClaim>, to: Set<SlotClaim>): void {
    ok(from.delete(claim), 'what a decision does to others is about claims in the state that it says');
    to.add(claim);
  }
}

function byAddress([a]: readonly [bigint, number], [b]: readonly [bigint, number]): number {
  return Number(a - b);
}
