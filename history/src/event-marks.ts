import type { HistoryEvent } from './data.js';

/** How something that happened is marked above the lanes of its CPU. */
export interface EventMark {
  readonly colour: string;
  readonly words: string;
}

/** What is marked, and how: all but hits, which are in their registers' lanes, and switches, which the tasks show. */
export const EVENT_MARKS: Readonly<Record<Exclude<HistoryEvent['kind'], 'hit' | 'switch'>, EventMark>> = Object.freeze({
  stop: { colour: '#c0002b', words: 'stop' },
  interrupt: { colour: '#7f7f7f', words: 'interrupt' },
  'guest-entry': { colour: '#56b4e9', words: 'guest enters' },
  'guest-exit': { colour: '#0072b2', words: 'guest leaves' },
  waits: { colour: '#e69f00', words: 'waits' },
  granted: { colour: '#009e73', words: 'granted' },
  displaced: { colour: '#cc79a7', words: 'displaced' },
  refused: { colour: '#d55e00', words: 'refused' },
});
