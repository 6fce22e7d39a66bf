import { X86DebugUnit } from '@hwbp/arch-x86';

/** An x86 debug unit that counts what software writes to its registers. */
export class CountingUnit extends X86DebugUnit {
  writes: string[] = [];

  override setStatus(value: number): void {
    this.writes.push('dr6');
    super.setStatus(value);
  }

  override setControl(value: number): void {
    this.writes.push('dr7');
    super.setControl(value);
  }

  override setAddress(register: number, hi: number, lo: number): void {
    this.writes.push(`dr${register}`);
    super.setAddress(register, hi, lo);
  }

  /** Takes what was written since the last time. */
  take(): string {
    return this.writes.splice(0).join(' ');
  }
}
