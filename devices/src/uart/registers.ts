/*
 * Registers of National's PC16550D, by its datasheet (section 8, "Registers"): names of bits are the datasheet's.
 * Offsets are A2 to A0.
 */

/** Receiver buffer (read) and transmitter holding (write) register; with DLAB the low divisor latch. */
export const RBR_THR_DLL = 0;
/** Interrupt enable register; with DLAB the high divisor latch. */
export const IER_DLM = 1;
/** Interrupt identification (read) and FIFO control (write) register. */
export const IIR_FCR = 2;
/** Line control register. */
export const LCR = 3;
/** Modem control register. */
export const MCR = 4;
/** Line status register. */
export const LSR = 5;
/** Modem status register. */
export const MSR = 6;
/** Scratch register. */
export const SCR = 7;

/** Received data available, and the timeout of the FIFO. */
export const IER_ERBFI = 0x01;
/** Transmitter holding register empty. */
export const IER_ETBEI = 0x02;
/** Receiver line status. */
export const IER_ELSI = 0x04;
/** Modem status. */
export const IER_EDSSI = 0x08;

/** No interrupt is pending. */
export const IIR_NONE = 0x01;
export const IIR_MODEM_STATUS = 0x00;
export const IIR_THR_EMPTY = 0x02;
export const IIR_DATA_AVAILABLE = 0x04;
export const IIR_LINE_STATUS = 0x06;
export const IIR_TIMEOUT = 0x0c;
/** Both set while the FIFOs are enabled. */
export const IIR_FIFOS = 0xc0;

export const FCR_ENABLE = 0x01;
/** Both clear themselves. */
export const FCR_RCVR_RESET = 0x02;
export const FCR_XMIT_RESET = 0x04;
export const FCR_DMA_MODE = 0x08;
/** Bytes in the receiver's FIFO that interrupt, by bits 6 and 7. */
export const TRIGGER_LEVELS = Object.freeze([1, 4, 8, 14]);

export const LCR_WLS = 0x03;
export const LCR_STB = 0x04;
export const LCR_PEN = 0x08;
export const LCR_BREAK = 0x40;
export const LCR_DLAB = 0x80;

export const MCR_DTR = 0x01;
export const MCR_RTS = 0x02;
export const MCR_OUT1 = 0x04;
export const MCR_OUT2 = 0x08;
export const MCR_LOOP = 0x10;

export const LSR_DR = 0x01;
export const LSR_OE = 0x02;
export const LSR_PE = 0x04;
export const LSR_FE = 0x08;
export const LSR_BI = 0x10;
export const LSR_THRE = 0x20;
export const LSR_TEMT = 0x40;
/** An error or a break is in the receiver's FIFO. */
export const LSR_FIFO_ERROR = 0x80;

/** Changes since the register was read last. */
export const MSR_DCTS = 0x01;
export const MSR_DDSR = 0x02;
/** The ring indicator has gone off. */
export const MSR_TERI = 0x04;
export const MSR_DDCD = 0x08;
export const MSR_CTS = 0x10;
export const MSR_DSR = 0x20;
export const MSR_RI = 0x40;
export const MSR_DCD = 0x80;

/** Bytes in each FIFO. */
export const FIFO_SIZE = 16;
/** Crystal, in hertz: a divisor of 1 is 115,200 baud. */
export const CRYSTAL = 1_843_200;
