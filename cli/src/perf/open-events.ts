import { KernelError } from '@hwbp/core';
import type { PerfEventAttr, PerfFile } from '@hwbp/perf';
import type { EventKernel } from './event-kernel.js';
import type { ResolvedEvent, ResolvedGroup } from './resolve-event.js';

/** An event, opened for every task; or why it could not be. */
export interface OpenedEvent {
  readonly event: ResolvedEvent;
  /** Number of its group, and whether that was written with braces. */
  readonly group: number;
  readonly grouped: boolean;
  /** One for each task, in their order; empty if it was refused. */
  readonly files: readonly PerfFile[];
  readonly refusal: KernelError | undefined;
}

/**
 * Opens every event for every task, with what `attrOf` makes of its attr. An event that is refused for one task is
 * closed for all; a group whose leader is refused is refused.
 */
export function openEvents(
  { perf, tasks }: EventKernel,
  groups: readonly ResolvedGroup[],
  attrOf: (event: ResolvedEvent) => PerfEventAttr,
): readonly OpenedEvent[] {
  return groups.flatMap(({ events, grouped }, group) => {
    let leader: OpenedEvent | undefined;
    return events.map((event) => {
      const opened = openEvent(event, leader);
      leader ??= opened;
      return { ...opened, group, grouped };
    });
  });

  function openEvent(event: ResolvedEvent, leader: OpenedEvent | undefined): OpenedEvent {
    const files: PerfFile[] = [];
    const place = { event, group: 0, grouped: false };
    if (leader?.refusal !== undefined) return { ...place, files, refusal: leader.refusal };
    try {
      for (const [i, { task }] of tasks.entries()) {
        const groupFd = leader?.files[i]?.fd ?? -1;
        files.push(perf.open(attrOf(event), { pid: task.pid, groupFd }));
      }
      return { ...place, files, refusal: undefined };
    } catch (error) {
      for (const file of files) file.close();
      if (!(error instanceof KernelError)) throw error;
      return { ...place, files: [], refusal: error };
    }
  }
}
