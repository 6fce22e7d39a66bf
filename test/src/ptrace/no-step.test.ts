import { riscv64, riscv64Backend } from '@hwbp/arch-riscv64';
import { architecture, composeKernel, KernelError, program } from '@hwbp/core';
import { Ptrace } from '@hwbp/ptrace';
import test from 'ava';

test('where the CPU cannot single-step, PTRACE_SINGLESTEP is EIO, and the tracee stays stopped', (t) => {
  const backend = riscv64Backend();
  const manifest = Object.freeze({ ...backend.manifest, singleStep: false });
  const arch = architecture({ ...backend, manifest }, { facets: riscv64().facets });
  using kernel = composeKernel({ arch, plugins: [Ptrace] });
  const { machine } = kernel;
  const task = machine.spawn(program([{ pc: 0x1000n, length: 4 }]));
  const tracer = kernel.get(Ptrace).tracer();
  tracer.attach(task);
  tracer.wait();
  for (const request of ['singleStep', 'sysemuSingleStep'] as const) {
    const error = t.throws(() => tracer[request](task), { instanceOf: KernelError });
    t.is(error?.code, 'PTRACE_NO_REQUEST');
    t.is(error?.errno, 'EIO');
    t.regex(error?.message ?? '', /cannot single-step.*POKETEXT/);
  }
  t.is(task.state, 'stopped');
  tracer.cont(task);
  machine.run();
  t.deepEqual(task.exit, { code: 0 });
});
