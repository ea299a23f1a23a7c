/** Draws annotations beside the canvas, as buttons: they can be seen, reached by keyboard, heard and touched alike. */
import type uPlot from 'uplot'
import type { XAxis } from '@pilothouse/contract'
import { placeAnnotation, type Annotation } from './annotations.ts'

/** Marks in one picture, the newest ones; more could not be told apart. */
const marksMax = 40
/** Letters nearer than this stand below each other, in so many rows, CSS pixels. */
const letterWidth = 18
const rowsMax = 4
const rowHeight = 18
/** A cursor so near is at the mark, CSS pixels. */
const nearPx = 5

export type MarksLook = { x: XAxis; origin: number; keys: readonly string[]; source: string }
type Mark = { annotation: Annotation; left: number }

export class AnnotationMarks {
  readonly #layer: HTMLElement
  readonly #marks = new Map<string, HTMLElement>()
  #onOpen: (annotation: Annotation) => void = () => undefined
  #shown: readonly Mark[] = []
  list: readonly Annotation[] = []

  constructor(layer: HTMLElement) {
    this.#layer = layer
  }

  set onOpen(open: (annotation: Annotation) => void) {
    this.#onOpen = open
  }

  /** Puts each mark where it belongs in the plot as it stands. */
  update(plot: uPlot, look: MarksLook): void {
    const shown = listMarks(this.list, look, plot)
    this.#shown = shown
    const wanted = new Set(shown.map(({ annotation }) => annotation.id))
    for (const [id, element] of this.#marks) {
      if (wanted.has(id)) continue
      element.remove()
      this.#marks.delete(id)
    }
    // Where the plot lies is only asked for a mark: the question makes the browser lay out the page.
    if (shown.length === 0) return
    const { offsetLeft, offsetTop } = plotPlace(plot)
    const rows: number[] = []
    for (const { annotation, left } of shown) {
      const element = this.#take(annotation)
      const row = chooseRow(rows, left)
      rows[row] = left
      element.style.height = `${plot.over.clientHeight}px`
      element.style.transform = `translate(${Math.round(offsetLeft + left)}px, ${offsetTop}px)`
      const [letter] = element.children
      if (letter instanceof HTMLElement) letter.style.top = `${row * rowHeight}px`
    }
  }

  /** What marks say at a place of the plot, CSS pixels. */
  near(left: number): string[] {
    return this.#shown.flatMap((mark) => (Math.abs(mark.left - left) <= nearPx ? [mark.annotation.title] : []))
  }

  clear(): void {
    this.#shown = []
    for (const element of this.#marks.values()) element.remove()
    this.#marks.clear()
  }

  #take(annotation: Annotation): HTMLElement {
    const { id, letter, title } = annotation
    const element = this.#marks.get(id) ?? this.#make(annotation)
    const [button] = element.children
    if (button instanceof HTMLElement && button.textContent !== letter) button.textContent = letter
    if (button instanceof HTMLElement && button.title !== title) {
      button.title = title
      button.setAttribute('aria-label', title)
    }
    return element
  }

  #make(annotation: Annotation): HTMLElement {
    const { id, kind } = annotation
    const element = document.createElement('div')
    element.className = kind === 'note' ? 'chart-mark' : 'chart-mark chart-mark-told'
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'chart-mark-letter'
    button.addEventListener('click', () => this.#onOpen(annotation))
    element.append(button)
    this.#layer.append(element)
    this.#marks.set(id, element)
    return element
  }
}

/** Those of this chart that lie in the part that is shown, from left to right. */
function listMarks(list: readonly Annotation[], look: MarksLook, plot: uPlot): Mark[] {
  return list
    .flatMap((annotation) => {
      const { series } = annotation
      if (series && (series.source !== look.source || !look.keys.includes(series.key))) return []
      const x = placeAnnotation(annotation, look.x, look.origin)
      const left = x === undefined ? Number.NaN : plot.valToPos(x, 'x')
      return left >= -0.5 && left <= plot.over.clientWidth + 0.5 ? [{ annotation, left }] : []
    })
    .slice(-marksMax)
    .sort((one, other) => one.left - other.left)
}

/** The first row whose last letter is far enough to the left. */
function chooseRow(rows: readonly number[], left: number): number {
  const free = rows.findIndex((last) => left - last >= letterWidth)
  return free >= 0 ? free : Math.min(rows.length, rowsMax - 1)
}

function plotPlace(plot: uPlot): { offsetLeft: number; offsetTop: number } {
  return { offsetLeft: plot.over.offsetLeft, offsetTop: plot.over.offsetTop }
}
