import { x86 } from '@hwbp/arch-x86';
import {
  BREAKPOINTS,
  type Breakpoints,
  type ConsumerClass,
  inject,
  injectable,
  MACHINE,
  type Machine,
  type PluginManifest,
  USER_DEBUG_REGISTERS,
  type UserDebugRegisters,
} from '@hwbp/core';
import { consumerContract } from '@hwbp/testkit';
import { WriteCounter } from '../consumers/write-counter.js';
import type { Mutant } from './mutant.js';

const NAME: PluginManifest = { name: 'mutant' };

/** Injection does not follow inheritance: each mutant says again what it takes. */
@injectable()
class Base extends WriteCounter {
  static override readonly plugin = NAME;

  constructor(@inject(MACHINE) machine: Machine, @inject(BREAKPOINTS) breakpoints: Breakpoints) {
    super(machine, breakpoints);
  }
}

@injectable()
class KeepsAHook extends Base {
  constructor(@inject(MACHINE) machine: Machine, @inject(BREAKPOINTS) breakpoints: Breakpoints) {
    super(machine, breakpoints);
  }

  override stop(): void {
    this.undo.splice(0, 1);
    super.stop();
  }
}

@injectable()
class KeepsItsWatches extends Base {
  constructor(@inject(MACHINE) machine: Machine, @inject(BREAKPOINTS) breakpoints: Breakpoints) {
    super(machine, breakpoints);
  }

  override stop(): void {
    this.watches = [];
    super.stop();
  }
}

@injectable()
class StartsAgainAndAgain extends Base {
  constructor(@inject(MACHINE) machine: Machine, @inject(BREAKPOINTS) breakpoints: Breakpoints) {
    super(machine, breakpoints);
  }

  override start(): void {
    this.undo = [];
    super.start();
  }
}

@injectable()
class StopsOnce extends Base {
  #stopped = false;

  constructor(@inject(MACHINE) machine: Machine, @inject(BREAKPOINTS) breakpoints: Breakpoints) {
    super(machine, breakpoints);
  }

  override stop(): void {
    if (this.#stopped) throw new Error('stopped already');
    this.#stopped = true;
    super.stop();
  }
}

@injectable()
class NeverStartsAgain extends Base {
  #started = false;

  constructor(@inject(MACHINE) machine: Machine, @inject(BREAKPOINTS) breakpoints: Breakpoints) {
    super(machine, breakpoints);
  }

  override start(): void {
    if (!this.#started) super.start();
    this.#started = true;
  }
}

@injectable()
class SharedByKernels extends Base {
  static readonly all = new Set<SharedByKernels>();

  constructor(@inject(MACHINE) machine: Machine, @inject(BREAKPOINTS) breakpoints: Breakpoints) {
    super(machine, breakpoints);
    SharedByKernels.all.add(this);
  }

  override watch(address: bigint): void {
    for (const one of SharedByKernels.all) one.watchHere(address);
  }

  override stop(): void {
    SharedByKernels.all.delete(this);
    super.stop();
  }

  watchHere(address: bigint): void {
    super.watch(address);
  }
}

/** It says that it only wants the facet. */
@injectable()
class NeedsMoreThanItSays extends Base {
  static override readonly plugin: PluginManifest = { ...NAME, wants: [USER_DEBUG_REGISTERS] };
  readonly #registers: UserDebugRegisters | undefined;

  constructor(
    @inject(MACHINE) machine: Machine,
    @inject(BREAKPOINTS) breakpoints: Breakpoints,
    @inject(USER_DEBUG_REGISTERS) registers: UserDebugRegisters | undefined,
  ) {
    super(machine, breakpoints);
    this.#registers = registers;
  }

  override start(): void {
    if (this.#registers === undefined) throw new Error('it cannot do without after all');
    super.start();
  }
}

function consumerMutant(name: string, kills: readonly string[], consumer: ConsumerClass<WriteCounter>): Mutant {
  return {
    name,
    kills,
    declare: (test) =>
      consumerContract({
        test,
        name,
        consumer,
        compose: () => ({ arch: x86(), cpus: 2 }),
        use: (counter) => counter.watch(0x1000n),
      }),
  };
}

/** The consumer without a defect. */
export const faithfulConsumer: Mutant = consumerMutant('consumer: nothing planted', [], Base);

export const consumerMutants: readonly Mutant[] = [
  consumerMutant('consumer: stop keeps a hook', ['consumer/stop-gives-everything-back'], KeepsAHook),
  consumerMutant('consumer: stop keeps its breakpoints', ['consumer/stop-gives-everything-back'], KeepsItsWatches),
  consumerMutant('consumer: a second start takes again', ['consumer/start-is-idempotent'], StartsAgainAndAgain),
  consumerMutant('consumer: a second stop throws', ['consumer/stop-is-idempotent'], StopsOnce),
  consumerMutant('consumer: it starts only once', ['consumer/starts-again'], NeverStartsAgain),
  consumerMutant('consumer: kernels share it', ['consumer/kernels-do-not-share-it'], SharedByKernels),
  consumerMutant(
    'consumer: needs a facet that it does not name',
    ['consumer/needs-no-facet-that-it-does-not-name'],
    NeedsMoreThanItSays,
  ),
];
