import { type ConditionNeeds, conditionOf } from '../conditions.js';
import type { PacketFamily } from '../outcome.js';
import type { Packet } from '../packet.js';
import type { PointsPort, PointType } from '../target-port.js';
import type { ThreadSelection } from '../thread-selection.js';

/** What packets about breakpoints need. */
export interface PointNeeds extends ConditionNeeds {
  readonly points: Pick<PointsPort, 'insert' | 'remove'> | undefined;
  readonly selection: Pick<ThreadSelection, 'process'>;
}

/** What is to be inserted or removed, and the conditions behind it. */
interface PointFields {
  readonly type: PointType;
  readonly address: bigint;
  readonly length: number;
  readonly conditions: string;
}

/** `TYPE,ADDR,KIND`, with conditions behind it; commands nobody announced. */
function fieldsOf(packet: Packet): PointFields | undefined {
  const pattern = /^([0-9a-f]),([0-9a-f]{1,16}),([0-9a-f]{1,8})(;.*)?$/is;
  const [type = '', address = '', length = '', conditions = ''] = packet.fields(pattern);
  const number = Number.parseInt(type, 16);
  if (number > 4) return undefined;
  const point = { address: BigInt(`0x${address}`), length: Number.parseInt(length, 16) };
  return { type: number as PointType, ...point, conditions };
}

/** Z, z: breakpoints and watchpoints. */
export const pointPackets: PacketFamily<PointNeeds> = {
  Z(packet, needs) {
    const { points, selection } = needs;
    const point = fieldsOf(packet);
    if (points === undefined || point === undefined) return 'unsupported';
    const { type, address, length, conditions } = point;
    const condition = conditionOf(packet, conditions, needs);
    // Watchpoints have none: a debugger looks at their values itself.
    if (type > 1 && condition !== undefined) throw packet.malformed();
    return points.insert(type, address, length, condition, selection.process());
  },

  z(packet, { points, selection }) {
    const point = fieldsOf(packet);
    if (points === undefined || point === undefined) return 'unsupported';
    return points.remove(point.type, point.address, point.length, selection.process());
  },
};
