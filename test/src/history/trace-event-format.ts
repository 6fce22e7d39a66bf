import { z } from 'zod';

/*
 * The Trace Event Format, as far as a history uses it. Source: the document "Trace Event Format" of the Chromium
 * project: JSON object format, metadata (M), complete (X) and instant (i) events.
 */

const number = z.number().int().min(0);
const common = { name: z.string().min(1), pid: number, tid: number };
const args = z.record(z.string(), z.union([z.string(), z.number()]));

const metadata = z.strictObject({
  ...common,
  ph: z.literal('M'),
  name: z.enum(['process_name', 'process_labels', 'process_sort_index', 'thread_name', 'thread_sort_index']),
  args: z.union([z.strictObject({ name: z.string().min(1) }), z.strictObject({ sort_index: z.number().int() })]),
});
const complete = z.strictObject({
  ...common,
  ph: z.literal('X'),
  cat: z.string().min(1),
  ts: number,
  dur: number,
  args,
});
const instant = z.strictObject({
  ...common,
  ph: z.literal('i'),
  cat: z.string().min(1),
  ts: number,
  s: z.enum(['g', 'p', 't']),
  args,
});

/** A whole file. */
export const traceEventFile = z.strictObject({
  traceEvents: z.array(z.discriminatedUnion('ph', [metadata, complete, instant])),
  displayTimeUnit: z.enum(['ms', 'ns']).optional(),
  otherData: args.optional(),
});
