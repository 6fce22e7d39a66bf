import { assemble } from '@hwbp/core';
import type { CallNumbers } from '@hwbp/syscalls';
import { VISIT } from './visits.js';

/*
 * What runs in user mode. A system call takes its number and a0 to a5; `result` is what it returned.
 */
const TEXT = `
; --- init: a shell. The words of a line are programs that run at once; it waits for all of them. ---
init:     mov   a0, 1
          mov   a1, prompt
          mov   a2, 2
          syscall WRITE
          mov   a0, 0
          mov   a1, line
          mov   a2, 64
          syscall READ
          result r0               ; how many bytes, the newline included
          mov   r1, line          ; where a word begins
          mov   r2, line          ; what is looked at
          add   r3, r2, r0        ; behind the line
          mov   r5, 0             ; children
.look:    bgeu  r2, r3, .wait
          load.u8 r4, [r2]
          add   r2, r2, 1
          bgeu  r4, 33, .look     ; neither a space nor the newline
          store.u8 [r2-1], 0
          sub   r4, r2, r1
          beq   r4, 1, .next      ; no word between two spaces
          call  launch
.next:    mov   r1, r2
          jmp   .look
.wait:    beq   r5, 0, init
          mov   a0, -1
          mov   a1, 0
          mov   a2, 0
          mov   a3, 0
          syscall WAIT4
          sub   r5, r5, 1
          jmp   .wait

; The program that is named at r1, in a process of its own.
launch:   load.u32 r6, [r1]
          load.u32 r7, [leave]
          beq   r6, r7, bye
          mov   a0, SIGCHLD       ; for clone, where there is no fork
          syscall FORK
          result r6
          beq   r6, 0, .child
          add   r5, r5, 1
          ret
.child:   mov   a0, r1
          mov   a1, 0
          mov   a2, 0
          syscall EXECVE          ; does not return, unless there is no such program
          mov   a0, 2
          mov   a1, unknown
          mov   a2, 16
          syscall WRITE
          mov   a0, 127
          syscall EXIT

; --- hello: says so. ---
hello:    mov   a0, 1
          mov   a1, greeting
          mov   a2, 22
          syscall WRITE
          jmp   bye

; --- visit: counts itself in the kernel twenty times, and keeps the numbers of before and behind. ---
visit:    mov   r0, 20
.again:   mov   a0, numbers
          syscall VISIT
          sub   r0, r0, 1
          bne   r0, 0, .again
          jmp   bye

; --- nap: sleeps for five milliseconds. ---
nap:      mov   a0, five_ms
          mov   a1, 0
          syscall NANOSLEEP
          jmp   bye

; --- spin: computes, and asks the kernel for nothing. ---
spin:     mov   r0, 3000
.again:   sub   r0, r0, 1
          bne   r0, 0, .again
bye:      mov   a0, 0
          syscall EXIT
          exit                    ; never: the system call does not return

prompt:   .text "$ "
unknown:  .text "no such program\\n"
greeting: .text "hello from user mode!\\n"
leave:    .text "exit"
          .align 8
numbers:  .u64  0, 0
five_ms:  .u64  0, 5000000
line:     .bss  64
`;

/** The text of every program, for an architecture's numbers of system calls. */
export function assemblePrograms({ read, write, wait4, execve, exit, nanosleep, fork, clone }: CallNumbers) {
  const calls = { READ: read, WRITE: write, WAIT4: wait4, EXECVE: execve, EXIT: exit, NANOSLEEP: nanosleep };
  const defines: Record<string, bigint> = { SIGCHLD: 17n, VISIT: BigInt(VISIT), FORK: BigInt(fork ?? clone ?? 0) };
  for (const [name, number] of Object.entries(calls)) defines[name] = BigInt(number ?? 0);
  return assemble(TEXT, { name: 'programs.s', defines });
}
