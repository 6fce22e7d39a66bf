import {
  type Breakpoint,
  EVENTS,
  type Events,
  FlexibleSlotPolicy,
  GRANTED,
  LinuxSlotPolicy,
  type PmuEvent,
  type SchedulerFactory,
  type SlotClaim,
  type SlotPolicyFactory,
} from '@hwbp/core';
import type { EventSetup } from '../support/event-setup.js';

type Lane = ReturnType<Events['lanes']['lane']>;
type Part = Partial<EventSetup>;

/** A kernel with one planted defect, which random event programs must find. */
export interface EventMutant {
  /** What is wrong. */
  readonly name: string;
  /** What the kernel is composed with instead. */
  readonly setup: Part;
}

/** The engine, changed once it is made. */
function engine(change: (events: Events) => void): Part {
  const mutate = (scheduler: SchedulerFactory): SchedulerFactory => ({
    ...scheduler,
    create(parts) {
      const made = scheduler.create(parts);
      change(made.services.get(EVENTS) as Events);
      return made;
    },
  });
  return { mutate };
}

/** Every lane, changed when it is made. */
function lanes(change: (lane: Lane) => void): Part {
  return engine(({ lanes: all }) => {
    const make = all.lane.bind(all);
    const changed = new Set<Lane>();
    all.lane = (cpu) => {
      const lane = make(cpu);
      if (!changed.has(lane)) change(lane);
      changed.add(lane);
      return lane;
    };
  });
}

/** Linux's accounting, or the flexible one, with a defect. */
function policy(accounting: EventSetup['accounting'], slotPolicy: SlotPolicyFactory): Part {
  return { accounting, slotPolicy };
}

class KeepsNothingForFlexible extends FlexibleSlotPolicy {
  #flexible = 0;

  override reserve(claim: SlotClaim) {
    if (claim.pinned) return super.reserve(claim);
    this.#flexible++;
    return GRANTED;
  }

  override release(claim: SlotClaim): void {
    if (claim.pinned) super.release(claim);
    else this.#flexible--;
  }

  override get isUsed(): boolean {
    return super.isUsed || this.#flexible > 0;
  }
}

class LeaksBoundClaims extends LinuxSlotPolicy {
  override release(claim: SlotClaim): void {
    if (claim.task === undefined || claim.cpu < 0) super.release(claim);
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
    setup: lanes((lane) => {
      const out = lane.out.bind(lane);
      lane.out = (context, lists) => {
        if (context !== lane.own || lists !== 2) out(context, lists);
      };
    }),
  },
  {
    name: 'nobody has a turn at a tick',
    setup: lanes((lane) => {
      lane.rotate = () => {};
    }),
  },
  {
    name: 'what leaves with its task stays on',
    setup: lanes((lane) => {
      const leave = lane.eventOut.bind(lane);
      lane.eventOut = (event, now) => {
        if (event.task === undefined || event.task.alive || event.leader === event) leave(event, now);
      };
    }),
  },
  {
    name: 'a PMU says that it has room when it has none',
    setup: engine((events) => {
      for (const pmu of events.pmus) {
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
    setup: engine((events) => {
      const inherit = events.inherit.bind(events);
      events.inherit = (...args) => {
        const child = inherit(...args);
        child.state = 0;
        return child;
      };
    }),
  },
  {
    name: 'what a child counted is lost when it ends',
    setup: engine((events) => {
      const exit = events.exit.bind(events);
      events.exit = (event) => {
        if (event.parent !== undefined) event.count = 0;
        exit(event);
      };
    }),
  },
  {
    name: 'only the first thing that exec enables is enabled',
    setup: engine((events) => {
      events.machine.hooks.exec.add((task) => {
        for (const event of events.all)
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
    setup: engine((events) => {
      const refresh = events.refresh.bind(events);
      events.refresh = (event, overflows) => refresh(event, overflows + 1);
    }),
  },
  {
    name: 'the phase of a period is lost when a task leaves',
    setup: lanes((lane) => {
      const change = lane.switch.bind(lane);
      lane.switch = (next) => {
        for (const event of next?.events() ?? []) event.left = 0;
        change(next);
      };
    }),
  },
  {
    name: 'the events of a CPU survive it',
    setup: engine((events) => {
      events.lose = () => {};
    }),
  },
  {
    name: 'the members of a closed group are disabled',
    setup: engine((events) => {
      const end = events.end.bind(events);
      events.end = (event) => {
        for (const sibling of event.siblings) events.disable(sibling);
        end(event);
      };
    }),
  },
  {
    name: 'the handler of a closed event is called once more',
    setup: engine((events) => {
      const close = events.close.bind(events);
      events.close = (event) => {
        close(event);
        if (event.count > 2) event.handler(event, undefined as never, 1);
      };
    }),
  },
  {
    name: 'an event in error tries again by itself',
    setup: engine((events) => {
      events.machine.hooks.tick.add(() => {
        for (const event of events.all) if (event.state === -2) events.enable(event);
      });
    }),
  },
  {
    name: 'time passes for tasks that do not run',
    setup: lanes((lane) => {
      const change = lane.switch.bind(lane);
      lane.switch = (next) => {
        const { task } = lane;
        change(next);
        const { cpu } = lane;
        if (task !== undefined && task !== next && task.task?.alive) Object.assign(task, { cpu });
      };
    }),
  },
  {
    name: 'a modified breakpoint stays off',
    setup: engine((events) => {
      const pause = events.pause.bind(events);
      events.pause = (event, change) => pause(event, change, () => false);
    }),
  },
  {
    name: 'a breakpoint stays in its register when its event goes off',
    setup: engine((events) => {
      const breakpoints = events.pmus[0];
      if (breakpoints === undefined) return;
      const remove = breakpoints.remove.bind(breakpoints);
      breakpoints.remove = (event) => {
        if (event.task !== undefined) remove(event);
        else (event.data as Breakpoint).state = 'inactive';
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
