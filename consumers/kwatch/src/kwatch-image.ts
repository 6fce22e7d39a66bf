import type { Breakpoints, Hit, ImagePart, ImageReader, ImageValue, Machine, NamedFunction } from '@hwbp/core';
import type { Watch } from './watch.js';
import { WatchRecord } from './watch-record.js';
import type { WatchRequest } from './watch-request.js';

/** The watches of a kernel in its image. What they call has to have names in the composition. */
export class KwatchImage implements ImagePart {
  readonly #machine: Machine;
  readonly #breakpoints: Breakpoints;
  readonly #records: Map<Watch, WatchRecord>;

  constructor(machine: Machine, breakpoints: Breakpoints, records: Map<Watch, WatchRecord>) {
    this.#machine = machine;
    this.#breakpoints = breakpoints;
    this.#records = records;
  }

  save(): ImageValue {
    const { images, wideImages } = this.#breakpoints;
    return [...this.#records.values()].map((record) => {
      const { breakpoint, wide } = record.members;
      return {
        ...record.save(this.#machine.hibernation.code),
        ...(wide === undefined ? {} : { wide: wideImages.numberOf(wide) }),
        ...(breakpoint === undefined ? {} : { breakpoint: images.numberOf(breakpoint) }),
      };
    });
  }

  restore(from: ImageReader): void {
    for (const one of from.list()) this.#revive(one);
  }

  #revive(from: ImageReader): void {
    const pid = from.field('task');
    const task = pid.absent ? undefined : this.#machine.tasks.get(pid.number(1));
    if (!pid.absent && task === undefined) throw pid.invalid('the pid of a task of the image');
    const priority = from.field('priority').number(Number.MIN_SAFE_INTEGER);
    const record = new WatchRecord(this.#request(from), priority, task);
    const look = (): void => record.look();
    const functions = { handler: (hit: Hit): void => record.hit(hit), installed: look, uninstalled: look };
    const { images, wideImages } = this.#breakpoints;
    if (task === undefined) {
      const wide = wideImages.take(from.field('wide'), functions);
      const release = (): void => this.#breakpoints.unregisterWide(wide);
      record.revive({ all: () => [...wide.members.values()], release, wide }, from);
    } else {
      const breakpoint = images.take(from.field('breakpoint'), functions);
      const release = (): void => this.#breakpoints.unregister(breakpoint);
      record.revive({ all: () => [breakpoint], release, breakpoint }, from);
    }
    this.#records.set(record.view, record);
  }

  #request(from: ImageReader): WatchRequest {
    const { code } = this.#machine.hibernation;
    const find = <T extends NamedFunction>(name: string): T => code.find(from.field(name).text()) as T;
    const [installed, uninstalled] = [from.field('installed'), from.field('uninstalled')];
    return {
      address: from.field('address').bits(),
      length: from.field('length').number(),
      type: from.field('type').number(),
      priority: from.field('priority').number(Number.MIN_SAFE_INTEGER),
      triggered: find<WatchRequest['triggered']>('triggered'),
      ...(installed.absent ? {} : { installed: find<(watch: Watch) => void>('installed') }),
      ...(uninstalled.absent ? {} : { uninstalled: find<(watch: Watch) => void>('uninstalled') }),
    };
  }
}
