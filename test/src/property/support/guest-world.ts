import assert from 'node:assert/strict';
import { X86DebugUnit, x86 } from '@hwbp/arch-x86';
import {
  type ArchBackend,
  type Architecture,
  BACKEND,
  type Breakpoint,
  type Cpu,
  composeKernel,
  type DebuggerReservation,
  HW_BREAKPOINT_W,
  type Kernel,
  type Task,
} from '@hwbp/core';
import { Kvm, type Vcpu, type VirtualMachine } from '@hwbp/kvm';
import { type GuestCommand, RegisterGuest } from './register-guest.js';
import { StoreQueue } from './store-queue.js';

/** Everything that may be watched or stored to: granules of 8 bytes. */
export const PLACES = 6;
const DATA = 0x10_0000n;
const placeAt = (place: number): bigint => DATA + BigInt(8 * place);
const attrOf = (place: number) => ({ bp_type: HW_BREAKPOINT_W, bp_addr: placeAt(place), bp_len: 8 });

/** One thing that happens. */
export type WorldOp =
  | { readonly op: 'guest stores'; readonly vcpu: number; readonly place: number }
  | { readonly op: 'guest moves address'; readonly vcpu: number; readonly register: number; readonly place: number }
  | { readonly op: 'guest enables'; readonly vcpu: number; readonly registers: number }
  | { readonly op: 'guest reads'; readonly vcpu: number; readonly register: number }
  | { readonly op: 'host stores'; readonly task: number; readonly place: number }
  | { readonly op: 'host watches'; readonly target: 'cpu' | 'task'; readonly index: number; readonly place: number }
  | { readonly op: 'host forgets'; readonly index: number }
  | { readonly op: 'migrates'; readonly vcpu: number; readonly cpu: number }
  | { readonly op: 'debugs'; readonly vcpu: number; readonly place: number }
  | { readonly op: 'lets go'; readonly vcpu: number }
  | { readonly op: 'claims'; readonly cpu: number; readonly place: number }
  | { readonly op: 'gives back' }
  | { readonly op: 'fails'; readonly writes: number };

/** An x86 unit of which a write fails when it is told to. */
class FailingUnit extends X86DebugUnit {
  /** Writes until one fails; 0: none does. */
  failing = 0;

  override setControl(value: number): void {
    this.#fail();
    super.setControl(value);
  }

  override setAddress(register: number, hi: number, lo: number): void {
    this.#fail();
    super.setAddress(register, hi, lo);
  }

  #fail(): void {
    if (this.failing > 0 && --this.failing === 0) throw new Error('planted');
  }
}

/** What the guest of one virtual CPU has written to its registers, and what a debugger has put in their place. */
interface Model {
  readonly db: number[];
  dr7: number;
  outside: number | undefined;
  exits: number;
}

interface HostWatch {
  readonly breakpoint: Breakpoint;
  readonly target: { readonly cpu: number } | { readonly task: number };
  readonly place: number;
  hits: number;
  expected: number;
}

/** A write watch of 8 bytes in each register that a bit names. */
function dr7Of(registers: number): number {
  let value = 0;
  for (let register = 0; register < 4; register++) {
    if ((registers & (1 << register)) !== 0) value |= (2 << (2 * register)) | (0x9 << (16 + 4 * register));
  }
  return (value | 0x400) >>> 0;
}

/** A host with two CPUs and two tasks, a virtual machine of two CPUs that are told what to do, and a model of both. */
export class GuestWorld implements Disposable {
  readonly host: Kernel;
  readonly vm: VirtualMachine;
  readonly #below: Kernel | undefined;
  readonly #units: FailingUnit[] = [];
  readonly #guests: RegisterGuest[];
  readonly #models: Model[];
  readonly #programs = [new StoreQueue(), new StoreQueue()];
  readonly #tasks: Task[];
  readonly #watches: HostWatch[] = [];
  readonly #backend: ArchBackend;
  #claim: { readonly reservation: DebuggerReservation; readonly place: number; readonly cpu: number } | undefined;
  #failing = 0;
  #claimHits = 0;
  #claimExpected = 0;

  /** A world whose host stands on real hardware. */
  static of(arch: () => Architecture): GuestWorld {
    return new GuestWorld(false, arch);
  }

