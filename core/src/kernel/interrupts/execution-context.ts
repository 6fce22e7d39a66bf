/**
 * What a CPU executes for: a task in user or kernel mode, work that an interrupt has left (Linux: softirq), an
 * interrupt handler (hardirq), a non-maskable one, or nothing.
 */
export type ExecutionContext = 'task' | 'softirq' | 'hardirq' | 'nmi' | 'idle';
