import {
  defineSlotPolicy,
  type Events,
  FlexibleSlotPolicy,
  GRANTED,
  LinuxSlotPolicy,
  type PlacementChanges,
  type PmuEvent,
  type SlotClaim,
  type SlotHost,
  type SlotPolicy,
  UNCHANGED,
} from '@hwbp/core';
import type { EventSetup } from '../support/event-setup.js';

type Engine = Events['engine'];
type CpuContext = ReturnType<Engine['contexts']['cpu']>;
type Part = Partial<EventSetup>;

/** A kernel with one planted defect, which random event programs must find. */
export interface EventMutant {
  /** What is wrong. */
  readonly name: string;
  /** What the kernel is composed with instead. */
  readonly setup: Part;
}

/** The engine, changed once it is made. */
function engine(change: (engine: Engine, events: Events) => void): Part {
  return { mutate: (events) => change(events.engine, events) };
}

/** What every CPU counts, changed when it is made. */
function cpuContexts(change: (own: CpuContext) => void): Part {
  return engine(({ contexts }) => {
    const make = contexts.cpu.bind(contexts);
    const changed = new Set<CpuContext>();
    contexts.cpu = (cpu) => {
      const own = make(cpu);
      if (!changed.has(own)) change(own);
      changed.add(own);
      return own;
    };
  });
}

/** Linux's accounting, or the flexible one, with a defect. */
function policy(accounting: EventSetup['accounting'], create: (host: SlotHost) => SlotPolicy): Part {
  return { accounting, slotPolicy: defineSlotPolicy(accounting, create) };
}

class KeepsNothingForFlexible extends FlexibleSlotPolicy {
  #flexible = 0;

  override reserve(claim: SlotClaim) {
    if (claim.pinned) return super.reserve(claim);
    this.#flexible++;
    return GRANTED;
  }

  override release(claim: SlotClaim): PlacementChanges {
    if (claim.pinned) return super.release(claim);
    this.#flexible--;
    return UNCHANGED;
  }

  override get isUsed(): boolean {
    return super.isUsed || this.#flexible > 0;
  }
}

class LeaksBoundClaims extends LinuxSlotPolicy {
  override release(claim: SlotClaim): PlacementChanges {
    return claim.task === undefined || claim.cpu < 0 ? super.release(claim) : UNCHANGED;
  }
}

class CountsTwice extends LinuxSlotPolicy {
  override reserve(claim: SlotClaim) {
    const first = super.reserve(Object.assign(Object.create(claim), { account: undefined }));
    return first.outcome === 'granted' ? super.reserve(claim) : first;
  }
}

class PlacesTwo extends LinuxSlotPolicy {
  override place(claim: SlotClaim, occupied: readonly unknown[]): number {
    return occupied.filter((one) => one !== undefined).length > 1 ? -1 : super.place(claim, occupied);
  }
}

