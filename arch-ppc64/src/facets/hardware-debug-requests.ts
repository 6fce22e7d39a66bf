import {
  type FacetServices,
  type HardwareDebugInfo,
  type HardwareDebugRequest,
  type HardwareDebugRequests,
  HW_BREAKPOINT_R,
  HW_BREAKPOINT_W,
  hex,
  PPC_BREAKPOINT_CONDITION_NONE,
  PPC_BREAKPOINT_MODE_EXACT,
  PPC_BREAKPOINT_MODE_RANGE_INCLUSIVE,
  PPC_BREAKPOINT_TRIGGER_READ,
  PPC_BREAKPOINT_TRIGGER_WRITE,
  PPC_DEBUG_FEATURE_DATA_BP_ARCH_31,
  PPC_DEBUG_FEATURE_DATA_BP_DAWR,
  PPC_DEBUG_FEATURE_DATA_BP_RANGE,
  type Task,
} from '@hwbp/core';
import { ppc64Error } from '../errors.js';
import type { ResolvedFeatures } from '../features.js';
import { LENGTH_IS_16_BITS } from '../quirks.js';
import { ThreadBreakpoints } from './thread-breakpoints.js';

const VERSION = 1;
const DATA_TRIGGERS = PPC_BREAKPOINT_TRIGGER_READ | PPC_BREAKPOINT_TRIGGER_WRITE;

/**
 * PPC_PTRACE_GETHWDBGINFO, _SETHWDEBUG and _DELHWDEBUG (Linux: arch/powerpc/kernel/ptrace/ptrace-noadv.c). A handle is
 * a slot's number plus 1.
 */
export class Ppc64HardwareDebug implements HardwareDebugRequests, Disposable {
  readonly #services: FacetServices;
  readonly #features: ResolvedFeatures;
  readonly #thread: ThreadBreakpoints;

  constructor(services: FacetServices, features: ResolvedFeatures) {
    this.#services = services;
    this.#features = features;
    this.#thread = ThreadBreakpoints.of(services);
  }

  [Symbol.dispose](): void {
    this.#thread[Symbol.dispose]();
  }

  info(): HardwareDebugInfo {
    const { usable, isa, watches } = this.#features.model;
    const wide = usable && isa >= 2.07;
    return {
      version: VERSION,
      num_instruction_bps: 0,
      num_data_bps: usable ? watches.length : 0,
      num_condition_regs: 0,
      data_bp_alignment: 8,
      sizeof_condition: 0,
      features:
        PPC_DEBUG_FEATURE_DATA_BP_RANGE |
        (wide ? PPC_DEBUG_FEATURE_DATA_BP_DAWR : 0n) |
        (wide && isa >= 3.1 ? PPC_DEBUG_FEATURE_DATA_BP_ARCH_31 : 0n),
    };
  }

  set(task: Task, request: HardwareDebugRequest): number {
    const bp_addr = BigInt.asUintN(64, request.addr);
    const bp_type = this.#checkKind(request);
    if (bp_addr >= this.#features.taskSize) {
      throw ppc64Error('PPC64_BAD_ADDRESS', `${hex(bp_addr)} is not in user space`, { address: bp_addr });
    }
    const bp_len = this.#length(request);
    const slot = this.#thread.free(task);
    if (slot < 0) {
      const message = `every handle of task ${task} is taken; remove one first`;
      throw ppc64Error('PPC64_NO_HANDLE', message, { pid: task.pid });
    }
    if (bp_len === undefined) {
      const message = `the range from ${hex(bp_addr)} ends at ${hex(request.addr2)}: addr2 is the first byte behind it`;
      throw ppc64Error('PPC64_BAD_REQUEST', message, { address: bp_addr });
    }
    this.#thread.create(task, slot, { bp_addr, bp_len, bp_type });
    return slot + 1;
  }

  remove(task: Task, handle: number | bigint): void {
    const slot = Number(handle) - 1;
    const { data: slots } = this.#services.breakpoints.manifest.slots;
    if (!Number.isInteger(slot) || slot < 0 || slot >= slots) {
      throw ppc64Error('PPC64_BAD_HANDLE', `there is no handle ${handle}; there are 1 to ${slots}`, { handle });
    }
    if (this.#thread.at(task, slot) === undefined) {
      throw ppc64Error('PPC64_FREE_HANDLE', `handle ${handle} of task ${task} is not taken`, { handle });
    }
    this.#thread.remove(task, slot);
  }

  /** The bp_type of a request whose version, trigger and condition can be. */
  #checkKind({ version, trigger_type, condition_mode }: HardwareDebugRequest): number {
    if (version !== VERSION) {
      throw ppc64Error('PPC64_BAD_VERSION', `version ${version} of ppc_hw_breakpoint is not known; use 1`, { version });
    }
    if ((trigger_type & DATA_TRIGGERS) === 0 || (trigger_type & ~DATA_TRIGGERS) !== 0) {
      const message = `trigger_type ${trigger_type} cannot be watched: use reads (2), writes (4) or both (6)`;
      throw ppc64Error('PPC64_BAD_REQUEST', message, { trigger_type });
    }
    if (condition_mode !== PPC_BREAKPOINT_CONDITION_NONE) {
      const message = `condition_mode ${condition_mode}: there are no condition registers, use 0`;
      throw ppc64Error('PPC64_BAD_REQUEST', message, { condition_mode });
    }
    const reads = (trigger_type & PPC_BREAKPOINT_TRIGGER_READ) === 0 ? 0 : HW_BREAKPOINT_R;
    return reads | ((trigger_type & PPC_BREAKPOINT_TRIGGER_WRITE) === 0 ? 0 : HW_BREAKPOINT_W);
  }

  /** Bytes to watch; `undefined` for a range that ends before it begins. */
  #length({ addr_mode, addr, addr2 }: HardwareDebugRequest): bigint | undefined {
    if (addr_mode === PPC_BREAKPOINT_MODE_EXACT) return 1n;
    if (addr_mode !== PPC_BREAKPOINT_MODE_RANGE_INCLUSIVE) {
      const message = `addr_mode ${addr_mode} is not supported: use 0 (exact) or 1 (range)`;
      throw ppc64Error('PPC64_BAD_REQUEST', message, { addr_mode });
    }
    const length = BigInt.asUintN(64, addr2 - addr);
    // An int that becomes perf_event_attr's u64.
    if (this.#services.quirks.isOn(LENGTH_IS_16_BITS)) return BigInt.asUintN(64, BigInt.asIntN(32, length));
    return BigInt.asIntN(64, length) > 0n ? length : undefined;
  }
}
