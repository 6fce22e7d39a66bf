import { type Ppc64Features, ppc64 } from '@hwbp/arch-ppc64';
import { composeKernel, type Kernel, type KernelOptions, perfEvents } from '@hwbp/core';
import { Perf } from '@hwbp/perf';
import { Ptrace } from '@hwbp/ptrace';
import { Debuggee as AnyDebuggee, debuggeeIn } from '../ptrace/debuggee.js';

export { A, errnoOf, kernelCall, load, store, systemCall } from '../ptrace/debuggee.js';

export interface Options extends Partial<KernelOptions> {
  readonly features?: Ppc64Features;
}

/** A ppc64 kernel with ptrace and perf. */
function kernelOf({ features = {}, ...options }: Options = {}): Kernel {
  return composeKernel({
    arch: ppc64(features),
    breakpointScheduler: perfEvents(),
    plugins: [Ptrace, Perf],
    ...options,
  });
}

/** A debuggee of ppc64, by the requests that it has. */
export class Debuggee extends AnyDebuggee {
  /** SET_DEBUGREG of `address | flags`: 4 translate, 2 stores, 1 loads. */
  set(address: bigint, flags = 7n): void {
    this.tracer.setDebugReg(this.task, 0, address | flags);
  }

  get readback(): bigint {
    return this.tracer.getDebugReg(this.task, 0);
  }

  /** SETHWDEBUG: one byte, or a range; `trigger` 2 loads, 4 stores. */
  watch(address: bigint, length?: bigint, trigger = 6): number {
    const mode = { addr_mode: length === undefined ? 0 : 1, addr: address, addr2: address + (length ?? 0n) };
    return this.tracer.setHwDebug(this.task, {
      version: 1,
      trigger_type: trigger,
      condition_mode: 0,
      condition_value: 0n,
      ...mode,
    });
  }
}

export const debuggee = (options: Options = {}): Debuggee => new Debuggee(debuggeeIn(kernelOf(options), 'nip'));
