/**
 * What a program was to execute is no instruction, or waits for nothing that can be waited for; the message says what
 * of it is wrong.
 */
export class InstructionError extends TypeError {}
