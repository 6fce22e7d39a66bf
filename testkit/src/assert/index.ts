export * from './assert.js';
export * from './contract-failure.js';
export * from './holds.js';
