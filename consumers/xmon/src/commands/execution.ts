import type { RunResult } from '@hwbp/core';
import type { StepResult } from '../world.js';
import type { Command } from './command.js';
import { cpuText, placeText, stopText } from './place.js';

/** Why a CPU did not step. */
const HELD: Readonly<Record<RunResult['reason'], string>> = {
  idle: 'it idles',
  starved: 'its program waits for input',
  held: 'it may not execute',
  stopped: 'the kernel stopped',
  suspended: 'it is inside an exception',
  budget: 'exceptions come instead of its instruction, again and again',
};

function why({ reason, message }: Exclude<StepResult, 'stepped'>): string {
  return message === undefined || message === '' ? HELD[reason] : `${HELD[reason]}: ${message}`;
}

export const S: Command = {
  names: ['s'],
  usage: 's',
  help: 'step: the CPU that is shown executes one instruction, with every breakpoint out of the way',
  run(desk, args) {
    args.end();
    const result = desk.world.step(desk.cpu);
    desk.repeat = 's';
    const what = result === 'stepped' ? 'stepped' : `no step: ${why(result)}`;
    return `${cpuText(desk.cpu)}: ${what}\n${placeText(desk, desk.cpu)}`;
  },
};

export const X: Command = {
  names: ['x', 'X'],
  usage: 'x, X',
  help: 'exit: the machine goes on; X leaves a breakpoint instruction to whoever comes behind xmon',
  run(desk, args, name) {
    args.end();
    desk.world.leave(name === 'X');
    return '';
  },
};

export const E: Command = {
  names: ['e'],
  usage: 'e',
  help: 'why the machine was stopped, and where',
  run(desk, args) {
    args.end();
    const { stop } = desk.world;
    return stop === undefined ? '' : stopText(desk, stop);
  },
};
