export { type Camera, followed, moved, whole, zoomed } from './camera.js';
export { type Columns, type PackedMachine, type PackedTimeline, pack } from './packed.js';
export { NAMES, type Row, rowsOf } from './rows.js';
export { type Extent, eachVisible, recordAt } from './visible.js';