export const eventMutants: readonly EventMutant[] = [
  {
    name: 'flexible groups of a CPU never make room for pinned ones of a task',
    setup: cpuContexts((own) => {
      const out = own.out.bind(own);
      own.out = (context, lists) => {
        if (context !== own.own || lists !== 2) out(context, lists);
      };
    }),
  },
  {
    name: 'nobody has a turn at a tick',
    setup: cpuContexts((own) => {
      own.rotate = () => {};
    }),
  },
  {
    name: 'what leaves with its task stays on',
    setup: cpuContexts((own) => {
      const leave = own.eventOut.bind(own);
      own.eventOut = (event, now) => {
        if (event.task === undefined || event.task.alive || event.leader === event) leave(event, now);
      };
    }),
  },
  {
    name: 'a PMU says that it has room when it has none',
    setup: engine(({ pmus }) => {
      for (const pmu of pmus) {
        const add = pmu.add.bind(pmu);
        const remove = pmu.remove.bind(pmu);
        const outside = new Set<PmuEvent>();
        pmu.add = (event, cpu) => {
          if (!add(event, cpu)) outside.add(event);
          return true;
        };
        pmu.remove = (event) => {
          if (!outside.delete(event)) remove(event);
        };
      }
    }),
  },
  {
    name: 'every fifth occurrence is lost',
    setup: engine(({ overflow }) => {
      const occur = overflow.occur.bind(overflow);
      let turn = 0;
      overflow.occur = (...args) => {
        if (++turn % 5 !== 0) occur(...args);
      };
    }),
  },
  {
    name: 'a child counts although its parent was off',
    setup: engine((made) => {
      const inherit = made.inherit.bind(made);
      made.inherit = (...args) => {
        const child = inherit(...args);
        child.state = 0;
        return child;
      };
    }),
  },
  {
    name: 'what a child counted is lost when it ends',
    setup: engine((made) => {
      const exit = made.exit.bind(made);
      made.exit = (event) => {
        if (event.parent !== undefined) event.count = 0;
        exit(event);
      };
    }),
  },
  {
    name: 'only the first thing that exec enables is enabled',
    setup: engine((made) => {
      made.machine.hooks.exec.add((task) => {
        for (const event of made.all)
          if (event.task === task && event.attr.remove_on_exec !== true) event.enableOnExec = true;
      });
    }),
  },
  {
    name: 'a slot is never given back',
    setup: engine(({ pmus }) => {
      for (const pmu of pmus) pmu.destroy = () => {};
    }),
  },
  {
    name: 'one overflow too many is allowed',
    setup: engine((_, events) => {
      const refresh = events.refresh.bind(events);
      events.refresh = (event, overflows) => refresh(event, overflows + 1);
    }),
  },
  {
    name: 'the phase of a period is lost when a task leaves',
    setup: cpuContexts((own) => {
      const change = own.switch.bind(own);
      own.switch = (next) => {
        for (const event of next?.events() ?? []) event.left = 0;
        change(next);
      };
    }),
  },
  {
    name: 'the events of a CPU survive it',
    setup: engine((made) => {
      made.loseAll = () => {};
    }),
  },
  {
    name: 'the members of a closed group are disabled',
    setup: engine((made) => {
      const close = made.close.bind(made);
      made.close = (event) => {
        for (const sibling of event.siblings) made.disable(sibling);
        close(event);
      };
    }),
  },
  {
    name: 'the handler of a closed event is called once more',
    setup: engine((made) => {
      const close = made.close.bind(made);
      made.close = (event) => {
        close(event);
        if (event.count > 2) event.handler(event, undefined as never, 1);
      };
    }),
  },
  {
    name: 'an event in error tries again by itself',
    setup: engine((made) => {
      made.machine.hooks.tick.add(() => {
        for (const event of made.all) if (event.state === -2) made.enable(event);
      });
    }),
  },
  {
    name: 'time passes for tasks that do not run',
    setup: cpuContexts((own) => {
      const change = own.switch.bind(own);
      own.switch = (next) => {
        const { task } = own;
        change(next);
        const { cpu } = own;
        if (task !== undefined && task !== next && task.task?.alive) Object.assign(task, { cpu });
      };
    }),
  },
  {
    name: 'a modified breakpoint stays off',
    setup: engine((made) => {
      const pause = made.pause.bind(made);
      made.pause = (event, change) => pause(event, change, () => false);
    }),
  },
  {
    name: 'a breakpoint stays in its register when its event goes off',
    setup: engine(({ pmus: [breakpoints] }) => {
      if (breakpoints === undefined) return;
      const remove = breakpoints.remove.bind(breakpoints);
      breakpoints.remove = (event) => {
        if (event.task !== undefined) remove(event);
        else Object.assign(event.data as object, { state: 'inactive' });
      };
    }),
  },
  {
    name: 'policy: pinned claims leave nothing for flexible ones',
    setup: policy('flexible', (host) => new KeepsNothingForFlexible(host)),
  },
  {
    name: 'policy: claims of a task on one CPU are never given back',
    setup: policy('linux', (host) => new LeaksBoundClaims(host)),
  },
  { name: 'policy: every claim counts twice', setup: policy('linux', (host) => new CountsTwice(host)) },
  { name: 'policy: there are fewer registers than it grants', setup: policy('linux', (host) => new PlacesTwo(host)) },
];
