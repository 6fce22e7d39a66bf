import { BREAKPOINT_PLACES, INSTRUCTION_BREAKPOINT, type Kernel, KernelError, TRAP_INSTRUCTION } from '@hwbp/core';
import { equal, ok, thrown } from '../assert/index.js';
import { type FacetCase, facetCase, facetOf } from './facet-subject.js';

const hooksOf = ({ machine }: Kernel): unknown =>
  Object.fromEntries(Object.entries(machine.hooks).map(([name, { size }]) => [name, size]));

/** Small facets, and what all of them have in common. */
export const otherFacetCases: readonly FacetCase[] = [
  facetCase('trap-instructions-have-one-length', TRAP_INSTRUCTION, ({ encodings, alignment }, { kernel }) => {
    ok(encodings.length > 0, 'there is an instruction');
    const [first] = encodings;
    for (const one of encodings) {
      ok(one.length > 0, 'an instruction has bytes');
      equal(one.length, first?.length, 'bytes of an instruction, as of the first one');
      equal(one.length % alignment, 0, `bytes behind a multiple of ${alignment}`);
    }
    equal(new Set(encodings.map(String)).size, encodings.length, 'instructions, each once');
    const places = kernel.facet(BREAKPOINT_PLACES);
    if (places === undefined) return;
    for (const one of encodings) {
      const bytes = new Uint8Array(places.length);
      bytes.set(one.slice(0, places.length));
      equal(places.refusal(bytes), undefined, 'why there must be no breakpoint on a breakpoint instruction');
    }
  }),

  facetCase('breakpoint-places-refuse-with-a-reason', BREAKPOINT_PLACES, (places) => {
    ok(Number.isInteger(places.length) && places.length > 0, `${places.length} bytes tell`);
    equal(places.refusal(new Uint8Array(places.length)), undefined, 'why there must be none on zeros');
    let refusals = 0;
    for (let value = 0; value < 0x1_0000; value += 0x35) {
      const bytes = Uint8Array.from({ length: places.length }, (_, i) => (value >> (8 * (i % 2))) & 0xff);
      const refusal = places.refusal(bytes);
      if (refusal === undefined) continue;
      refusals++;
      ok(refusal.length > 0, 'a refusal says why');
      equal(places.refusal(bytes), refusal, 'the refusal of the same bytes');
    }
    ok(refusals < 0x1_0000 / 0x35, 'not every instruction is refused');
  }),

  facetCase('instruction-breakpoint-has-one-owner', INSTRUCTION_BREAKPOINT, (register, lab) => {
    const address = lab.manifest.kernelStart ?? lab.manifest.directMap;
    equal(register.owner, undefined, 'who has the register before anybody has claimed it');
    const claim = register.claim('first', address, () => undefined);
    equal(register.owner, 'first', 'who has it');
    const error = thrown(() => register.claim('second', address, () => undefined), 'a second claim');
    ok(error instanceof KernelError && error.errno === 'EBUSY', `a second claim: EBUSY, got ${String(error)}`);
    ok(error.message.includes('first'), `it names who has the register: ${error.message}`);
    equal(register.owner, 'first', 'who has it behind the refusal');
    claim.move(address + 0x10n);
    claim.release();
    equal(register.owner, undefined, 'who has it once it is released');
    register.claim('second', address, () => undefined).release();
    for (const { index, unit } of lab.machine.cpus) equal(unit.filter.ranges.length, 0, `ranges armed on CPU ${index}`);
  }),

  {
    id: 'facet/dispose-gives-every-hook-back',
    applies: ({ offered }) => offered.length > 0,
    run: (subject) => {
      const lab = subject.lab();
      const before = hooksOf(lab.kernel);
      const facets = subject.offered.map((facet) => facetOf(lab.kernel, facet as never)) as Partial<Disposable>[];
      for (const facet of facets) facet[Symbol.dispose]?.();
      equal(hooksOf(lab.kernel), before, 'hooks once every facet is disposed, against before they were made');
      lab.finish();
    },
  },

  {
    id: 'facet/kernels-have-facets-of-their-own',
    applies: ({ offered }) => offered.length > 0,
    run: (subject) => {
      const [one, other] = [subject.lab(), subject.lab()];
      for (const facet of subject.offered) {
        const [mine, yours] = [one, other].map(({ kernel }) => kernel.facet(facet));
        ok(mine !== undefined, `the facet '${facet.name}' is there`);
        equal(one.kernel.facet(facet) === mine, true, `the facet '${facet.name}' is the same each time`);
        // Those without a state may be shared.
        if (typeof mine === 'object' && mine !== null && Symbol.dispose in mine)
          ok(mine !== yours, `the facet '${facet.name}' of two kernels, which has a state`);
      }
      other.finish();
      one.finish();
    },
  },
];
