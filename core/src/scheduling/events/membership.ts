import type { EventContext } from './event-context.js';
import type { EventRecord } from './event-record.js';
import { EVENT_STATE, type EventState } from './state.js';
import { take } from './take.js';

/** Puts an event into a context: as a group of its own, or as a member of its leader's. */
export function addToContext(event: EventRecord, context: EventContext): void {
  const { leader } = event;
  if (leader === event) {
    context.groups(event).push(event);
  } else {
    leader.siblings.push(event);
    leader.generation++;
    if (leader.home.kind === 'software' && event.home.kind === 'hardware') {
      leader.home = event.home;
      context.dirty = true;
    }
  }
  context.add(event);
  event.join(context);
}

/**
 * Takes an event, which must not be counting, out of its context; the group that it leads or belongs to stays a group.
 */
export function takeFromContext(event: EventRecord): void {
  const { context } = event;
  if (context === undefined) return;
  event.settle(context.now);
  context.remove(event);
  if (event.leader === event) take(context.groups(event), event);
  event.context = undefined;
}

/**
 * Ends a group, or a membership: those that are left of a group whose leader goes are groups of their own. `waiting`:
 * members that are not among its siblings, because they wait.
 */
export function leaveGroup(event: EventRecord, waiting: readonly EventRecord[]): void {
  const { leader } = event;
  if (leader !== event) {
    if (event.context !== undefined) event.settle(event.context.now);
    take(leader.siblings, event);
    leader.generation++;
    event.leader = event;
    return;
  }
  for (const sibling of event.siblings) standAlone(sibling, event.home);
  for (const sibling of waiting) standAlone(sibling, event.home);
  if (event.siblings.length > 0) event.siblings.length = 0;
}

/** A member whose leader goes. */
function standAlone(event: EventRecord, home: EventRecord['home']): void {
  const { context } = event;
  if (context !== undefined) event.settle(context.now);
  event.leader = event;
  event.home = home;
  if (context === undefined) return;
  context.groups(event).push(event);
  // Its leader kept it from counting: it can now, from the next time on that the context is scheduled.
  if (event.state === EVENT_STATE.INACTIVE) context.dirty = true;
}

/** The state of an event that ends: one that has ended further than that stays so. */
export function endState(event: EventRecord, state: EventState): EventState {
  return event.state < state ? event.state : state;
}

/** True for an event that has ended: closed, or of a task that has. */
export function hasEnded({ state }: EventRecord): boolean {
  return state <= EVENT_STATE.EXIT;
}
