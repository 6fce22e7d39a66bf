import {
  type Cpu,
  type DieRecord,
  type FacetServices,
  hex,
  type ImagePart,
  type ImageValue,
  type InstructionBreakpoint,
  type InstructionClaim,
  type InstructionHandler,
  NOTIFY_DONE,
  NOTIFY_STOP,
  notWritable,
  type Verdict,
} from '@hwbp/core';
import { KERNEL_START } from '../driver/parse.js';
import type { Ppc64Driver } from '../driver/ppc64-driver.js';
import { ppc64Error } from '../errors.js';
import { TRACE } from '../silicon/ppc64-debug-unit.js';

/** Bytes of an instruction. */
const WORD = 4n;

function checkAddress(address: bigint): void {
  if (address >= KERNEL_START && address % WORD === 0n) return;
  const message = `no instruction of the kernel can stand at ${hex(address)}: they are at multiples of 4 from ${hex(KERNEL_START)} on`;
  throw ppc64Error('PPC64_BAD_INSTRUCTION', message, { address });
}

/**
 * CIABR of every CPU, for the kernel's debugger. What it reports comes as a trace interrupt, which nothing else raises
 * in kernel mode, behind the instruction (Linux: single_step_exception and the debugger's iabr hook).
 */
export class Ppc64InstructionBreakpoint implements InstructionBreakpoint, ImagePart, Disposable {
  readonly #services: FacetServices;
  readonly #part: () => void;
  #owner: string | undefined;
  #address: bigint | undefined;
  #unhook: () => void = () => {};

  constructor(services: FacetServices) {
    this.#services = services;
    this.#part = services.host.machine.hibernation.parts.register('CIABR', this);
  }

  /** A debugger's, and that is outside of the machine. */
  save(): ImageValue {
    if (this.#owner !== undefined) throw notWritable(`${this.#owner} has CIABR: let it give it back first`);
    return null;
  }

  restore(): void {}

  get owner(): string | undefined {
    return this.#owner;
  }

  claim(owner: string, address: bigint, handler: InstructionHandler): InstructionClaim {
    if (this.#owner !== undefined) {
      throw ppc64Error('PPC64_CIABR_TAKEN', `${this.#owner} has CIABR; let it give it back first`, {
        owner: this.#owner,
      });
    }
    checkAddress(address);
    const { machine } = this.#services.host;
    if (!machine.onlineCpus.every((cpu) => this.#driver(cpu).offersCiabr)) {
      throw ppc64Error('PPC64_CIABR_REFUSED', 'the hypervisor does not let this partition use CIABR');
    }
    this.#owner = owner;
    this.#write(address);
    const leave = machine.dieChain.register((record) => this.#notified(record, handler));
    const online = machine.hooks.online.add((cpu) => this.#driver(cpu).setCiabr(this.#address));
    this.#unhook = () => {
      leave();
      online();
    };
    let held = true;
    return {
      move: (to) => {
        if (!held) throw new TypeError('this claim was released');
        checkAddress(to);
        this.#write(to);
      },
      release: () => {
        if (held) this.#release();
        held = false;
      },
    };
  }

  [Symbol.dispose](): void {
    if (this.#owner !== undefined) this.#release();
    this.#part();
  }

  #release(): void {
    this.#unhook();
    this.#unhook = () => {};
    this.#owner = undefined;
    this.#write(undefined);
  }

  #notified(record: DieRecord, handler: InstructionHandler): Verdict {
    const { event, exception, cpu } = record;
    if (event !== 'step' || exception?.vector !== TRACE.vector) return NOTIFY_DONE;
    if (cpu.context.mode === 'user' || cpu.pc !== this.#address) return NOTIFY_DONE;
    return handler(record) ?? NOTIFY_STOP;
  }

  #write(address: bigint | undefined): void {
    this.#address = address;
    const { cpus, onlineCpus } = this.#services.host.machine;
    for (const cpu of address === undefined ? cpus : onlineCpus) this.#driver(cpu).setCiabr(address);
  }

  #driver(cpu: Cpu): Ppc64Driver {
    return this.#services.host.driver(cpu) as Ppc64Driver;
  }
}
