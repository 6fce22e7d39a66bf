import type { HistoryEvent } from './data.js';

/** How something that happened is marked above the lanes of its CPU. */
export interface EventMark {
  readonly colour: string;
  readonly words: string;
}

/**
 * What is marked, and how: all but hits, which are in their registers' lanes, and switches, which the tasks show. None
 * has the colour of one of the first eight owners.
 */
export const EVENT_MARKS: Readonly<Record<Exclude<HistoryEvent['kind'], 'hit' | 'switch'>, EventMark>> = Object.freeze({
  stop: { colour: '#c0002b', words: 'stop' },
  interrupt: { colour: '#5b5ea6', words: 'interrupt' },
  'guest-entry': { colour: '#b39ddb', words: 'guest enters' },
  'guest-exit': { colour: '#7b3fe4', words: 'guest leaves' },
  waits: { colour: '#fa8072', words: 'waits' },
  granted: { colour: '#5aa91e', words: 'granted' },
  displaced: { colour: '#e0218a', words: 'displaced' },
  refused: { colour: '#8c4a2f', words: 'refused' },
});
