import {
  architecture,
  type DebugUnit,
  GUEST_DEBUG,
  type GuestDebug,
  type GuestDebugState,
  type GuestHost,
} from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { spotOf } from '../lab/spot.js';
import { type FacetCase, type FacetSubject, facetCase } from './facet-subject.js';

/** Two virtual CPUs and a physical unit, without a guest. */
class Virtual {
  readonly physical: DebugUnit;
  readonly states: readonly GuestDebugState[];
  left = 0;
  readonly #subject: FacetSubject;

  constructor(facet: GuestDebug, subject: FacetSubject) {
    this.#subject = subject;
    const { backend } = subject.options.createArchitecture();
    this.physical = backend.createUnit();
    const host: GuestHost = {
      accessed: () => {
        this.left++;
      },
      leave: () => {
        this.left++;
      },
      decode: () => undefined,
    };
    this.states = [0, 1].map(() => facet.create(host));
  }

  /** A guest's kernel arms something in its own registers. */
  arm(which: number, spot = 0): void {
    const { backend } = architecture(this.#subject.options.createArchitecture().backend);
    const state = this.states[which] as GuestDebugState;
    const driver = backend.createDriver(state);
    driver.install(0, {
      info: backend.parse(spotOf(backend.manifest, spot).attr),
      delivery: 'silicon',
      owner: 'guest',
    });
  }

  get armed(): readonly bigint[] {
    return this.physical.filter.ranges.map(({ address }) => address).sort();
  }
}

function virtual(id: string, run: (virtual: Virtual, subject: FacetSubject, facet: GuestDebug) => void): FacetCase {
  const one = facetCase(`guest-debug-${id}`, GUEST_DEBUG, (facet, _lab, subject) =>
    run(new Virtual(facet, subject), subject, facet),
  );
  // What accounts for registers that nothing can use has nothing to load.
  return { ...one, applies: (subject) => subject.offers(GUEST_DEBUG) && subject.manifest.access.length > 0 };
}

/** Debug registers of virtual CPUs, without a guest; `backendContract` in a guest shows the rest. */
export const guestDebugCases: readonly FacetCase[] = [
  virtual('loads-nothing-for-a-guest-that-uses-none', (one) => {
    const [state] = one.states;
    state?.enter(one.physical);
    equal(one.armed, [], 'ranges armed for a guest that uses no breakpoint');
    state?.leave();
    equal(one.armed, [], 'ranges armed once it has left');
  }),

  virtual('is-armed-while-the-guest-is-there', (one) => {
    const [state] = one.states;
    one.arm(0);
    equal(one.armed, [], 'ranges armed on the physical CPU before the guest enters');
    const seen: (readonly bigint[])[] = [];
    for (let turn = 0; turn < 3; turn++) {
      state?.enter(one.physical);
      seen.push(one.armed);
      state?.leave();
      equal(one.armed, [], `ranges armed once the guest has left for the ${turn + 1}. time`);
    }
    ok((seen[0]?.length ?? 0) > 0, 'what the guest has armed is armed while it is there');
    equal(seen[1], seen[0], 'ranges armed while the guest is there a second time');
    equal(seen[2], seen[0], 'and a third time');
  }),

  virtual('leaves-twice', (one) => {
    const [state] = one.states;
    one.arm(0);
    state?.enter(one.physical);
    state?.leave();
    state?.leave();
    equal(one.armed, [], 'ranges armed once a guest that has left leaves again');
    state?.enter(one.physical);
    ok(one.armed.length > 0, 'it comes back as it was');
    state?.leave();
  }),

  virtual('keeps-virtual-cpus-apart', (one) => {
    const [first, second] = one.states;
    one.arm(0, 0);
    second?.enter(one.physical);
    equal(one.armed, [], 'ranges armed for a virtual CPU whose neighbour has armed something');
    second?.leave();
    one.arm(1, 1);
    const [a, b] = [first, second].map((state) => {
      state?.enter(one.physical);
      const { armed } = one;
      state?.leave();
      return armed;
    });
    ok(a?.length === 1 && b?.length === 1 && a[0] !== b[0], `each has its own: ${a} and ${b}`);
  }),

  virtual('forgets-with-a-reset', (one) => {
    const [state] = one.states;
    one.arm(0);
    state?.unit.reset();
    state?.enter(one.physical);
    equal(one.armed, [], 'ranges armed for a virtual CPU behind its reset');
    state?.leave();
  }),

  virtual('settles-what-a-guest-has-left', (one, _subject, facet) => {
    const [state] = one.states;
    one.arm(0);
    state?.enter(one.physical);
    state?.leave();
    for (const active of [false, true]) facet.settle(one.physical, active);
    equal(one.armed, [], 'ranges armed once the host has its registers back');
    ok(!one.physical.pending, 'nothing of the guest is pending there');
  }),
];
