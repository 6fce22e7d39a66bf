import type { ImageReader, ImageValue } from '../image/index.js';
import type { SlotClaim } from './claim.js';
import { NO_USERS } from './level-counts.js';
import { type PriorityRequest, requestOf } from './priority-request.js';
import type { PrioritySlot } from './priority-slot.js';

/** What a priority policy has decided. */
export interface PriorityState {
  /** Requests that there were: the order of the next one. */
  readonly orders: number;
  readonly slots: readonly PrioritySlot[];
  /** Those without a register, in the order of their rank. */
  readonly waiting: readonly PriorityRequest[];
}

/** The same, of an image. */
export interface SavedPriorities {
  readonly orders: number;
  /** Register of each request that has one. */
  readonly assigned: ReadonlyMap<PriorityRequest, number>;
  readonly waiting: readonly PriorityRequest[];
  /** What the users of each register count for: users that have left may count on. */
  readonly effective: readonly number[];
}

/** Which request is in which register, and in which order those come that wait. */
export function savePriorities(
  { orders, slots, waiting }: PriorityState,
  numberOf: (claim: SlotClaim) => number,
): ImageValue {
  const write = ({ claims, register, order }: PriorityRequest): ImageValue => ({
    claims: claims.map(numberOf),
    register,
    order,
  });
  return {
    orders,
    assigned: slots.flatMap(({ requests }) => requests.map(write)),
    waiting: waiting.map(write),
    effective: slots.map(({ counts: { effective } }) => (effective === NO_USERS ? null : effective)),
  };
}

/** The way back, for as many registers. */
export function loadPriorities(
  from: ImageReader,
  registers: number,
  claimOf: (number: ImageReader) => SlotClaim,
): SavedPriorities {
  const read = (one: ImageReader): PriorityRequest => {
    const [first] = one.field('claims').list();
    if (first === undefined) throw one.field('claims').invalid('the numbers of claims');
    const request = requestOf(claimOf(first));
    request.order = one.field('order').number();
    return request;
  };
  const register = (one: ImageReader): number => one.field('register').number(0, registers - 1);
  const effective = from.field('effective').list();
  if (effective.length !== registers) throw from.field('effective').invalid(`the levels of ${registers} registers`);
  return {
    orders: from.field('orders').number(),
    assigned: new Map(
      from
        .field('assigned')
        .list()
        .map((one) => [read(one), register(one)]),
    ),
    waiting: from.field('waiting').list().map(read),
    effective: effective.map((one) => (one.absent ? NO_USERS : one.number(Number.MIN_SAFE_INTEGER))),
  };
}
