/** Why a task that could go on makes room for others, and why it waits from then on. */
export const RESCHEDULE_REASONS = ['expired', 'preempted', 'yielded', 'changed'] as const;
export type RescheduleReason = (typeof RESCHEDULE_REASONS)[number];
