import { architecture, composeKernel, defineSlotPolicy, flexible, linuxSlotPolicy, perfEvents } from '@hwbp/core';
import { fakeBackend } from '@hwbp/testkit';
import { Xmon } from '@hwbp/xmon';
import test from 'ava';
import { DATA, ppc64Kernel, Typist } from './support.js';

/** Data of the kernel on a fake. */
const REQUESTS = 0xffff_8000_0000_0100n;

test('under perf events xmon’s registers go past the scheduler, beside those of others', (t) => {
  for (const slotPolicy of [undefined, flexible()]) {
    using kernel = ppc64Kernel(
      { cpu: 'power10' },
      { breakpointScheduler: perfEvents(), ...(slotPolicy === undefined ? {} : { slotPolicy }) },
    );
    let others = 0;
    kernel.breakpoints.registerWide({ bp_type: 2, bp_addr: DATA, bp_len: 8 }, () => others++);
    const user = new Typist(kernel);
    user.enter();
    t.is(user.type('bdr requests'), '');
    t.is(user.type('bdr requests+8'), "Couldn't find free breakpoint register\n  held by kernel");
    t.regex(user.type('x'), /data breakpoint .* \[r\]/);
    user.type('bc', 'x');
    t.is(user.reason, 'idle');
    t.is(others, 3);
  }
});

test('a machine that is stopped inside the slot accounting cannot claim, and says so', (t) => {
  const arch = architecture(fakeBackend({ slots: 2 }));
  let typist: Typist | undefined;
  const said: string[] = [];
  const nosy = defineSlotPolicy('nosy', (host) => {
    const inner = linuxSlotPolicy().create(host);
    return {
      name: 'nosy',
      reserve(claim) {
        if (claim.owner !== 'xmon' && typist !== undefined) {
          typist.enter();
          said.push(typist.session.line('bd requests'), typist.session.line('b'));
        }
        return inner.reserve(claim);
      },
      change: (claim, slotClass) => inner.change(claim, slotClass),
      release: (claim) => inner.release(claim),
      place: (claim, occupied) => inner.place(claim, occupied),
      get isUsed() {
        return inner.isUsed;
      },
    };
  });
  using kernel = composeKernel({
    arch,
    strict: true,
    slotPolicy: nosy,
    symbols: [{ name: 'requests', address: REQUESTS, size: 8 }],
    plugins: [Xmon],
  });
  typist = new Typist(kernel);
  kernel.breakpoints.registerCpu({ bp_type: 2, bp_addr: REQUESTS, bp_len: 8 }, () => {}, 0);
  t.deepEqual(said, [
    'The machine was stopped inside the slot accounting: let it go on (x) and try again',
    '   type            address',
  ]);
});
