import { arm64 } from '@hwbp/arch-arm64';
import { perfEvents } from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import { KgdbServer } from '@hwbp/kgdb/server';
import test from 'ava';
import { GDB, testWith } from '../../clients/need.js';
import { kernelWith } from '../client.js';
import { ARCHITECTURES, type Subject } from './architectures.js';
import { Gdb } from './gdb.js';
import { SCENARIOS } from './scenarios.js';
import { StandIn } from './stand-in.js';

const SCHEDULERS = [
  ['direct', {}],
  ['events', { breakpointScheduler: perfEvents() }],
] as const;

/** Where the kernel itself steps over what debuggers stop at, its quirks have a part in it. */
const QUIRKY: Subject = { name: 'arm64 with quirks', gdb: [], create: () => arm64() };

for (const { name: arch, gdb: told, create } of [...ARCHITECTURES, QUIRKY]) {
  const strict = arch !== QUIRKY.name;

  for (const { name, executes, prepare, run } of SCENARIOS) {
    if (executes === true && !create().backend.manifest.access.includes('x')) continue;

    for (const [how, scheduler] of SCHEDULERS) {
      test(`${arch}, in process, ${how}: ${name}`, async (t) => {
        using kernel = kernelWith({ arch: create(), strict, ...scheduler });
        prepare(kernel);
        await run(t, new StandIn(kernel, {}), kernel);
      });
    }

    testWith(GDB, `${arch}, a real gdb: ${name}`, async (t, executable) => {
      using kernel = kernelWith({ arch: create(), strict });
      prepare(kernel);
      const server = await KgdbServer.listen(kernel.get(Kgdb), { port: 0 });
      const gdb = await Gdb.attach(executable, server.address.port, told);
      try {
        await run(t, gdb, kernel);
      } finally {
        await gdb.close();
        await server.close();
      }
    });
  }
}
