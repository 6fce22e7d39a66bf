import { type Assembly, assemble, type Waiting } from '@hwbp/core';
import { TIMER_ENABLE, TIMER_REGISTERS, UART } from '@hwbp/devices';

/** Characters that the serial port's driver keeps, either way. */
export const RING = 256;

/*
 * The kernel's own text and variables: what boots the devices, and the driver of the serial port.
 */
const TEXT = `
; --- the kernel's first thread: switches the devices on, starts init, and switches them off behind it ---
boot:     load  r1, [serial]
          store.u8 [r1+FCR], FIFOS
          store.u8 [r1+LCR], EIGHT_BITS
          store.u8 [r1+IER], RECEIVED_AND_SENT
          load  r1, [timer]
          load  r2, [timer_period]
          store.u32 [r1+PERIOD], r2
          store.u32 [r1+CONTROL], RUNS
          wait  init
          store.u32 [r1+CONTROL], 0
          ret

; --- the serial port interrupts: something has come, or may be sent ---
serial_interrupt:
          load  r1, [serial]
          load.u8 r2, [r1+IIR]    ; reading it acknowledges that something was sent
.next:    load.u8 r2, [r1+LSR]
          and   r3, r2, RECEIVED
          beq   r3, 0, .send
          load.u8 r3, [r1]
          load  r4, [typed_end]
          and   r5, r4, RING_MASK
          store.u8 [r5+typed], r3
          add   r4, r4, 1
          store [typed_end], r4
          jmp   .next
.send:    and   r3, r2, EMPTY
          beq   r3, 0, .done
          mov   r6, 16            ; as many as its FIFO takes
.more:    load  r4, [shown_next]
          load  r5, [shown_end]
          beq   r4, r5, .done
          and   r5, r4, RING_MASK
          load.u8 r5, [r5+shown]
          store.u8 [r1], r5
          add   r4, r4, 1
          store [shown_next], r4
          sub   r6, r6, 1
          bne   r6, 0, .more
.done:    ret

; --- variables ---
visits:       .u64 0    ; what everybody counts in
calls:        .u64 0    ; how often it should have grown: by system calls,
ticks:        .u64 0    ; and by interrupts of the timer
visits_lock:  .u32 0
              .align 8
serial:       .u64 0    ; where the registers of the devices are
timer:        .u64 0
timer_period: .u64 0
typed_end:    .u64 0    ; characters that have come, and those that are shown
typed_next:   .u64 0
shown_end:    .u64 0
shown_next:   .u64 0
typed:        .bss RING
shown:        .bss RING
`;

/** The kernel's text. `init`: what its first thread starts, and waits for the end of. */
export function assembleKernel(init: Waiting): Assembly {
  const defines = {
    FCR: UART.IIR_FCR,
    IIR: UART.IIR_FCR,
    LCR: UART.LCR,
    LSR: UART.LSR,
    IER: UART.IER_DLM,
    FIFOS: UART.FCR_ENABLE,
    EIGHT_BITS: UART.LCR_WLS,
    RECEIVED_AND_SENT: UART.IER_ERBFI | UART.IER_ETBEI,
    RECEIVED: UART.LSR_DR,
    EMPTY: UART.LSR_THRE,
    PERIOD: TIMER_REGISTERS.PERIOD,
    CONTROL: TIMER_REGISTERS.CONTROL,
    RUNS: TIMER_ENABLE,
    RING_MASK: RING - 1,
  };
  return assemble(TEXT.replaceAll('.bss RING', `.bss ${RING}`), {
    name: 'kernel.s',
    space: 'kernel',
    defines: Object.fromEntries(Object.entries(defines).map(([name, value]) => [name, BigInt(value)])),
    waits: { init },
  });
}
