import type { EventContext } from './context.js';
import type { PmuEvent } from './event.js';
import { EVENT_STATE, type EventState } from './state.js';
import { take } from './take.js';

/** Puts an event into a context: as a group of its own, or as a member of its leader's. */
export function addToContext(event: PmuEvent, context: EventContext): void {
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

/** Takes an event, which must not be counting, out of its context; the group that it leads or belongs to stays a group. */
export function takeFromContext(event: PmuEvent): void {
  const { context } = event;
  if (context === undefined) return;
  event.settle(context.now);
  context.remove(event);
  if (event.leader === event) take(context.groups(event), event);
  event.context = undefined;
}

/** Ends a group, or a membership: those that are left of a group whose leader goes are groups of their own. */
export function leaveGroup(event: PmuEvent): void {
  const { leader } = event;
  if (leader !== event) {
    if (event.context !== undefined) event.settle(event.context.now);
    take(leader.siblings, event);
    leader.generation++;
    event.leader = event;
    return;
  }
  for (const sibling of event.siblings) {
    const { context } = sibling;
    if (context !== undefined) sibling.settle(context.now);
    sibling.leader = sibling;
    sibling.home = event.home;
    if (context === undefined) continue;
    context.groups(sibling).push(sibling);
    // Its leader kept it from counting: it can now, from the next time on that the context is scheduled.
    if (sibling.state === EVENT_STATE.INACTIVE) context.dirty = true;
  }
  event.siblings.length = 0;
}

/** The state of an event that ends: one that has ended further than that stays so. */
export function endState(event: PmuEvent, state: EventState): EventState {
  return event.state < state ? event.state : state;
}

/** True for an event that has ended: closed, or of a task that has. */
export function hasEnded({ state }: PmuEvent): boolean {
  return state <= EVENT_STATE.EXIT;
}
