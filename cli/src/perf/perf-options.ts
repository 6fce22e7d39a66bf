import type { Command } from 'commander';
import { z } from 'zod';
import { ARCHITECTURE_NAMES, CPU_NAMES } from '../architecture/find-architecture.js';
import { traceOptions } from '../commands/option-types.js';

/** Added to an option that may be repeated. */
function collect(value: string, values: readonly string[] = []): readonly string[] {
  return [...values, value];
}

/** What `hwbp record` and `hwbp stat` both take. */
export const perfOptions = {
  ...traceOptions,
  event: z.array(z.string()).default([]),
  policy: z.string(),
};

const schema = z.object(perfOptions);

/** The options that both commands share. */
export type PerfOptions = z.output<typeof schema>;

/** Adds these options to a command. */
export function addPerfOptions(command: Command): Command {
  return command
    .argument('[trace...]', 'Lackey traces, plain or gzipped, a task for each; - for standard input')
    .option('-e, --event <events>', 'what to count, as perf writes it; may be repeated', collect)
    .option('--elf <file>', 'the program that was traced: its symbols')
    .option('--cpus <n>', 'CPUs of the kernel', '1')
    .option('--tasks <k>', 'tasks that replay each trace, task k on CPU k mod n', '1')
    .option('-a, --arch <name>', `architecture: ${ARCHITECTURE_NAMES}`, 'x86')
    .option('--cpu <model>', `CPU ${CPU_NAMES}`)
    .option(
      '--load-bias <address>',
      'where a position-independent program was loaded; default: where the trace shows it',
    )
    .option('--policy <name>', 'who gets registers: linux, flexible', 'linux')
    .option('--strict', "refuse lines that are none of Lackey's, Valgrind's own ==PID== lines too");
}

/** How events are written, for the help of both commands. */
export const EVENTS_HELP = `EVENTS is a list with commas, groups in braces:
  mem:ADDRESS[/LEN][:ACCESS][:MODIFIERS]      as perf has it
  mem:SYMBOL[+OFFSET][/LEN][:ACCESS][:MODIFIERS]
             SYMBOL as nm or c++filt print it, in quotes where it has colons or commas ('bank::total'), or a
             part of a variable of a program with debug information: balances[7], conf.limit
  cs, context-switches, cpu-clock, task-clock, dummy
  ACCESS     r, w, x, rw, ...; default rw
  LEN        bytes; default: the variable's own size, or 4 for an address and for SYMBOL+OFFSET
  MODIFIERS  u user, k kernel, h hypervisor, D pinned, e exclusive, ...`;
