import { roundRobin } from '@hwbp/core';
import { schedulingContract } from '@hwbp/testkit';
import test from 'ava';
import { SUBJECTS } from './task-schedulers.js';

schedulingContract({ test, name: 'round robin', taskScheduler: roundRobin });
for (const subject of SUBJECTS) schedulingContract({ test, ...subject });
