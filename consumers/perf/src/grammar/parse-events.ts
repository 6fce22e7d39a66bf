import type { PerfEventAttr } from '../attr/perf-event-attr.js';
import { PERF_TYPE_BREAKPOINT } from '../attr/types.js';
import type { EventDescription, EventGroup } from './event-description.js';
import { LONG, readMemEvent } from './mem-event.js';
import { type Modified, readModifiers, UNMODIFIED } from './modifiers.js';
import { NAMED_EVENTS } from './named-events.js';
import { Scanner } from './scanner.js';

const SPACE = /[ \t\n]*/y;
const NAME = /[a-zA-Z][-a-zA-Z0-9_]*/y;
const MEM = 'mem';
const KNOWN = `mem:ADDRESS[/LENGTH][:rwx][:ukh], mem:SYMBOL..., ${[...NAMED_EVENTS.keys()].join(', ')}`;

/** An event before its modifiers have become part of its attr. */
type Draft = Omit<EventDescription, 'sampleRead'> & { readonly modified: Modified };

function readEvent(scanner: Scanner, long: number): Draft {
  const start = scanner.at;
  const name = scanner.take(NAME);
  const done = (what: Pick<EventDescription, 'attr' | 'place' | 'lengthGiven'>): Draft => {
    const modified = readModifiers(scanner, UNMODIFIED);
    return { text: scanner.text.slice(start, scanner.at), column: start + 1, modified, ...what };
  };
  if (name === MEM) {
    if (!scanner.takeIf(':'))
      throw scanner.error('a colon and what to watch follow mem: mem:0x404390/4:w, mem:limit/4:w');
    const { place, bp_type, bp_len, lengthGiven } = readMemEvent(scanner, long);
    return done({ attr: { type: PERF_TYPE_BREAKPOINT, bp_type, bp_len, sample_period: 1 }, place, lengthGiven });
  }
  const named = NAMED_EVENTS.get(name);
  if (named === undefined) {
    const what = name === '' ? `there is no event, but ${scanner.found}` : `there is no event '${name}'`;
    throw scanner.error(`${what}: known are ${KNOWN}`, start);
  }
  scanner.takeIf(':');
  return done({ attr: { ...named } });
}

function finish({ modified, attr, ...rest }: Draft): EventDescription {
  const { sampleRead, ...fields } = modified;
  const all: PerfEventAttr = { ...attr, ...fields };
  return sampleRead === true ? { ...rest, attr: all, sampleRead } : { ...rest, attr: all };
}

/** `{a,b,...}[:MODIFIERS]`, the brace taken; the modifiers are added to those of every member. */
function readBraces(scanner: Scanner, open: number, long: number): readonly EventDescription[] {
  const drafts: Draft[] = [];
  for (;;) {
    scanner.take(SPACE);
    if (scanner.next === '{') throw scanner.error('a group has no groups in it: leave the inner { out');
    drafts.push(readEvent(scanner, long));
    scanner.take(SPACE);
    if (scanner.takeIf('}')) break;
    if (scanner.takeIf(',')) continue;
    if (scanner.atEnd) throw scanner.error('the group is not closed: write } behind its last event', open);
    throw unexpected(scanner);
  }
  const start = scanner.at;
  if (!scanner.takeIf(':')) return drafts.map(finish);
  return drafts.map((draft, i) => {
    scanner.at = start + 1;
    const modified = readModifiers(scanner, draft.modified);
    return finish({ ...draft, modified: i === 0 ? modified : asSibling(modified, draft.modified) });
  });
}

/** Of a group's modifiers, D and e are for its leader: a sibling cannot be pinned or exclusive. */
function asSibling({ pinned: _, exclusive: __, ...modified }: Modified, { pinned, exclusive }: Modified): Modified {
  return { ...modified, ...(pinned ? { pinned } : {}), ...(exclusive ? { exclusive } : {}) };
}

function unexpected(scanner: Scanner): Error {
  return scanner.error(`${scanner.found} does not continue an event: write a comma between events`);
}

/** For which kernel events are read. */
export interface ParseEventsOptions {
  /** Bytes of a long there, which is what `mem:ADDR:x` has without a length: `manifest.wordSize`. Default 8. */
  readonly wordSize?: 4 | 8;
}

/**
 * Reads a list of events as perf's `-e` takes it: `mem:ADDR[/LEN][:ACCESS][:MODIFIERS]`, besides
 * `mem:SYMBOL[+OFFSET]...`, and names of other events (instructions; cs, context-switches, cpu-clock, task-clock,
 * dummy), commas between them, groups in braces. Differences from perf: modifiers W and b are refused, P asks for
 * nothing, and D, e, I, S keep `exclude_guest`. Throws a KernelError EINVAL (PERF_EVENT_SYNTAX) with `details.column`,
 * 1 for the first character, that says what to write.
 */
export function parseEvents(text: string, { wordSize = LONG }: ParseEventsOptions = {}): readonly EventGroup[] {
  const scanner = new Scanner(text);
  const groups: EventGroup[] = [];
  do {
    scanner.take(SPACE);
    const open = scanner.at;
    if (scanner.takeIf('{')) groups.push({ events: readBraces(scanner, open, wordSize), grouped: true });
    else groups.push({ events: [finish(readEvent(scanner, wordSize))], grouped: false });
    scanner.take(SPACE);
  } while (scanner.takeIf(','));
  if (!scanner.atEnd) throw unexpected(scanner);
  return groups;
}

/** The text with a mark under a column, in two lines, for a terminal. */
export function pointAt(text: string, column: number): string {
  return `${text}\n${' '.repeat(Math.max(0, column - 1))}^`;
}
