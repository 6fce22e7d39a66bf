import type { Kernel } from '@hwbp/core';
import type { ModelEvent, Watch } from './event-model/event.js';
import type { EventsModel } from './event-model/model.js';
import { fits } from './event-model/slots.js';
import type { EventSetup } from './event-setup.js';

const LENGTHS = new Set([1, 2, 4, 8]);
const KERNEL_SPACE = 0x8000_0000_0000n;

/** What requests must be refused with, in the order of spec 3.2: the type, the slots, the encoding, the place. */
export class EventRefusals {
  readonly #kernel: Kernel;
  readonly #model: EventsModel;
  readonly #setup: EventSetup;

  constructor(kernel: Kernel, model: EventsModel, setup: EventSetup) {
    this.#kernel = kernel;
    this.#model = model;
    this.#setup = setup;
  }

  /** Errnos that opening it may be refused with; the first reason that applies, or reasons whose order is not fixed. */
  ofOpening(model: ModelEvent): string[] {
    const { watch, task, cpu } = model;
    const early = watch === undefined ? undefined : (this.#badType(watch) ?? this.#noSlot(model, watch));
    const late = early ?? (watch === undefined ? undefined : this.#badWatch(model, watch));
    if (late !== undefined) return [...late];
    const bound = watch !== undefined || task === undefined;
    if (cpu >= 0 && bound && !this.#kernel.machine.cpu(cpu).online) return ['ENODEV'];
    return task !== undefined && !task.alive ? ['ESRCH'] : [];
  }

  /** Of a change of what it watches. */
  ofModifying(model: ModelEvent, next: Watch): string[] {
    const early = this.#badType(next) ?? this.#badWatch(model, next);
    if (early !== undefined || this.#pool(next) === this.#pool(model.watch)) return early ?? [];
    return this.#noSlot(model, next) ?? [];
  }

  #badType({ bp_type }: Watch): string[] | undefined {
    if (bp_type === 0 || bp_type === 7) return ['EINVAL'];
    const { data, instruction } = this.#kernel.breakpoints.manifest.slots;
    return ((bp_type & 3) !== 0 ? data : instruction) === 0 ? ['EOPNOTSUPP'] : undefined;
  }

  #noSlot(model: ModelEvent, watch: Watch): string[] | undefined {
    const pool = this.#pool(watch) as string;
    const { slots } = this.#kernel.breakpoints.manifest;
    const held = [...this.#model.held].filter((event) => event !== model && this.#pool(event.watch) === pool);
    const registers = pool === 'instruction' ? slots.instruction : slots.data;
    return fits(model, held, registers, this.#setup.cpus, this.#setup.accounting) ? undefined : ['ENOSPC'];
  }

  #badWatch({ attr }: ModelEvent, { bp_type, bp_addr, bp_len }: Watch): string[] | undefined {
    const execute = bp_type === 4;
    const reads = bp_type === 1 && this.#kernel.breakpoints.manifest.access.includes('r');
    const type = execute || reads || bp_type === 2 || bp_type === 3;
    const fit = execute ? bp_len === 8 : LENGTHS.has(bp_len) && bp_addr % BigInt(bp_len) === 0n;
    if (!type || !fit) return ['EINVAL'];
    return bp_addr >= KERNEL_SPACE && attr.exclude_kernel === true ? ['EINVAL'] : undefined;
  }

  #pool(watch: Watch | undefined): string | undefined {
    return poolOf(watch, this.#kernel.breakpoints.manifest.slots.shared);
  }
}

/** The registers that a watch takes one of; `shared`: there is one pool. */
export function poolOf(watch: Watch | undefined, shared: boolean): string | undefined {
  if (watch === undefined) return undefined;
  if (shared) return 'shared';
  return (watch.bp_type & 3) !== 0 ? 'data' : 'instruction';
}
