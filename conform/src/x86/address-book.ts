import type { Machine, Task } from '@hwbp/core';
import { StepError } from '../format/arguments.js';
import { hexValue } from '../format/hex.js';
import type { Value } from '../format/transcript.js';

/** Where kernel symbols lie here: transcripts name them, and do not say where they lay. */
const KERNEL_DATA = 0xffff_ffff_8300_0000n;
const DISTANCE = 0x1000n;

/** Addresses as transcripts write them: numbers, `ksym:NAME`, `alias:TASK:ADDR`. */
export class AddressBook {
  readonly #machine: Machine;
  readonly #task: (name: string) => Task | undefined;
  readonly #known = new Map<string, bigint>();

  constructor(machine: Machine, task: (name: string) => Task | undefined) {
    this.#machine = machine;
    this.#task = task;
  }

  /** The address that a text stands for; an alias keeps the one that it had first. */
  resolve(value: Value | undefined, what: string): bigint {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt.asUintN(64, BigInt(value));
    if (typeof value === 'bigint') return BigInt.asUintN(64, value);
    if (typeof value !== 'string') throw new StepError(`${what} is an address, got ${JSON.stringify(value)}`);
    if (/^0x[0-9a-f]{1,16}$/i.test(value)) return BigInt(value);
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const address = value.startsWith('ksym:') ? this.#symbol() : this.#alias(value, what);
    this.#known.set(value, address);
    return address;
  }

  /** An address as the recorder writes it: by the name that it was asked for. */
  show(address: bigint): Value {
    for (const [name, known] of this.#known) if (known === address) return name;
    return hexValue(address);
  }

  #symbol(): bigint {
    return KERNEL_DATA + DISTANCE * BigInt(this.#known.size);
  }

  /** The kernel's direct-map address of a task's page. */
  #alias(text: string, what: string): bigint {
    const [, name = '', at = ''] = /^alias:([^:]+):(0x[0-9a-f]{1,16})$/i.exec(text) ?? [];
    if (name === '') throw new StepError(`${what} is a number, ksym:NAME or alias:TASK:ADDR, got '${text}'`);
    const task = this.#task(name);
    if (task === undefined) throw new StepError(`${what}: there is no task ${name}`);
    const place = task.memory.translate(BigInt(at), true);
    if (place === undefined) throw new StepError(`${what}: ${name} has no page at ${at}`);
    const { directMap, pageSize } = this.#machine.layout;
    return directMap + BigInt(place.frame * pageSize + place.offset);
  }
}
