export { type Camera, followed, moved, whole, zoomed } from './camera.js';
export type { Columns, PackedMachine, PackedTimeline } from './packed.js';
export { Packer, pack } from './packer.js';
export { NAMES, type Row, rowsOf } from './rows.js';
export { type Extent, eachVisible, recordAt } from './visible.js';
