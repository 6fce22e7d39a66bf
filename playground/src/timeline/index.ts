export { type Camera, moved, whole, zoomed } from './camera.js';
export { type Columns, type PackedTimeline, pack } from './packed.js';
export { type Extent, eachVisible, recordAt } from './visible.js';
