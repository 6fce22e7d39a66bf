/**
 * What a scheduling class knows of one task, such as `{ priority: 5 }`: plain data, which the class checks and
 * completes. A package that has a class of its own adds its names:
 * `declare module '@hwbp/core' { interface SchedulingParameters { readonly shares?: number } }`.
 */
export interface SchedulingParameters {
  readonly [name: string]: unknown;
}
