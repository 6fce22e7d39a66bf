export const EXECUTION_CONTEXTS = Object.freeze(['task', 'softirq', 'hardirq', 'nmi', 'idle'] as const);

/**
 * What a CPU executes for: a task in user or kernel mode, work that an interrupt has left (Linux: softirq), an
 * interrupt handler (hardirq), a non-maskable one, or nothing.
 */
export type ExecutionContext = (typeof EXECUTION_CONTEXTS)[number];
