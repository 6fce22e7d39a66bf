import type { ArchManifest } from '@hwbp/core';
import { counted } from '../replay/counted.js';

/** The debug registers of a CPU, for people: of two pools, if there are two. */
export function registersText({ slots: { data, instruction, shared } }: Pick<ArchManifest, 'slots'>): string {
  if (shared || instruction === 0) return counted(data, 'debug register');
  return `${counted(data, 'data register')} and ${counted(instruction, 'instruction register')}`;
}
