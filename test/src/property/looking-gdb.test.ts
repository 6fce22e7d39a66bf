import { type Architecture, type Kernel, perfEvents } from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import { KgdbServer } from '@hwbp/kgdb/server';
import { GDB, testWith } from '../clients/need.js';
import { kernelWith } from '../kgdb/client.js';
import { ARCHITECTURES } from '../kgdb/scenarios/architectures.js';
import type { Debugger } from '../kgdb/scenarios/debugger.js';
import { Gdb } from '../kgdb/scenarios/gdb.js';
import { Race } from './support/looking/race.js';

const SCHEDULERS = { direct: {}, events: { breakpointScheduler: perfEvents() } };
type Options = (typeof SCHEDULERS)[keyof typeof SCHEDULERS];

/** Turns of 5 instructions, ticks every 7. */
const kernelOf = (arch: Architecture, options: Options): Kernel =>
  kernelWith({ arch, quantum: 5, tick: 7000, ...options });

/** What somebody does who looks for the race. */
async function look(gdb: Debugger, race: Race, executes: boolean): Promise<void> {
  await gdb.break(race.text(1) + 4n);
  for (let i = 0; i < 3; i++) await gdb.continue();
  // Now and then a step ends on the breakpoint, and gdb steps over it.
  for (let i = 0; i < 8; i++) await gdb.step();
  await gdb.clear();
  if (executes) {
    await gdb.hbreak(race.text(2));
    for (let i = 0; i < 3; i++) await gdb.continue();
    for (let i = 0; i < 8; i++) await gdb.step();
    await gdb.clear();
  }
  await gdb.watch('watch', race.shared);
  for (let i = 0; i < 4; i++) await gdb.continue();
  for (let i = 0; i < 7; i++) await gdb.step();
  await gdb.clear();
  await gdb.watch('awatch', race.shared);
  for (let i = 0; i < 4; i++) await gdb.continue();
  await gdb.read(race.shared);
  await gdb.threads();
  await gdb.clear();
  await gdb.interrupted();
  for (let i = 0; i < 3; i++) await gdb.step();
  await gdb.reattach();
  await gdb.step();
}

for (const { name, gdb: told, create } of ARCHITECTURES) {
  for (const [scheduler, options] of Object.entries(SCHEDULERS)) {
    testWith(GDB, `${name}, ${scheduler}: a race ends with a real gdb as without one`, async (t, executable) => {
      using kernel = kernelOf(create(), options);
      const race = new Race(kernel);
      const server = await KgdbServer.listen(kernel.get(Kgdb), { port: 0 });
      const gdb = await Gdb.attach(executable, server.address.port, told);
      try {
        await look(gdb, race, kernel.breakpoints.manifest.access.includes('x'));
        t.regex(await gdb.monitor('schedule'), /everything so far is as it would have been/);
      } finally {
        await gdb.close();
        await server.close();
      }
      const { machine } = kernel;
      t.is(machine.departure, undefined);

      using alone = kernelOf(create(), options);
      const undisturbed = new Race(alone);
      alone.machine.run(machine.count);
      t.deepEqual(race.log.lines, undisturbed.log.lines);
      t.is(race.log.digest, undisturbed.log.digest);
      t.true(machine.count > 1000);
      const value = (one: Kernel): bigint => one.machine.kernelMemory.readInteger(race.shared, 4);
      t.is(value(kernel), value(alone));
    });
  }
}
