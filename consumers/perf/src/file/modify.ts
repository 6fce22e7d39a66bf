import { type EventAttr, type Events, type PmuEvent, type QuirkSet, watchOf } from '@hwbp/core';
import { encodeAttr } from '../attr/encode-attr.js';
import type { PerfEventAttr } from '../attr/perf-event-attr.js';
import { PERF_TYPE_BREAKPOINT } from '../attr/types.js';
import { perfError } from '../errors.js';
import { type Caller, checkAttr, mayProfile } from './check-open.js';
import { REFUSED_MODIFY_LEAVES_TRACES } from './quirks.js';

/** What of a kernel a modification needs. */
interface ModifyHost {
  readonly events: Pick<Events, 'modify' | 'restart' | 'setAttr'>;
  readonly quirks: QuirkSet;
}

/** The fields that a modification may change. */
function changesOf({ bp_type = 0, bp_addr = 0n, bp_len = 0, disabled = false }: PerfEventAttr) {
  return { bp_type, bp_addr, bp_len, disabled };
}

/** True if only what may differ does: compared as the structures that Linux compares. */
function alike(now: PerfEventAttr, wanted: PerfEventAttr): boolean {
  const changed: PerfEventAttr = { ...now, ...changesOf(wanted), sig_data: wanted.sig_data ?? 0n };
  const [a, b] = [encodeAttr(changed), encodeAttr(wanted)];
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** PERF_EVENT_IOC_MODIFY_ATTRIBUTES: the event first, then what children inherited of it; the first refusal ends it. */
export function modifyEvent(host: ModifyHost, event: PmuEvent, attr: PerfEventAttr, caller: Caller): void {
  checkAttr(attr);
  if (attr.type !== event.attr.type) {
    throw perfError('PERF_IOCTL_INVALID', `a modification cannot change the type ${event.attr.type} to ${attr.type}`);
  }
  if (attr.type !== PERF_TYPE_BREAKPOINT) {
    throw perfError('PERF_MODIFY_UNSUPPORTED', `only breakpoints can be modified, not events of type ${attr.type}`);
  }
  for (const one of [event, ...event.children]) modifyOne(host, one, attr, caller);
}

function modifyOne({ events, quirks }: ModifyHost, event: PmuEvent, attr: PerfEventAttr, caller: Caller): void {
  const now = event.attr as PerfEventAttr;
  const { sig_data = 0n } = attr;
  const confirm = (): void => {
    if (alike(now, attr)) return;
    throw perfError(
      'PERF_IOCTL_INVALID',
      'a modification can change bp_type, bp_addr, bp_len, disabled and sig_data, and nothing else: close and open again',
    );
  };
  try {
    const asked = watchOf({ ...attr, ...changesOf(attr) });
    events.modify(event, changesOf(attr), { privileged: mayProfile(caller), asked, confirm });
  } catch (error) {
    if (quirks.isOn(REFUSED_MODIFY_LEAVES_TRACES)) {
      events.setAttr(event, { ...now, sig_data } as EventAttr);
      events.restart(event, now.disabled !== true);
    }
    throw error;
  }
  events.setAttr(event, { ...now, ...changesOf(attr), sig_data } as EventAttr);
}
