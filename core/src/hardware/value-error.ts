/**
 * The function that is the value of a store has thrown, or given no bigint: its instruction has not happened. `cause`:
 * what it threw.
 */
export class ValueError extends TypeError {
  override readonly name = 'ValueError';
}
