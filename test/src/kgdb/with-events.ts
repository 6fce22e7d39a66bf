import { perfEvents } from '@hwbp/core';
import { composeWith } from './client.js';

/* Imported before tests: their kernels have the events engine, where breakpoints are events among others. */
composeWith({ breakpointScheduler: perfEvents() });
