export type { ChildProgram, Execution, ProgramTable } from './calls/process.js';
export { SYSCALLS_ERRORS, type SyscallsErrorCode } from './errors.js';
export { ConsoleFile } from './files/console-file.js';
export { type DescriptorFlags, Descriptors } from './files/descriptors.js';
export type { OpenFile, ReadableFile, WritableFile } from './files/file.js';
export { FILES, Files, type InitialFiles } from './files/files.js';
export { createPipe, PIPE_BUF, PIPE_SIZE, type Pipe } from './files/pipe.js';
export { type CallName, type CallNumbers, NUMBERS } from './numbers.js';
export { type LinuxSystemCalls, type LinuxSystemCallsOptions, linuxSystemCalls } from './system-calls.js';
