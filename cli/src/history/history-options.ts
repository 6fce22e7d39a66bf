import type { Command } from 'commander';
import { z } from 'zod';

const file = z.string().min(1, 'the name of a file').optional();

/** What every command takes that can keep a history of its registers. */
export const historyOptions = { html: file, svg: file, traceJson: file };

const schema = z.object(historyOptions);

/** Where the history of a run goes. */
export type HistoryOptions = z.output<typeof schema>;

/** Adds these options to a command. */
export function addHistoryOptions(command: Command): Command {
  return command
    .option('--html <file>', 'write a report: who held which register when, and what is printed; opens anywhere')
    .option('--svg <file>', 'write who held which register when as a picture')
    .option('--trace-json <file>', 'write the same for Perfetto (ui.perfetto.dev) and chrome://tracing');
}
