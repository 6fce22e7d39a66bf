import type { PacketFamily } from '../outcome.js';
import type { Packet } from '../packet.js';
import type { PointsPort, PointType } from '../target-port.js';

/** What packets about breakpoints need. */
export interface PointNeeds {
  readonly points: Pick<PointsPort, 'insert' | 'remove'> | undefined;
}

/** `TYPE,ADDR,KIND`, with conditions and commands behind it that nobody announced. */
function fieldsOf(packet: Packet): { type: PointType; address: bigint; length: number } | undefined {
  const [type = '', address = '', length = ''] = packet.fields(/^([0-9a-f]),([0-9a-f]{1,16}),([0-9a-f]{1,8})$/i);
  const number = Number.parseInt(type, 16);
  if (number > 4) return undefined;
  return { type: number as PointType, address: BigInt(`0x${address}`), length: Number.parseInt(length, 16) };
}

/** Z, z: breakpoints and watchpoints. */
export const pointPackets: PacketFamily<PointNeeds> = {
  Z(packet, { points }) {
    const point = fieldsOf(packet);
    if (points === undefined || point === undefined) return 'unsupported';
    return points.insert(point.type, point.address, point.length);
  },

  z(packet, { points }) {
    const point = fieldsOf(packet);
    if (points === undefined || point === undefined) return 'unsupported';
    return points.remove(point.type, point.address, point.length);
  },
};
