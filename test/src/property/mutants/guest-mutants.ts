import { type X86Silicon, x86 } from '@hwbp/arch-x86';
import {
  type Architecture,
  type DebugUnit,
  FACET_SERVICES,
  type FacetServices,
  GUEST_DEBUG,
  type GuestDebug,
  type GuestDebugState,
  provide,
} from '@hwbp/core';

/** What a virtual CPU's debug registers are wrapped in. */
type Spoil = (state: GuestDebugState) => Partial<GuestDebugState>;

/** x86 whose guests' debug registers do something wrong. */
function spoiled(spoil: Spoil, settle?: GuestDebug['settle']): () => Architecture {
  return () => {
    const arch = x86();
    const offer = arch.facets.find(({ facet }) => facet === GUEST_DEBUG);
    const make = (services: FacetServices): GuestDebug => {
      const facet = offer?.create(services) as GuestDebug;
      return {
        path: (exit) => facet.path(exit),
        settle: settle ?? ((physical, active) => facet.settle(physical, active)),
        create: (host) => {
          const state = facet.create(host);
          return overridden(state, spoil(state));
        },
      };
    };
    const provides = arch.provides.map((one) =>
      one.token === GUEST_DEBUG ? provide(GUEST_DEBUG, [FACET_SERVICES], make) : one,
    );
    return Object.freeze({ ...arch, provides });
  };
}

/** The same object, some of whose members are others. */
function overridden<T extends object>(target: T, members: Partial<T>): T {
  return new Proxy(target, {
    get(object, name) {
      const value: unknown = Reflect.get(name in members ? members : object, name, object);
      return typeof value === 'function' ? value.bind(object) : value;
    },
  });
}

/** A unit that somebody else cannot write. */
function deaf(physical: DebugUnit, members: readonly string[]): DebugUnit {
  return new Proxy(physical, {
    get(unit, name) {
      if (members.includes(String(name))) return () => {};
      const value: unknown = Reflect.get(unit, name, unit);
      return typeof value === 'function' ? value.bind(unit) : value;
    },
  });
}

/** Faults of the facet, each of which the property has to find. */
export const GUEST_MUTANTS: Readonly<Record<string, () => Architecture>> = {
  'what the guest had stays armed': spoiled((state) => ({
    enter: (physical) => state.enter(deaf(physical, ['setControl'])),
  })),
  "the guest's addresses are not loaded": spoiled((state) => ({
    enter: (physical) => state.enter(deaf(physical, ['setAddress'])),
  })),
  'every second entry loads nothing': spoiled((state) => {
    let entries = 0;
    return {
      enter: (physical) => {
        if (++entries % 2 === 1) state.enter(physical);
        else state.enter(deaf(physical, ['setControl', 'setAddress', 'setStatus']));
      },
    };
  }),
  'the control register is left on behind an exit': spoiled((state) => {
    let physical: X86Silicon | undefined;
    let entered = false;
    return {
      enter: (unit) => {
        physical = unit as X86Silicon;
        entered = true;
        state.enter(unit);
      },
      leave: () => {
        const control = physical?.control ?? 0;
        state.leave();
        if (entered) physical?.setControl(control);
        entered = false;
      },
    };
  }),
  'whoever debugs the guest is never heard of': spoiled(() => ({ debug: () => {} })),
  "a #DB of the guest's is lost": spoiled((state) => ({
    intercept: (cpu, trap) => {
      const interception = state.intercept(cpu, trap);
      return trap.kind === 'debug' ? 'resume' : interception;
    },
  })),
  'what leaves for a debugger is told the guest': spoiled((state) => ({
    intercept: (cpu, trap) => {
      const interception = state.intercept(cpu, trap);
      const exits = typeof interception === 'object' && 'reason' in interception;
      return exits && trap.kind === 'debug' ? { inject: trap } : interception;
    },
  })),
};
