import type { HwBreakpointAttr } from '../../arch/index.js';
import { coreError } from '../../errors/index.js';
import type { Cpu } from '../../hardware/index.js';
import type {
  Breakpoint,
  BreakpointChange,
  BreakpointHost,
  BreakpointPmu,
  Hit,
  HitSink,
  ModifyOptions,
} from '../../registers/index.js';
import { EVENT_TYPE, type EventAttr } from './attr.js';
import type { Occurrence, OverflowHandler, PmuEvent } from './event.js';
import type { EventPmu, EventRequest, PmuHost } from './pmu.js';
import { EVENT_STATE } from './state.js';

/** The attributes of an event that is a breakpoint: those of the event, and what to watch. */
export type BreakpointEventAttr = EventAttr & Omit<HwBreakpointAttr, 'sample_period'>;

/** The breakpoint of an event; `undefined` for events of other PMUs. */
export function breakpointOf(event: PmuEvent): Breakpoint | undefined {
  return event.pmu instanceof BreakpointEvents ? (event.data as Breakpoint) : undefined;
}

/** A consumer of the breakpoint API has its handler called for each overflow. */
export const callHandler: OverflowHandler = (event, occurrence) => {
  (event.data as Breakpoint).handler(occurrence as Occurrence & Hit);
};

/** Debug registers as the PMU of events of type 5 (Linux: perf_breakpoint). */
export class BreakpointEvents implements EventPmu, HitSink {
  readonly name = 'breakpoint';
  readonly type = EVENT_TYPE.BREAKPOINT;
  readonly kind: 'software' | 'hardware';
  readonly #pmu: BreakpointPmu;
  readonly #host: PmuHost;
  /** Set once the breakpoint API exists. */
  api: BreakpointHost | undefined;

  /** `kind`: as Linux has it, or with a meaning for `exclusive` between breakpoints. */
  constructor(pmu: BreakpointPmu, kind: 'software' | 'hardware', host: PmuHost) {
    this.#pmu = pmu;
    this.kind = kind;
    this.#host = host;
  }

  init(event: PmuEvent, request: EventRequest): boolean {
    const { api } = this;
    if (api === undefined) throw new TypeError('breakpoint events need the breakpoint API of a composed kernel');
    const { slots, name } = this.#pmu.manifest;
    if (slots.data === 0 && slots.instruction === 0) {
      throw coreError(
        'EVENT_NO_PMU',
        `${name} has no hardware breakpoints: no PMU counts events of type ${this.type}`,
        {
          type: this.type,
        },
      );
    }
    const { owner, privileged } = request;
    const parent = event.parent === undefined ? undefined : (event.parent.data as Breakpoint);
    const breakpoint = api.create({
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
      ...(parent === undefined ? {} : { parent }),
    });
    this.adopt(event, breakpoint);
    return breakpoint.state !== 'waiting';
  }

  /** The event counts the breakpoint's hits. */
  adopt(event: PmuEvent, breakpoint: Breakpoint): void {
    event.data = breakpoint;
    breakpoint.scheduled = event;
    breakpoint.sink = this;
  }

  destroy(event: PmuEvent): void {
    this.api?.release(event.data as Breakpoint);
  }

  add(event: PmuEvent, cpu: Cpu): boolean {
    const breakpoint = event.data as Breakpoint;
    if (!event.pinned) return this.#pmu.tryAdd(breakpoint, cpu.index);
    this.#pmu.add(breakpoint, cpu.index);
    return true;
  }

  remove(event: PmuEvent): void {
    this.#pmu.remove(event.data as Breakpoint);
  }

  /** Hits are counted as they happen. */
  read(): void {}

  modify(event: PmuEvent, change: BreakpointChange, options: ModifyOptions): void {
    this.api?.modify(event.data as Breakpoint, change, options);
  }

  disable({ index }: Cpu): void {
    this.#pmu.disable(index);
  }

  enable({ index }: Cpu): void {
    this.#pmu.enable(index);
  }

  stateChanged(event: PmuEvent): void {
    const breakpoint = event.data as Breakpoint | undefined;
    if (breakpoint === undefined || breakpoint.state === 'released' || breakpoint.state === 'waiting') return;
    if (event.state === EVENT_STATE.ACTIVE) breakpoint.state = 'active';
    else breakpoint.state = event.state === EVENT_STATE.OFF ? 'off' : 'inactive';
  }

  dispose(): void {}

  /** A hit in the register of an event that counts. */
  hit(hit: Hit): void {
    const event = hit.breakpoint.scheduled as PmuEvent;
    if (event.stopped) return;
    hit.breakpoint.hits++;
    this.#host.occur(event, 1, hit);
  }
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
