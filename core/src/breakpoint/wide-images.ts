import { type ImageReader, type ImageValue, notWritable } from '../image/index.js';
import type { ImagePart, Machine } from '../kernel/index.js';
import { type BreakpointFunctions, loadFunctions, saveFunctions } from './breakpoint-functions.js';
import { loadAttr, saveAttr } from './breakpoint-image.js';
import type { BreakpointImages } from './breakpoint-images.js';
import type { RegisterOptions } from './register-options.js';
import { WideBreakpoint } from './wide-breakpoint.js';
import { WideRecord } from './wide-record.js';

/** The wide breakpoints of a kernel in its image, as {@link BreakpointImages} has the others. */
export class WideImages implements ImagePart {
  readonly #machine: Machine;
  readonly #images: BreakpointImages;
  readonly #all: Map<WideBreakpoint, WideRecord>;
  readonly #spokenFor = new Set<WideBreakpoint>();
  #saved: readonly ImageReader[] = [];
  /** Those that go on, by their numbers. */
  readonly #revived = new Map<number, readonly [WideBreakpoint, WideRecord]>();

  constructor(machine: Machine, images: BreakpointImages, all: Map<WideBreakpoint, WideRecord>) {
    this.#machine = machine;
    this.#images = images;
    this.#all = all;
  }

  begin(): void {
    this.#spokenFor.clear();
  }

  /**
   * The number of a wide breakpoint in the image that is being made. Whoever asks brings its handler on the way back.
   */
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
        members: [...members]
          .filter(([, { state }]) => state !== 'released')
          .map(([cpu, member]) => [cpu, this.#images.numberOf(member)]),
        suspended: [...suspended],
        functions: this.#spokenFor.has(wide) ? null : saveFunctions(functions, code, `${wide.owner}'s wide breakpoint`),
      };
    });
  }

  restore(from: ImageReader): void {
    this.#saved = from.list();
    this.#revived.clear();
    for (const [number, one] of this.#saved.entries()) {
      const functions = one.field('functions');
      if (!functions.absent) this.#revive(number, one, loadFunctions(functions, this.#machine.hibernation.code));
    }
  }

  /** The wide breakpoint of a number, which the caller has spoken for, with the functions that it brings. */
  take(number: ImageReader, functions: BreakpointFunctions): WideBreakpoint {
    const at = number.number(0, this.#saved.length - 1);
    return this.#revive(at, this.#saved[at] as ImageReader, functions);
  }

  /** With the machine suspended: they follow CPUs in their order, and those whose CPU was suspended wait for it. */
  seat(): void {
    this.#all.clear();
    for (const [number, from] of this.#saved.entries()) {
      const revived = this.#revived.get(number);
      if (revived === undefined) throw from.invalid('somebody’s: no part of this composition asks for it');
      const [wide, record] = revived;
      this.#all.set(wide, record);
      record.suspended.clear();
      for (const cpu of from.field('suspended').list()) record.suspended.add(cpu.number());
    }
    this.#revived.clear();
    this.#saved = [];
  }

  #revive(number: number, from: ImageReader, { handler, ...notices }: BreakpointFunctions): WideBreakpoint {
    if (this.#revived.has(number)) throw from.invalid('one wide breakpoint, and two parts ask for it');
    const options = { ...loadOptions(from.field('options')), ...notices };
    const record = new WideRecord(loadAttr(from.field('attr')), handler, options);
    const wide = new WideBreakpoint(record);
    this.#revived.set(number, [wide, record]);
    this.#all.set(wide, record);
    for (const member of from.field('members').list()) {
      const [cpu, one] = member.list();
      if (cpu === undefined || one === undefined) throw member.invalid('a CPU and the number of a breakpoint');
      record.members.set(cpu.number(), this.#images.take(one, { handler, ...notices }, record));
    }
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
