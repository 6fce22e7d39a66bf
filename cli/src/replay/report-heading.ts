import { visible } from '@hwbp/conform/text';
import { hex } from '@hwbp/core';
import { registersText } from '../architecture/registers-text.js';
import { counted, grouped } from './counted.js';
import type { ReportSubject } from './report.js';

/** Tasks that the heading names. */
const NAMED = 8;

/** What is replayed on what, for people: what it is, and the text; the label is empty where the one above goes on. */
export function reportHeading({
  session,
  input,
  program,
  watches,
}: ReportSubject): readonly (readonly [label: string, text: string])[] {
  const { kernel, tasks, registers } = session;
  const size = input.size === undefined ? '' : `, ${grouped(input.size)} bytes`;
  const lines: [string, string][] = [['trace', `${visible(input.name)} (${input.gzip ? 'gzip' : 'text'}${size})`]];
  if (program !== undefined) {
    const { path, symbolCount, bias, unplaced } = program;
    const where = bias === undefined ? '' : `, loaded at ${hex(bias.value)}, ${bias.how}`;
    const nowhere = unplaced === undefined ? '' : `; where it was loaded is not known: ${unplaced}`;
    lines.push(['program', `${visible(path)} (${counted(symbolCount, 'symbol')})${where}${nowhere}`]);
  }
  const { manifest } = kernel.breakpoints;
  const cpus = counted(kernel.machine.cpus.length, 'CPU');
  lines.push(['kernel', `${manifest.name}, ${cpus} of ${registersText(manifest)}, ksym_tracer`]);
  const named = tasks.slice(0, NAMED).map(({ task, cpu }) => `${visible(String(task))} on CPU ${cpu}`);
  lines.push(['tasks', named.join(', ') + (tasks.length > NAMED ? ` and ${tasks.length - NAMED} more` : '')]);
  for (const [i, watch] of watches.entries()) {
    const owner = registers.find(({ content }) => content?.watch === watch)?.content?.breakpoint.owner ?? '';
    const bytes = watch.type === 'x' ? 'the instruction' : counted(watch.length, 'byte');
    lines.push([
      i === 0 ? 'watches' : '',
      `${visible(watch.text)}  (${bytes} at ${hex(watch.address)}, set by ${owner})`,
    ]);
  }
  return lines;
}