  /** `nested`: the host is a guest itself. */
  constructor(nested: boolean, arch: () => Architecture = x86) {
    const createUnit = (): FailingUnit => {
      const unit = new FailingUnit({});
      this.#units.push(unit);
      return unit;
    };
    const built = { arch: arch(), strict: true, plugins: [Kvm] };
    const physical = composeKernel({ ...built, cpus: 2, createUnit, tick: 100_000 });
    this.#below = nested ? physical : undefined;
    this.host = nested
      ? composeKernel({ ...built, hardware: physical.get(Kvm).createVm({ cpus: 2 }).hardware, tick: 100_000 })
      : physical;
    this.#backend = this.host.get(BACKEND);
    const models: Model[] = [0, 1].map(() => ({ db: [-1, -1, -1, -1], dr7: 0x400, outside: undefined, exits: 0 }));
    this.#models = models;
    this.vm = this.host.get(Kvm).createVm({
      cpus: 2,
      exit: (exit, vcpu) => {
        if (exit.reason === 'debug') (models[vcpu.index] as Model).exits++;
        return undefined;
      },
    });
    this.#guests = this.vm.vcpus.map(({ cpu }) => new RegisterGuest(cpu));
    this.#tasks = this.#programs.map((program, index) =>
      this.host.machine.spawn(() => program, { comm: `host${index}`, affinity: [index] }),
    );
    const { guestEntry, guestExit } = this.host.machine.hooks;
    guestEntry.add(() => this.#fail(this.#failing));
    guestExit.add(() => this.#fail(0));
    // Something for each, so that everybody is awake.
    for (const [vcpu] of this.#guests.entries()) this.#tell(vcpu, { kind: 'read', register: 7 });
  }

  [Symbol.dispose](): void {
    this.host.dispose();
    this.#below?.dispose();
  }

  /** Performs one thing and compares everything with the model. */
  perform(op: WorldOp): void {
    this.#perform(op);
    this.check();
  }

  /** Nothing may be left armed once everybody is gone. */
  finish(): void {
    for (const [vcpu] of this.#guests.entries()) {
      this.perform({ op: 'lets go', vcpu });
      this.perform({ op: 'guest enables', vcpu, registers: 0 });
    }
    while (this.#watches.length > 0) this.perform({ op: 'host forgets', index: 0 });
    this.perform({ op: 'gives back' });
    for (const unit of this.#units) assert.deepEqual(unit.filter.ranges, []);
  }

  /** From an entry to the exit the write of that number fails, once. */
  #fail(writes: number): void {
    for (const unit of this.#units) unit.failing = writes;
    if (writes > 0) this.#failing = 0;
  }

  #perform(op: WorldOp): void {
    switch (op.op) {
      case 'guest stores':
        this.#guestStores(op.vcpu, op.place);
        break;
      case 'guest moves address':
        (this.#models[op.vcpu] as Model).db[op.register] = op.place;
        this.#tell(op.vcpu, { kind: 'write', register: op.register, value: placeAt(op.place) });
        break;
      case 'guest enables':
        (this.#models[op.vcpu] as Model).dr7 = dr7Of(op.registers);
        this.#tell(op.vcpu, { kind: 'write', register: 7, value: BigInt(dr7Of(op.registers)) });
        break;
      case 'guest reads':
        this.#guestReads(op.vcpu, op.register);
        break;
      case 'host stores':
        this.#hostStores(op.task, op.place);
        break;
      case 'host watches':
        this.#hostWatches(op.target, op.index, op.place);
        break;
      case 'host forgets': {
        const [watch] = this.#watches.splice(op.index % Math.max(1, this.#watches.length), 1);
        if (watch !== undefined) this.host.breakpoints.unregister(watch.breakpoint);
        break;
      }
      case 'migrates':
        this.host.machine.setAffinity(this.vm.tasks[op.vcpu] as Task, [op.cpu]);
        break;
      case 'debugs':
        this.#debug(op.vcpu, op.place);
        break;
      case 'lets go':
        this.#debug(op.vcpu, undefined);
        break;
      case 'claims':
        this.#claims(op.cpu, op.place);
        break;
      case 'gives back':
        this.#claim?.reservation.uninstall();
        this.#claim?.reservation.release();
        this.#claim = undefined;
        break;
      case 'fails':
        this.#failing = op.writes;
    }
    this.#run();
  }

  /** Runs on until everybody has done what he was told; what was planted to fail ends a run, and nothing else. */
  #run(): void {
    for (let i = 0; i < 200; i++) {
      try {
        this.host.machine.run(300);
      } catch (error) {
        assert.match(String(error), /planted/);
      }
      if (this.#guests.every(({ isDone }) => isDone) && this.#programs.every(({ isDone }) => isDone)) break;
    }
    this.#failing = 0;
    this.#fail(0);
    for (const guest of this.#guests) assert.ok(guest.isDone, 'a guest has not done what it was told');
  }

  check(): void {
    for (const { hits, expected, place } of this.#watches) assert.equal(hits, expected, `the host's watch of ${place}`);
    assert.equal(this.#claimHits, this.#claimExpected, 'the debugger of the host');
    for (const guest of this.#guests) assert.deepEqual(guest.strange, []);
    for (const cpu of this.host.machine.cpus) this.#checkRegisters(cpu);
  }

  /** The hardware has what its owner of the moment wants, and nothing else. */
  #checkRegisters(cpu: Cpu): void {
    const armed = cpu.unit.filter.ranges.map(({ address }) => address).sort();
    const vcpu = cpu.visitor as Vcpu | undefined;
    const wanted =
      vcpu === undefined
        ? this.host.breakpoints.occupants(cpu.index).flatMap((one) => (one === undefined ? [] : [one.address]))
        : this.#loaded(this.#models[vcpu.index] as Model);
    // A host that is a guest has its registers only while it is on a CPU.
    if (this.#below !== undefined && vcpu === undefined && !cpu.present) return;
    if (this.#below !== undefined && armed.length === 0) return;
    assert.deepEqual(armed, [...wanted].sort(), `CPU ${cpu.index}, ${vcpu === undefined ? 'host' : 'guest'}`);
  }

  #loaded({ db, dr7, outside }: Model): readonly bigint[] {
    if (outside !== undefined) return [placeAt(outside)];
    return db.flatMap((place, register) =>
      (dr7 & (3 << (2 * register))) === 0 ? [] : [place < 0 ? 0n : placeAt(place)],
    );
  }

  #tell(vcpu: number, command: GuestCommand): void {
    (this.#guests[vcpu] as RegisterGuest).tell(command);
  }

  #guestStores(vcpu: number, place: number): void {
    const [guest, model] = [this.#guests[vcpu] as RegisterGuest, this.#models[vcpu] as Model];
    const { outside, db, dr7, exits } = model;
    this.#tell(vcpu, { kind: 'store', address: placeAt(place) });
    this.#run();
    let expected = 0;
    for (const [register, at] of db.entries()) {
      if (at === place && (dr7 & (3 << (2 * register))) !== 0) expected |= 1 << register;
    }
    const result = guest.results.at(-1);
    assert.equal(result?.hits, outside === undefined ? expected : 0, `what guest ${vcpu} was told of its store`);
    assert.equal(model.exits - exits, outside === place ? 1 : 0, 'debug exits');
  }

  #guestReads(vcpu: number, register: number): void {
    const [guest, { db, dr7 }] = [this.#guests[vcpu] as RegisterGuest, this.#models[vcpu] as Model];
    this.#tell(vcpu, { kind: 'read', register });
    this.#run();
    const place = db[register] ?? -1;
    const expected = register === 7 ? BigInt(dr7) : register === 6 ? 0xffff_0ff0n : place < 0 ? 0n : placeAt(place);
    assert.equal(guest.results.at(-1)?.loaded, expected, `DR${register} of guest ${vcpu}`);
  }

  #hostStores(task: number, place: number): void {
    for (const watch of this.#watches) {
      const mine = 'task' in watch.target ? watch.target.task === task : watch.target.cpu === task;
      if (mine && watch.place === place) watch.expected++;
    }
    if (this.#claim?.cpu === task && this.#claim.place === place) this.#claimExpected++;
    (this.#programs[task] as StoreQueue).store(placeAt(place));
    this.host.machine.wake(this.#tasks[task] as Task);
  }

  #hostWatches(kind: 'cpu' | 'task', index: number, place: number): void {
    if (this.#watches.length >= 3) return;
    const { breakpoints } = this.host;
    const hit = (): void => void watch.hits++;
    const watch: HostWatch = {
      breakpoint:
        kind === 'cpu'
          ? breakpoints.registerCpu(attrOf(place), hit, index)
          : breakpoints.registerUser(attrOf(place), hit, this.#tasks[index] as Task),
      target: kind === 'cpu' ? { cpu: index } : { task: index },
      place,
      hits: 0,
      expected: 0,
    };
    this.#watches.push(watch);
  }

  #debug(vcpu: number, place: number | undefined): void {
    const { cpu, debug } = this.vm.vcpus[vcpu] as Vcpu;
    (this.#models[vcpu] as Model).outside = place;
    // Between two runs it may be on a CPU: what is set counts from its next entry.
    cpu.attention = true;
    (this.vm.vcpus[vcpu] as Vcpu).leave();
    const wanted =
      place === undefined
        ? undefined
        : { step: false, software: false, breakpoints: [undefined, this.#backend.parse(attrOf(place))] };
    debug.debug(cpu, wanted);
  }

  #claims(cpu: number, place: number): void {
    if (this.#claim !== undefined) return;
    const { debugger: slots } = this.host.breakpoints;
    const reservation = slots.reserve(attrOf(place), () => void this.#claimHits++, cpu, 'gdb');
    if (reservation === undefined) return;
    reservation.install();
    this.#claim = { reservation, place, cpu };
  }
}
