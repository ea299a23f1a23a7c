/**
 * Runs a regular expression in bounded time, whatever the expression and the text: no state of the program is tried twice
 * at one place of the text, so that the work is at most program × text. (Backtracking that remembers where it has been;
 * the method is known from R. Cox, «Regular Expression Matching in the Wild», 2010. Without look-around and references,
 * whether the rest matches depends on program state and place alone, so that a second try could only fail again.)
 *
 * Groups and preferences are those of JavaScript, save that an empty round of a repetition may be taken.
 */
import { asciiSize, type Instruction, type RegexProgram, compileRegex, isWord } from './regex-program.ts'
import type { Matcher } from './log-facts.ts'

/** Of a longer text the rest is not looked at. */
export const linearTextLengthMax = 4_096

export class LinearRegex implements Matcher {
  readonly #program: RegexProgram

  /** @throws RegexRefusal */
  constructor(source: string, options: { ignoreCase?: boolean } = {}) {
    this.#program = compileRegex(source, options.ignoreCase ?? false)
  }

  exec(text: string): ReturnType<Matcher['exec']> {
    const subject = cut(text)
    const found = findMatch(this.#program, subject)
    if (found === null) return null
    const { start, saved } = found
    const read = (slot: number): string | undefined => readSlot(subject, saved, slot)
    const groups = Object.fromEntries([...this.#program.names].map(([name, slot]) => [name, read(slot)]))
    return { index: start, 0: read(0) ?? '', groups }
  }

  /** In lower case; each match holds one of them, where there are any. */
  get needles(): readonly string[] {
    return this.#program.needles
  }

  /** True when the expression matches somewhere. */
  test(text: string): boolean {
    return findMatch(this.#program, cut(text)) !== null
  }

  /**
   * False when nothing in `lower`, the text of one or many lines in lower case, can match, as far as that is seen from the
   * letters that every match holds. Letters beyond ASCII may be other cases of those, so of them nothing is told.
   */
  mayMatch(lower: string): boolean {
    const { needles } = this.#program
    return needles.length === 0 || needles.some((needle) => lower.includes(needle)) || beyondAscii.test(lower)
  }
}

const beyondAscii = /[\u0080-\uffff]/

function cut(text: string): string {
  return text.length > linearTextLengthMax ? text.slice(0, linearTextLengthMax) : text
}

/** Kept from text to text: to make one anew for every line costs more than to look through most lines. */
let marks = new Uint8Array(0)

function takeMarks(size: number): Uint8Array {
  if (marks.length < size) marks = new Uint8Array(size)
  else marks.fill(0, 0, size)
  return marks
}

function findMatch({ code, slots, starts }: RegexProgram, text: string): { start: number; saved: Int32Array } | null {
  let run: Run | undefined
  for (let start = 0; start <= text.length; start += 1) {
    if (starts !== null && start > 0) {
      const first = text.charCodeAt(start)
      // Behind the end there is none, which is no number.
      if (!(first >= asciiSize) && starts[first] !== 1) continue
    }
    run ??= { visited: takeMarks(code.length * (text.length + 1)), saved: new Int32Array(slots).fill(-1) }
    if (runFrom(code, text, { start, ...run })) return { start, saved: run.saved }
  }
  return null
}

/** `saved` are the positions of the groups; what a try that failed wrote there it has put back. */
type Run = { visited: Uint8Array; saved: Int32Array }

/** True for a match that begins at `start`. */
function runFrom(
  code: readonly Instruction[],
  text: string,
  { start, visited, saved }: Run & { start: number },
): boolean {
  // Two numbers a job: [instruction, position] to go on there, [-1 - slot, value] to put a group back.
  const jobs: number[] = [0, start]
  const width = text.length + 1
  while (jobs.length > 0) {
    let position = jobs.pop() ?? 0
    let at = jobs.pop() ?? 0
    if (at < 0) {
      saved[-1 - at] = position
      continue
    }
    for (;;) {
      const mark = at * width + position
      if (visited[mark] === 1) break
      visited[mark] = 1
      const instruction = code[at]
      if (instruction === undefined) break
      if (instruction.kind === 'match') return true
      if (instruction.kind === 'take') {
        if (position >= text.length || !takes(instruction, text.charCodeAt(position))) break
        position += 1
        at += 1
      } else if (instruction.kind === 'split') {
        jobs.push(instruction.second, position)
        at = instruction.first
      } else if (instruction.kind === 'jump') {
        at = instruction.to
      } else if (instruction.kind === 'save') {
        jobs.push(-1 - instruction.slot, saved[instruction.slot] ?? -1)
        saved[instruction.slot] = position
        at += 1
      } else {
        if (!holds(instruction.what, text, position)) break
        at += 1
      }
    }
  }
  return false
}

function takes({ set, ascii }: Instruction & { kind: 'take' }, code: number): boolean {
  return code < asciiSize ? ascii[code] === 1 : set(code)
}

function holds(what: 'start' | 'end' | 'boundary' | 'inside', text: string, position: number): boolean {
  if (what === 'start') return position === 0
  if (what === 'end') return position === text.length
  const before = position > 0 && isWord(text.charCodeAt(position - 1))
  const after = position < text.length && isWord(text.charCodeAt(position))
  return (before !== after) === (what === 'boundary')
}

function readSlot(text: string, saved: Int32Array, slot: number): string | undefined {
  const from = saved[slot] ?? -1
  const to = saved[slot + 1] ?? -1
  return from < 0 || to < from ? undefined : text.slice(from, to)
}
