import { EXAMPLES } from '@hwbp/playground/examples';
import { Simulation, type StateView } from '@hwbp/playground/model';
import test, { type ExecutionContext } from 'ava';
