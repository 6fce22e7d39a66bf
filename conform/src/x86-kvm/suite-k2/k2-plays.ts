import { type KvmPlay, type PlayedVm, Plays } from '../kvm-play.js';
import type { K2Guest } from './k2-guest.js';

/** What scripts of suite K2 have made. */
export const K2_PLAYS = new Plays<K2Guest>();
export type K2Play = KvmPlay<K2Guest>;
export type K2Vm = PlayedVm<K2Guest>;
