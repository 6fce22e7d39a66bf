export * from './assert.js';
export * from './contract-failure.js';
