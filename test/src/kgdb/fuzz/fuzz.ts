import {
  type Architecture,
  type Instruction,
  type Kernel,
  type Loaded,
  perfEvents,
  program,
  type Task,
} from '@hwbp/core';
import { Kgdb, type KgdbSession, PACKET_SIZE } from '@hwbp/kgdb';
import { Random } from '../../random.js';
import { CHILD, call } from '../calls.js';
import { bytesOf, kernelWith } from '../client.js';
import { spawnCounters, text } from '../programs.js';
import { randomPacket } from './packets.js';

/** Packets that a kernel is used for; debuggers come and go meanwhile. */
const PACKETS_PER_KERNEL = 2000;
/**
 * Most bytes that one packet can be answered with: an answer, acknowledged, and `monitor bps` in several packets before
 * it.
 */
const MOST_ANSWER = 3 * PACKET_SIZE;
/** Pages that a debugger may bring into being. */
const MOST_PAGES = 4096;

function require(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

/** Everything of a kernel that a debugger takes and has to give back. */
function taken({ machine, breakpoints }: Kernel): string {
  const hooks = Object.values(machine.hooks).map(({ size }: { size: number }) => size);
  const ranges = machine.cpus.map(({ unit }) => unit.filter.ranges.length);
  const { isUsed, debugger: slots } = breakpoints;
  return JSON.stringify([
    hooks,
    ranges,
    machine.dieChain.size,
    machine.planted.size,
    isUsed,
    slots.claims.length,
    slots.inside ?? '',
  ]);
}

/** Counters, and a task that calls, forks and executes again and again. */
function populate(kernel: Kernel): void {
  spawnCounters(kernel, 2);
  const { machine, breakpoints } = kernel;
  const { number } = breakpoints.manifest.roles;
  const fork = call(number, 57n, () => machine.fork(forker, CHILD));
  const parts = [{}, call(number, 1n), fork, {}].map((part, i) => ({ pc: text() + BigInt(4 * i), length: 4, ...part }));
  const exec = call(number, 59n, () => machine.exec(forker, program(forks), { comm: 'again' }));
  function* forks(): Generator<Instruction, void, Loaded> {
    for (let round = 0; round < 20; round++) yield* parts;
    yield { pc: text() + 16n, length: 4, ...exec };
  }
  const forker: Task = machine.spawn(program(forks), { comm: 'forker' });
}

/** One kernel under fire. */
function round(random: Random, count: number, arch: Architecture | undefined): number {
  const scheduler = random.once(2) ? { breakpointScheduler: perfEvents() } : {};
  using kernel = kernelWith({ cpus: 1 + random.below(3), ...scheduler, ...(arch === undefined ? {} : { arch }) });
  const { machine } = kernel;
  populate(kernel);
  const before = taken(kernel);
  const pages = machine.physical.allocated;
  let stops = 0;
  let answered = 0;
  let sessions = 0;
  let session: KgdbSession | undefined;
  for (let sent = 0; sent < count; sent++) {
    if (session?.open !== true) {
      require(taken(kernel) === before, `left behind: ${taken(kernel)}, before: ${before}`);
      // A debugger that sets the trap flag of a program kills it, and one that sends SIGTSTP stops it: that is no fault
      // of the stub.
      const rests = (): boolean => [...machine.tasks.values()].every(({ stoppedBy }) => stoppedBy !== undefined);
      if (rests()) populate(kernel);
      const { reason } = machine.run(100);
      require(machine.gates === 0 && (reason === 'budget' || rests()), `it is stuck: ${reason}`);
      sessions++;
      session = kernel.get(Kgdb).attach({
        send: (bytes) => {
          answered += bytes.length;
        },
        threads: random.pick(['cpus', 'tasks']),
      });
      if (random.once(2)) session.receive(bytesOf('$QStartNoAckMode#b0'));
    }
    answered = 0;
    const bytes = randomPacket(random);
    session.receive(bytesOf(bytes));
    // A mutated packet may have become several.
    require(answered <= MOST_ANSWER * bytes.split('$').length, `an answer of ${answered} bytes`);
    if (!session.running) continue;
    if (session.run(20) === 'stopped') stops++;
    else if (random.once(2)) {
      // Inside a packet it would be a byte like any other: whatever was begun is brought to its end first.
      session.receive(bytesOf('##00\x03'));
      session.run(1);
      require(!session.running, 'Ctrl-C was not heard');
    }
  }
  session?.close();
  require(taken(kernel) === before, `left behind: ${taken(kernel)}`);
  require(machine.physical.allocated - pages <= sessions * MOST_PAGES + 8, 'memory without bound');
  return stops;
}

/**
 * Sends random and mutated packets to stubs. Throws at the first thing that is not as it should be; returns how often a
 * target stopped. `after` is called each time that a kernel has been used up.
 */
export function fuzz(seed: number, packets: number, arch?: () => Architecture, after = (): void => {}): number {
  const random = new Random(seed);
  let stops = 0;
  for (let sent = 0; sent < packets; sent += PACKETS_PER_KERNEL) {
    const count = Math.min(PACKETS_PER_KERNEL, packets - sent);
    try {
      stops += round(random, count, arch?.());
      after();
    } catch (error) {
      throw new Error(`seed ${seed}, packets ${sent} to ${sent + count}: ${String(error)}`, { cause: error });
    }
  }
  return stops;
}
