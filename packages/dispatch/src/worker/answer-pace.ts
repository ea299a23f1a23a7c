/** Weight of the newest answer in the mean. */
const newestWeight = 0.05
const slowMs = 500

/**
 * Whether answers of an engine take so long that somebody wants to see them come. A stream tells of each token, and shows when an
 * engine stands still; to take it apart costs more than three times as much as an answer that comes whole.
 */
export class AnswerPace {
  #meanMs = slowMs

  get isSlow(): boolean {
    return this.#meanMs >= slowMs
  }

  /** An answer took so long, ms. */
  note(tookMs: number): void {
    this.#meanMs += newestWeight * (tookMs - this.#meanMs)
  }
}
