/** Whether a gate keeps somebody from executing who is next, so that the run is not what it would have been. */
export class PassedOver {
  #passedOver = false;
  #strayed = false;

  /** Somebody is passed over. */
  note(): void {
    this.#passedOver = true;
  }

  /** A gate kept somebody from running who was next, since this was last asked. */
  take(): boolean {
    const passedOver = this.#passedOver;
    this.#passedOver = false;
    this.#strayed = false;
    return passedOver;
  }

  /** Something happens that would have happened later, if somebody was passed over. */
  stray(): void {
    this.#strayed ||= this.#passedOver;
  }

  /** {@link stray} was called since somebody was passed over. */
  takeStrayed(): boolean {
    const strayed = this.#strayed;
    this.#strayed = false;
    return strayed;
  }
}
