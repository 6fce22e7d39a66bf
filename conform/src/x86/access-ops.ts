import { countArgument, StepError, textArgument, wordArgument } from '../format/arguments.js';
import { littleEndian } from '../format/little-endian.js';
import type { Step } from '../format/script.js';
import { stepping } from '../ops/stepping.js';
import type { Results } from '../player/results.js';
import type { Run } from '../player/run.js';
import { runTask, shown } from '../player/run-task.js';
import type { Stage } from '../player/stage.js';
import { FLAGS, RF } from './control.js';
import { STUBS, stubAddress, stubIndex } from './worker-layout.js';

const WORD = 8;
/** Most bytes of which a stop says whether they have changed. */
const MOST_WATCHED = 64;
/** A selector that SS takes. */
const SELECTOR = 0x2bn;

/** How a step's task is run: `rf` begins with EFLAGS.RF, `mode` says how it is resumed. */
function runOf(step: Step, registers: Run['registers']): Run {
  const rf = step.rf !== undefined && step.rf !== 0;
  return { registers: { ...registers, eflags: rf ? FLAGS | RF : FLAGS }, ...stepping(step) };
}

/** op nops: runs a sled from an address. */
export function nops(stage: Stage, step: Step): Results {
  return shown(runTask(stage, stage.tasks.of(step), runOf(step, { rip: wordArgument(step, 'from') })));
}

/** op access: runs a stub, with whatever registers and memory it needs. */
export function access(stage: Stage, step: Step): Results {
  const { memory, tasks } = stage;
  const task = tasks.of(step);
  const name = textArgument(step, 'insn');
  const index = stubIndex(name);
  if (index < 0) throw new StepError(`op access: there is no instruction '${name}'`);
  const rdi = wordArgument(step, 'addr');
  const count = countArgument(step, 'n', 0xffff_ffff, 0);
  const unique = stage.unique();
  const rsi = step.src === undefined ? unique : wordArgument(step, 'src');
  const registers: Record<string, bigint> = { rip: stubAddress(index), rdi, rcx: BigInt(count), rsi };
  if (name === 'cas8') {
    const current = memory.peek(task, rdi, WORD) === undefined ? 0n : task.memory.readInteger(rdi, WORD);
    registers.rax = step.ok === 0 ? BigInt.asUintN(64, ~current) : current;
    registers.rdx = unique;
  }
  if (name === 'repstosb') registers.rax = unique & 0xffn;
  if (name === 'movss') memory.poke(task, rdi, littleEndian(SELECTOR, 2));
  if (name === 'st16' || name === 'st32') task.context.set('xmm0', unique);
  if (name === 'movsq' || name.startsWith('repmovs')) {
    const bytes = count === 0 ? WORD : count * (name === 'repmovsq' ? WORD : 1);
    // Behind the first page that is missing nothing is read.
    for (let done = 0; done < bytes; done += WORD) {
      const part = littleEndian(unique, Math.min(WORD, bytes - done));
      if (memory.poke(task, rsi + BigInt(done), part) < part.length) break;
    }
  }
  const changes = STUBS[index]?.[1] ?? 0;
  const watched = changes < 0 ? Math.min(count, MOST_WATCHED) : changes;
  const watch = watched === 0 ? {} : { watch: () => memory.peek(task, rdi, watched) };
  return shown(runTask(stage, task, { ...runOf(step, registers), ...watch }));
}
