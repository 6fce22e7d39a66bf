export { harmless, visible } from '@hwbp/core';
