import type { HwBreakpointAttr } from '../arch/index.js';
import { type ImageReader, type ImageValue, notWritable } from '../image/index.js';
import type { ImagePart, Machine } from '../kernel/index.js';
import type { Breakpoint, HitHandler } from '../registers/index.js';
import { type BreakpointFunctions, loadFunctions, saveFunctions } from './breakpoint-functions.js';
import { loadAttr, saveAttr } from './breakpoint-image.js';
import type { BreakpointImages } from './breakpoint-images.js';
import type { RegisterOptions } from './register-options.js';
import type { WideBreakpoint } from './wide-breakpoint.js';

/** What an image has of a wide breakpoint. */
export interface WideState {
  readonly attr: HwBreakpointAttr;
  readonly handler: HitHandler;
  readonly options: RegisterOptions;
  readonly members: Map<number, Breakpoint>;
  /** CPUs that are suspended, and whose member was enabled before. */
  readonly suspended: Set<number>;
}

/** Makes a wide breakpoint without members. */
export type MakeWide = (
  attr: HwBreakpointAttr,
  handler: HitHandler,
  options: RegisterOptions,
) => { readonly wide: WideBreakpoint; readonly record: WideState };

/** The wide breakpoints of a kernel in its image, as {@link BreakpointImages} has the others. */
export class WideImages implements ImagePart {
  readonly #machine: Machine;
  readonly #images: BreakpointImages;
  readonly #all: ReadonlyMap<WideBreakpoint, WideState>;
  readonly #make: MakeWide;
  readonly #spokenFor = new Set<WideBreakpoint>();
  #saved: readonly ImageReader[] = [];
  readonly #suspended = new Map<WideState, readonly number[]>();

  constructor(machine: Machine, images: BreakpointImages, all: ReadonlyMap<WideBreakpoint, WideState>, make: MakeWide) {
    this.#machine = machine;
    this.#images = images;
    this.#all = all;
    this.#make = make;
  }

  begin(): void {
    this.#spokenFor.clear();
  }

  /** The number of a wide breakpoint in the image that is being made. Whoever asks brings its handler on the way back. */
  numberOf(wide: WideBreakpoint): number {
    this.#spokenFor.add(wide);
    const number = [...this.#all.keys()].indexOf(wide);
    if (number >= 0) return number;
    throw notWritable(`${wide.owner}'s wide breakpoint is not one of this kernel's`);
  }

  save(): ImageValue {
    return [...this.#all].map(([wide, { attr, handler, options, members, suspended }]) => {
      const { installed, uninstalled, owner, priority, waits, delivery, privileged } = options;
      const functions = {
        handler,
        ...(installed === undefined ? {} : { installed }),
        ...(uninstalled === undefined ? {} : { uninstalled }),
      };
      const { code } = this.#machine.hibernation;
      const given = Object.entries({ owner, priority, waits, delivery, privileged });
      return {
        attr: saveAttr(attr),
        options: Object.fromEntries(given.filter(([, value]) => value !== undefined)) as ImageValue,
        members: [...members].map(([cpu, member]) => [cpu, this.#images.numberOf(member)]),
        suspended: [...suspended],
        functions: this.#spokenFor.has(wide) ? null : saveFunctions(functions, code, `${wide.owner}'s wide breakpoint`),
      };
    });
  }

  restore(from: ImageReader): void {
    this.#saved = from.list();
    this.#suspended.clear();
    for (const one of this.#saved) {
      const functions = one.field('functions');
      if (!functions.absent) this.#revive(one, loadFunctions(functions, this.#machine.hibernation.code));
    }
  }

  /** The wide breakpoint of a number, which the caller has spoken for, with the functions that it brings. */
  take(number: ImageReader, functions: BreakpointFunctions): WideBreakpoint {
    const saved = this.#saved[number.number(0, this.#saved.length - 1)];
    if (saved === undefined) throw number.invalid('the number of a wide breakpoint');
    return this.#revive(saved, functions);
  }

  /** With the machine suspended: those whose CPU was suspended are waited for. */
  seat(): void {
    for (const [record, cpus] of this.#suspended) {
      record.suspended.clear();
      for (const cpu of cpus) record.suspended.add(cpu);
    }
    this.#suspended.clear();
    this.#saved = [];
  }

  #revive(from: ImageReader, { handler, ...notices }: BreakpointFunctions): WideBreakpoint {
    const { wide, record } = this.#make(loadAttr(from.field('attr')), handler, {
      ...loadOptions(from.field('options')),
      ...notices,
    });
    for (const member of from.field('members').list()) {
      const [cpu, number] = member.list();
      if (cpu === undefined || number === undefined) throw member.invalid('a CPU and the number of a breakpoint');
      record.members.set(cpu.number(), this.#images.take(number, { handler, ...notices }, record));
    }
    this.#suspended.set(
      record,
      from
        .field('suspended')
        .list()
        .map((cpu) => cpu.number()),
    );
    return wide;
  }
}

function loadOptions(from: ImageReader): RegisterOptions {
  const [owner, priority, waits] = [from.field('owner'), from.field('priority'), from.field('waits')];
  const [delivery, privileged] = [from.field('delivery'), from.field('privileged')];
  return {
    ...(owner.absent ? {} : { owner: owner.text() }),
    ...(priority.absent ? {} : { priority: priority.number(Number.MIN_SAFE_INTEGER) }),
    ...(waits.absent ? {} : { waits: waits.flag() }),
    ...(delivery.absent ? {} : { delivery: delivery.oneOf('after', 'silicon') }),
    ...(privileged.absent ? {} : { privileged: privileged.flag() }),
  };
}
