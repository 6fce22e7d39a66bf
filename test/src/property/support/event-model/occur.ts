import type { ModelEvent } from './event.js';

/** sample_type's bit PERIOD: every occurrence overflows (spec 4.7, 5). */
const SAMPLE_PERIOD = 0x100;

/** Spec 4.7: counted, and overflowing by its period. */
export function occur(event: ModelEvent, n: number): void {
  if (event.stopped) return;
  event.count += n;
  if (event.period === 0) return;
  const every = (Number(event.attr.sample_type ?? 0) & SAMPLE_PERIOD) !== 0;
  let overflows = 1;
  const period = every ? n : event.current;
  if (!every) {
    event.remaining -= n;
    for (overflows = 0; event.remaining <= 0; overflows++) event.remaining += event.current;
  }
  if (overflows === 0) return;
  const { told } = event.parent ?? event;
  let last = false;
  for (let i = 0; i < overflows && !last; i++) {
    last = event.limit > 0 && --event.limit === 0;
    told.overflows++;
    told.periods += period;
  }
  event.stopped = last;
  if (last) told.hup++;
  else told.in++;
}
