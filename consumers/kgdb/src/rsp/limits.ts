/**
 * Most bytes of payload in a packet, either way: what `qSupported` announces, and what is ever kept of an incoming one.
 */
export const PACKET_SIZE = 0x4000;
/** Most bytes of memory that one `m` answers: two digits for each. */
export const MOST_MEMORY = PACKET_SIZE / 2;
