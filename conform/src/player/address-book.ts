import type { Kernel } from '@hwbp/core';
import { StepError } from '../format/arguments.js';
import { hexValue } from '../format/hex.js';
import type { Value } from '../format/script.js';
import type { Tasks } from './tasks.js';

/**
 * How far behind the kernel's text its symbols lie here, and from each other: transcripts name them, and do not say
 * where they lay.
 */
const BEHIND_TEXT = 0x200_0000n;
const DISTANCE = 0x1000n;

/** Addresses as transcripts write them: numbers, `ksym:NAME`, `alias:TASK:ADDR`. */
export class AddressBook {
  readonly #kernel: Kernel;
  readonly #kernelText: bigint;
  readonly #tasks: Tasks;
  readonly #known = new Map<string, bigint>();

  constructor(kernel: Kernel, kernelText: bigint, tasks: Tasks) {
    this.#kernel = kernel;
    this.#kernelText = kernelText;
    this.#tasks = tasks;
  }

  /** The address that a text stands for; an alias keeps the one that it had first. */
  resolve(value: Value | undefined, what: string): bigint {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt.asUintN(64, BigInt(value));
    if (typeof value === 'bigint') return BigInt.asUintN(64, value);
    if (typeof value !== 'string') throw new StepError(`${what} is an address, got ${JSON.stringify(value)}`);
    if (/^0x[0-9a-f]{1,16}$/i.test(value)) return BigInt(value);
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const address = value.startsWith('ksym:') ? this.#symbol(value.slice('ksym:'.length)) : this.#alias(value, what);
    this.#known.set(value, address);
    return address;
  }

  /** An address as the recorder writes it: by the name that it was asked for. */
  show(address: bigint): Value {
    for (const [name, known] of this.#known) if (known === address) return name;
    return hexValue(address);
  }

  #symbol(name: string): bigint {
    const invented = this.#kernelText + BEHIND_TEXT + DISTANCE * BigInt(this.#known.size);
    return this.#kernel.symbols.lookup(name)?.address ?? invented;
  }

  /** The kernel's direct-map address of a task's page. */
  #alias(text: string, what: string): bigint {
    const [, name = '', at = ''] = /^alias:([^:]+):(0x[0-9a-f]{1,16})$/i.exec(text) ?? [];
    if (name === '') throw new StepError(`${what} is a number, ksym:NAME or alias:TASK:ADDR, got '${text}'`);
    const task = this.#tasks.find(name);
    if (task === undefined) throw new StepError(`${what}: there is no task ${name}`);
    const place = task.memory.translate(BigInt(at), true);
    if (place === undefined) throw new StepError(`${what}: ${name} has no page at ${at}`);
    const { directMap, pageSize } = this.#kernel.machine.layout;
    return directMap + BigInt(place.frame * pageSize + place.offset);
  }
}
