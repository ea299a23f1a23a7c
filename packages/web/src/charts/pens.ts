/** Two ways to draw a line that may have more points than the plot has pixel columns. */
import type { Brush } from './chart-painter.ts'

/**
 * Draws a line through points that may be much denser than pixels: of each pixel column it draws where the line enters,
 * its extremes, and where it leaves. The picture is the same and the path stays as long as the plot is wide.
 */
export class PathPen {
  readonly #ctx: Brush
  #down = false
  #column = Number.NaN
  #low = 0
  #high = 0
  points = 0
  x = 0
  y = 0
  /** Of what it drew, device pixels. */
  length = 0
  #atX = 0
  #atY = 0

  constructor(ctx: Brush) {
    this.#ctx = ctx
  }

  draw(x: number, y: number): void {
    const column = Math.round(x)
    this.points += 1
    if (this.#down && column === this.#column) {
      this.#low = Math.min(this.#low, y)
      this.#high = Math.max(this.#high, y)
    } else {
      this.#leaveColumn()
      if (this.#down) this.#lineTo(x, y)
      else this.#moveTo(x, y)
      this.#column = column
      this.#low = y
      this.#high = y
    }
    this.#down = true
    this.x = x
    this.y = y
  }

  /** Ends the line: the next point begins another. */
  lift(): void {
    this.#leaveColumn()
    this.#down = false
  }

  #leaveColumn(): void {
    if (!this.#down || this.#low === this.#high) return
    this.#lineTo(this.#column, this.#low)
    this.#lineTo(this.#column, this.#high)
    this.#lineTo(this.x, this.y)
  }

  #moveTo(x: number, y: number): void {
    this.#ctx.moveTo(x, y)
    this.#atX = x
    this.#atY = y
  }

  #lineTo(x: number, y: number): void {
    this.#ctx.lineTo(x, y)
    this.length += Math.hypot(x - this.#atX, y - this.#atY)
    this.#atX = x
    this.#atY = y
  }
}

/**
 * Fills each pixel column from the lowest to the highest point of the line in it. For a dense, ragged line this is what
 * stroking gives too, at a fraction of the cost: a stroke is anti-aliased along thousands of nearly vertical edges.
 */
export class ColumnPen {
  readonly #ctx: Brush
  readonly #width: number
  #down = false
  #column = Number.NaN
  #low = 0
  #high = 0
  points = 0
  x = 0
  y = 0
  /** What it draws is never dashed. */
  readonly length = 0

  constructor(ctx: Brush) {
    this.#ctx = ctx
    this.#width = ctx.lineWidth
  }

  draw(x: number, y: number): void {
    const column = Math.round(x)
    this.points += 1
    if (this.#down && column === this.#column) {
      this.#low = Math.min(this.#low, y)
      this.#high = Math.max(this.#high, y)
    } else {
      const isNext = this.#down && column === this.#column + 1
      if (this.#down && !isNext) this.#bridge(x, y)
      this.#fill()
      // Where the line comes from the column before, this one reaches half-way to it.
      const from = isNext ? (this.y + y) / 2 : y
      this.#column = column
      this.#low = Math.min(from, y)
      this.#high = Math.max(from, y)
    }
    this.#down = true
    this.x = x
    this.y = y
  }

  /** Ends the line: the next point begins another. */
  lift(): void {
    this.#fill()
    this.#down = false
  }

  /** Over a few empty columns the line is stroked with the rest of the path. */
  #bridge(x: number, y: number): void {
    this.#ctx.moveTo(this.x, this.y)
    this.#ctx.lineTo(x, y)
  }

  #fill(): void {
    if (!this.#down) return
    this.#ctx.fillRect(this.#column, this.#low - this.#width / 2, 1, this.#high - this.#low + this.#width)
  }
}
