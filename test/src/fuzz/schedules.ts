import { crc32, KernelError } from '@hwbp/core';
import { type RecordedSchedule, randomSchedule, replaySchedule, SCHEDULE } from '@hwbp/schedulers';
import type { Random } from '../random.js';
import { composed, spawnRace } from '../schedulers/support.js';
import { mutateText } from './mutate.js';

/** More than the programs need: whatever the schedule says, they come to their end. */
const BUDGET = 20_000;

/** Recordings of machines of one to three CPUs. */
function recordings(): readonly RecordedSchedule[] {
  return [1, 2, 3].map((cpus) => {
    const kernel = composed(randomSchedule({ longest: 9 }), { cpus });
    spawnRace(kernel, 6, { threads: 4 });
    kernel.machine.run();
    return kernel.get(SCHEDULE).recorded;
  });
}

/** Choices that are choices still: left out, doubled, and others in their place. */
function otherChoices(random: Random, text: string): string {
  const choices = text.split(' ');
  for (let i = random.below(4); i >= 0; i--) {
    const at = random.below(choices.length);
    const another = `${random.below(3)}.${(1 + random.below(40)).toString(36)}*${(1 + random.below(1000)).toString(36)}`;
    choices.splice(at, random.below(2), ...random.pick([[], [another], choices.slice(at, at + 2)]));
  }
  return choices.join(' ');
}

/** Damaged where its check does not show it: somebody has made it anew. */
function forged(random: Random, { format, version, cpus, turns, tasks }: RecordedSchedule): RecordedSchedule {
  const change = random.once(3) ? mutateText : otherChoices;
  const said = { cpus, turns: change(random, turns), tasks: change(random, tasks) };
  return { format, version, ...said, check: crc32(JSON.stringify([format, version, cpus, said.turns, said.tasks])) };
}

/** Recorded schedules: refused in words, or replayed as far as they fit, and everybody comes to his end. */
export function schedules(): (random: Random) => boolean {
  const sound = recordings();
  return (random) => {
    const one = random.pick(sound);
    const given = random.once(2) ? forged(random, one) : mutateText(random, JSON.stringify(one));
    try {
      const kernel = composed(replaySchedule(given), { cpus: one.cpus });
      spawnRace(kernel, 6, { threads: 1 + random.below(5) });
      let result = kernel.machine.run(BUDGET);
      if (result.reason === 'stopped') {
        if ((result.detail as { code?: unknown }).code !== 'SCHEDULE_DOES_NOT_FIT') throw result.detail;
        result = kernel.machine.run(BUDGET);
      }
      if (result.reason !== 'idle' || kernel.machine.tasks.size > 0) throw new Error(`it ends with ${result.reason}`);
      return true;
    } catch (error) {
      if (error instanceof KernelError && error.code.startsWith('SCHEDULE_')) return false;
      throw error;
    }
  };
}
