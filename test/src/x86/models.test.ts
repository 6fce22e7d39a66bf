import { DR6_RESET, X86_MODELS, X86DebugUnit, x86 } from '@hwbp/arch-x86';
import { FILTER_WRITE } from '@hwbp/core';
import test from 'ava';

const KERNEL = { mode: 'kernel', singleStep: false, resume: false } as const;

/** Write watches of one byte at 0x1000 and 0x2000 in DR0 and DR1. */
function armed(model: (typeof X86_MODELS)['generic']): X86DebugUnit {
  const unit = new X86DebugUnit({ model });
  unit.setAddress(0, 0, 0x1000);
  unit.setAddress(1, 0, 0x2000);
  unit.setControl(0x11_000a);
  return unit;
}

function hit(unit: X86DebugUnit, address: number): number {
  unit.access(FILTER_WRITE, 0, address, 1, KERNEL);
  unit.retire(KERNEL);
  return (unit.status ^ DR6_RESET) & 0xf;
}

test('each exception replaces B0-B3, or adds to them until software clears them: as the model says', (t) => {
  const replaces = armed(X86_MODELS.generic);
  t.deepEqual([hit(replaces, 0x1000), hit(replaces, 0x2000)], [1, 2]);
  const adds = armed({ ...X86_MODELS.generic, statusAccumulates: true });
  t.deepEqual([hit(adds, 0x1000), hit(adds, 0x2000)], [1, 3]);
  adds.setStatus(DR6_RESET);
  t.is(hit(adds, 0x2000), 2);
});

test('bits of DR7 that a model does not keep read 0', (t) => {
  for (const [name, kept] of Object.entries({ generic: 0xc00, intel: 0xc00, amd: 0x400, 'amd-2007': 0x400 })) {
    const unit = new X86DebugUnit({ model: X86_MODELS[name as keyof typeof X86_MODELS] });
    unit.setControl(0x800);
    t.is(unit.control, kept, name);
  }
});

test('a model that there is not is refused, with those that there are', (t) => {
  t.throws(() => x86({ model: 'z80' as never }), {
    instanceOf: TypeError,
    message: /model is a CPU model \(generic, amd, amd-2007, intel\)/,
  });
});
