import type { HwBreakpointAttr } from '../../arch/index.js';
import { coreError } from '../../errors/index.js';
import type { Cpu } from '../../hardware/index.js';
import {
  type BreakpointChange,
  type BreakpointRequest,
  checkRequest,
  type Hit,
  type Keeper,
  type ModifyOptions,
  type Registers,
  type Registration,
} from '../../registers/index.js';
import { EVENT_TYPE, type EventAttr } from './attr.js';
import type { OverflowHandler, PmuEvent } from './event.js';
import type { Occurrence } from './occurrence.js';
import type { EventPmu, EventRequest, PmuHost } from './pmu.js';
import { EVENT_STATE } from './state.js';

/** The attributes of an event that is a breakpoint: those of the event, and what to watch. */
export type BreakpointEventAttr = EventAttr & Omit<HwBreakpointAttr, 'sample_period'>;

/** A consumer of the breakpoint API has its handler called for each overflow. */
export const callHandler: OverflowHandler = (event, occurrence) => {
  (event.data as Registration).handler(occurrence as Occurrence & Hit);
};

/**
 * Debug registers as the PMU of events of type 5 (Linux: perf_breakpoint): to open such an event is to have a request
 * admitted.
 */
export class BreakpointEvents implements EventPmu, Keeper {
  readonly name = 'breakpoint';
  readonly type = EVENT_TYPE.BREAKPOINT;
  readonly kind: 'software' | 'hardware';
  readonly #registers: Registers;
  readonly #host: PmuHost;

  /** `kind`: as Linux has it, or with a meaning for `exclusive` between breakpoints. */
  constructor(registers: Registers, kind: 'software' | 'hardware', host: PmuHost) {
    this.#registers = registers;
    this.kind = kind;
    this.#host = host;
  }

  init(event: PmuEvent, request: EventRequest): boolean {
    const { slots, name } = this.#registers.manifest;
    if (slots.data === 0 && slots.instruction === 0) {
      const message = `${name} has no hardware breakpoints: no PMU counts events of type ${this.type}`;
      throw coreError('EVENT_NO_PMU', message, { type: this.type });
    }
    const { owner, privileged } = request;
    const parent = event.parent === undefined ? undefined : (event.parent.data as Registration);
    const asked: BreakpointRequest = {
      attr: parent?.attr ?? watchOf(request.attr as BreakpointEventAttr),
      task: event.task,
      cpu: event.cpu,
      owner: parent?.owner ?? owner,
      priority: parent?.priority ?? 0,
      delivery: parent?.delivery ?? 'after',
      privileged,
      handler: parent?.handler ?? ignore,
      notices: parent?.notices ?? {},
      confirm: () => request.confirm(),
      ...(parent === undefined ? {} : { parent: parent.view }),
    };
    checkRequest(asked);
    return this.admit(event, asked).state !== 'waiting';
  }

  /** Has a request admitted whose hits the event is to count. */
  admit(event: PmuEvent, request: BreakpointRequest): Registration {
    return this.#registers.admit(request, this, undefined, (registration) => {
      event.data = registration;
      registration.scheduled = event;
    });
  }

  destroy(event: PmuEvent): void {
    this.#registers.release(event.data as Registration);
  }

  add(event: PmuEvent, cpu: Cpu): boolean {
    const registration = event.data as Registration;
    if (!event.pinned) return this.#registers.tryInstall(registration, cpu.index);
    this.#registers.install(registration, cpu.index);
    return true;
  }

  remove(event: PmuEvent): void {
    this.#registers.uninstall(event.data as Registration);
  }

  /** Hits are counted as they happen. */
  read(): void {}

  /** As Linux modifies: off, changed, and on again unless the new settings say otherwise. */
  modify(event: PmuEvent, change: BreakpointChange, options: ModifyOptions): void {
    const registration = event.data as Registration;
    this.#registers.modify(registration, change, options, (rewrite) => {
      this.#host.pause(event, rewrite, () => registration.attr.disabled !== true);
    });
  }

  disable({ index }: Cpu): void {
    this.#registers.driver(index).mute(false);
  }

  enable({ index }: Cpu): void {
    this.#registers.driver(index).unmute();
  }

  stateChanged(event: PmuEvent): void {
    const registration = event.data as Registration | undefined;
    if (registration === undefined || event.state === EVENT_STATE.ACTIVE) return;
    if (event.state === EVENT_STATE.OFF) this.#registers.disable(registration);
    // Of a task that has exited: it stays as it was.
    else if (event.state !== EVENT_STATE.EXIT) this.#registers.enable(registration);
  }

  dispose(): void {}

  // --- what happens to the breakpoints that it keeps ---

  hit(registration: Registration, hit: Hit): void {
    const event = eventOf(registration);
    if (event === undefined || event.stopped) return;
    this.#registers.count(registration, hit);
    this.#host.occur(event, 1, hit);
  }

  displaced(registration: Registration): void {
    const event = eventOf(registration);
    if (event !== undefined) this.#host.withdraw(event);
  }

  granted(registration: Registration): void {
    const event = eventOf(registration);
    if (event !== undefined) this.#host.install(event);
  }

  givenUp(registration: Registration): void {
    const event = eventOf(registration);
    if (event !== undefined) this.#host.disable(event);
    this.#registers.setDisabled(registration, true);
  }
}

/** The event of a breakpoint. */
export function eventOf(registration: Registration): PmuEvent | undefined {
  return registration.scheduled as PmuEvent | undefined;
}

function ignore(): void {}

/** The fields that the breakpoint API knows. */
export function watchOf(attr: BreakpointEventAttr): HwBreakpointAttr {
  const { bp_type, bp_addr, bp_len, disabled, exclude_user, exclude_kernel, exclude_hv } = attr;
  return {
    bp_type,
    bp_addr,
    bp_len,
    disabled: disabled === true,
    exclude_user: exclude_user === true,
    exclude_kernel: exclude_kernel === true,
    exclude_hv: exclude_hv === true,
    inherit: attr.inherit === true,
    pinned: attr.pinned === true,
    exclusive: attr.exclusive === true,
  };
}
