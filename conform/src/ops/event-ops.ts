import type { SignalName } from '@hwbp/core';
import type { PerfFile } from '@hwbp/perf';
import { countArgument, integerArgument, StepError, textArgument, wordArgument } from '../format/arguments.js';
import type { Step } from '../format/script.js';
import { UNUSED_PID } from '../player/open-events.js';
import type { Ops } from '../player/recorded-architecture.js';
import { attempt, type Results } from '../player/results.js';
import type { Stage } from '../player/stage.js';
import { attrArgument } from './attr-argument.js';
import { showValues } from './show-values.js';

const MOST_PAGES = 1 << 16;
/** Real-time signals, from SIGRTMIN. */
const MOST_SIGNAL = 30;

function identity(step: Step): string {
  return step.as === undefined ? 'root' : textArgument(step, 'as');
}

function pidOf({ tasks }: Stage, step: Step): number {
  const target = textArgument(step, 'target');
  if (target === 'self') return 0;
  if (target === 'all') return -1;
  return tasks.find(target)?.pid ?? UNUSED_PID;
}

const eventOf = ({ events }: Stage, step: Step): PerfFile => events.named(step, textArgument(step, 'ev'));

function open(stage: Stage, step: Step): Results {
  const { perf, self, events, addresses } = stage;
  const name = textArgument(step, 'ev');
  const attr = attrArgument(step, addresses);
  const cpu = integerArgument(step, 'cpu', -1);
  const groupFd = step.group === undefined ? -1 : events.named(step, textArgument(step, 'group')).fd;
  events.set(name, undefined);
  return attempt(() => {
    const target = { cpu, groupFd, as: self.task };
    const file = self.as(identity(step), () => perf.open(attr, { ...target, pid: pidOf(stage, step) }));
    events.set(name, file);
    return {};
  });
}

function close(stage: Stage, step: Step): Results {
  eventOf(stage, step).close();
  stage.events.closed(textArgument(step, 'ev'));
  return {};
}

function ioctl(stage: Stage, step: Step): Results {
  const file = eventOf(stage, step);
  const group = step.flag === 'group';
  const commands: Readonly<Record<string, () => void>> = {
    enable: () => file.enable({ group }),
    disable: () => file.disable({ group }),
    reset: () => file.reset({ group }),
    refresh: () => file.refresh(Number(wordArgument(step, 'arg'))),
    period: () => file.period(wordArgument(step, 'arg')),
  };
  const cmd = textArgument(step, 'cmd');
  const command = Object.hasOwn(commands, cmd) ? commands[cmd] : undefined;
  if (command === undefined) throw new StepError(`op ioctl: there is no command '${cmd}'`);
  return attempt(() => void command());
}

function modify(stage: Stage, step: Step): Results {
  const { self, addresses } = stage;
  const file = eventOf(stage, step);
  const attr = attrArgument(step, addresses);
  return attempt(() => void self.as(identity(step), () => file.modify(attr, { as: self.task })));
}

function mmap(stage: Stage, step: Step): Results {
  const file = eventOf(stage, step);
  const pages = countArgument(step, 'pages', MOST_PAGES);
  return attempt(() => void (pages === 0 ? file.mmapControlPage() : file.mmap(pages)));
}

function signal(stage: Stage, step: Step): Results {
  const file = eventOf(stage, step);
  const signal: SignalName = `SIGRTMIN+${countArgument(step, 'sig', MOST_SIGNAL)}`;
  const owner = step.owner === undefined ? stage.self.task : stage.tasks.named(step, textArgument(step, 'owner'));
  return attempt(() => void file.async({ owner, signal }));
}

function read(stage: Stage, step: Step): Results {
  const file = eventOf(stage, step);
  return attempt(() => showValues(file, stage.events));
}

/** Ops on perf events, where a script names its events. */
export const EVENT_OPS: Ops = {
  open,
  close: (stage, step) => attempt(() => close(stage, step)),
  ioctl,
  modify,
  read,
  mmap,
  signal,
};
