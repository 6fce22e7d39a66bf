import { setImmediate } from 'node:timers/promises';
import type { Kernel, RunResult } from '@hwbp/core';
import { Xmon, type XmonSession } from '@hwbp/xmon';
import type { Output } from '../output.js';
import { sliceOf } from '../run/slice.js';
import { History } from './history.js';
import { Terminal } from './terminal.js';

/** Instructions between two looks at what was typed. */
const SLICE = 100_000;

/** How xmon is used at a command line. */
export interface DriveOptions {
  readonly readOnly: boolean;
  /** A file that keeps what was typed. */
  readonly history: string | undefined;
  /** What is read meanwhile: the history takes the place of none. */
  readonly inputs: readonly string[];
}

/**
 * Lets somebody use a kernel's xmon, which is entered before the first instruction (Linux: `xmon=early`), and lets the
 * machine run whenever it may. Returns why the run ended; `undefined`: the input did, and the machine is to run on.
 */
export async function drive(
  kernel: Kernel,
  budget: number,
  output: Output,
  { readOnly, history: file, inputs }: DriveOptions,
): Promise<RunResult | undefined> {
  const history = new History(file, inputs);
  const session = kernel.get(Xmon).open({ readOnly });
  const terminal = new Terminal(output, history);
  let interrupted = false;
  terminal.onInterrupt = () => {
    if (!session.inside) interrupted = true;
    else if (terminal.isTerminal) terminal.clearLine();
    else terminal.close();
  };
  try {
    terminal.say(session.enter());
    for (;;) {
      if (session.inside && !(await takeLine(session, terminal))) return undefined;
      const left = budget - kernel.machine.count;
      const result = session.run(sliceOf(kernel, SLICE, left));
      terminal.say(result.output);
      const goesOn = result.reason === 'suspended' || (result.reason === 'budget' && left > SLICE);
      if (result.reason === 'entered') continue;
      if (!goesOn) return { ...result, reason: result.reason, instructions: kernel.machine.count };
      await setImmediate();
      if (interrupted) terminal.say(session.enter());
      interrupted = false;
    }
  } finally {
    session.close();
    terminal.close();
    history.save();
  }
}

/** False: there is none. */
async function takeLine(session: XmonSession, terminal: Terminal): Promise<boolean> {
  const line = await terminal.ask(session.prompt);
  if (line === undefined) return false;
  terminal.say(session.line(line));
  return true;
}
