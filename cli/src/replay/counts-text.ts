import { counted, grouped } from './counted.js';
import type { ReplaySession } from './session.js';

/** What was in the trace, for people, in a line. */
export function countsText({ replay, tasks }: Pick<ReplaySession, 'replay' | 'tasks'>): string {
  const { steps, loads, stores, modifies, skipped, firstSkipped } = replay;
  const each = tasks.length > 1 ? ' in each task' : '';
  const other =
    firstSkipped === undefined
      ? ''
      : `, ${grouped(skipped)} other (the first, line ${firstSkipped.line}: '${firstSkipped.text}')`;
  return `${counted(steps, 'instruction')}${each}: ${counted(loads, 'load')}, ${counted(stores, 'store')}, ${grouped(modifies)} modifies${other}`;
}
