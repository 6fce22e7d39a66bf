import type { ImageReader, ImageValue } from '../../image/index.js';
import type { ChildChange, ChildStatus } from '../child-changes.js';
import type { KernelProcess } from '../task.js';
import { loadExit, signalName } from './task-image.js';

/** What the threads of a process have together, beside what each of them knows. */
export function saveProcess({ tgid, parent, stopped, exit, changes }: KernelProcess): ImageValue {
  return {
    tgid,
    parent: parent?.tgid ?? null,
    stopped: stopped ?? null,
    exit: exit === undefined ? null : { ...exit },
    changes: [...changes].map(({ pid, change }) => ({ pid, change: { ...change } })),
  };
}

function loadChange(from: ImageReader): ChildChange {
  const [stopped, continued] = [from.field('stopped'), from.field('continued')];
  if (!stopped.absent) return { stopped: signalName(stopped) };
  if (continued.absent) return loadExit(from);
  if (!continued.flag()) throw continued.invalid('true');
  return { continued: true };
}

function loadStatus(from: ImageReader): ChildStatus {
  return { pid: from.field('pid').number(1), change: loadChange(from.field('change')) };
}

/** The way back. `processOf`: the one of a number, if there is one. */
export function loadProcess(from: ImageReader, processOf: (tgid: number) => KernelProcess | undefined): void {
  const process = processOf(from.field('tgid').number(1));
  if (process === undefined) throw from.field('tgid').invalid('the number of a process with tasks');
  const [parent, stopped, exit] = [from.field('parent'), from.field('stopped'), from.field('exit')];
  const above = parent.absent ? undefined : processOf(parent.number(1));
  if (above !== undefined) process.belongsTo(above);
  process.stopped = stopped.absent ? undefined : signalName(stopped);
  process.exit = exit.absent ? undefined : loadExit(exit);
  for (const { pid, change } of from.field('changes').list().map(loadStatus)) process.changes.add(pid, change);
}
