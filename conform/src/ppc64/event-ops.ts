import { ATTR_FLAGS, PERF_TYPE_BREAKPOINT, type PerfEventAttr, type PerfFile } from '@hwbp/perf';
import { countArgument, StepError, textArgument, wordArgument } from '../format/arguments.js';
import type { Step } from '../format/script.js';
import { countOf, UNUSED_PID } from '../player/open-events.js';
import type { Ops } from '../player/recorded-architecture.js';
import { attempt, type Results } from '../player/results.js';
import type { Stage } from '../player/stage.js';

const MOST_EVENTS = 100_000;

/** The event that an argument numbers: those that were opened, in their order. */
function eventOf({ events }: Stage, step: Step, argument = 'h'): PerfFile {
  return events.named(step, String(countArgument(step, argument, MOST_EVENTS)));
}

function pidOf({ tasks }: Stage, step: Step): number {
  const who = textArgument(step, 'who');
  if (who === 'self') return 0;
  if (who === 'any') return -1;
  const task = tasks.find(who);
  if (task === undefined) throw new StepError(`op perf_open: there is no '${who}': tN, self or any`);
  return task.alive ? task.pid : UNUSED_PID;
}

function attrOf(step: Step): PerfEventAttr {
  const flags = ATTR_FLAGS.filter((flag) => step[flag] !== undefined && step[flag] !== 0);
  return {
    ...Object.fromEntries(flags.map((flag) => [flag, true])),
    type: PERF_TYPE_BREAKPOINT,
    bp_type: countArgument(step, 'bp_type', 0xffff_ffff),
    bp_addr: wordArgument(step, 'bp_addr'),
    bp_len: wordArgument(step, 'bp_len'),
    sample_period: step.sample_period === undefined ? 0n : wordArgument(step, 'sample_period'),
  };
}

function open(stage: Stage, step: Step): Results {
  const { perf, self, events } = stage;
  const cpu = step.cpu === -1 ? -1 : countArgument(step, 'cpu', MOST_EVENTS);
  const groupFd = step.group === undefined ? -1 : eventOf(stage, step, 'group').fd;
  return attempt(() => {
    const file = perf.open(attrOf(step), { pid: pidOf(stage, step), cpu, groupFd, as: self.task });
    const h = events.size;
    events.set(String(h), file);
    return { h };
  });
}

function close(stage: Stage, step: Step): Results {
  eventOf(stage, step).close();
  stage.events.closed(String(step.h));
  return { ret: 0 };
}

/** Ops on perf events, which are numbered in the order in which they were opened. */
export const EVENT_OPS: Ops = {
  perf_open: open,
  close,
  enable: (stage, step) => attempt(() => void eventOf(stage, step).enable()),
  disable: (stage, step) => attempt(() => void eventOf(stage, step).disable()),
  read: (stage, step) => ({ count: countOf(eventOf(stage, step)) ?? 0 }),
  modify: (stage, step) => attempt(() => void eventOf(stage, step).modify(attrOf(step), { as: stage.self.task })),
};
