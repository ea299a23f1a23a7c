/**
 * Runs a regular expression in bounded time, whatever the expression and the text: no state of the program is tried twice
 * at one place of the text, so that the work is at most program × text. (Backtracking that remembers where it has been;
 * the method is known from R. Cox, «Regular Expression Matching in the Wild», 2010. Without look-around and references,
 * whether the rest matches depends on program state and place alone, so that a second try could only fail again.)
 *
 * Groups and preferences are those of JavaScript, save that an empty round of a repetition may be taken.
 */
import { type Instruction, type RegexProgram, compileRegex, isWord } from './regex-program.ts'
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
    const subject = text.length > linearTextLengthMax ? text.slice(0, linearTextLengthMax) : text
    const { code, slots, names } = this.#program
    const visited = new Uint8Array(code.length * (subject.length + 1))
    for (let start = 0; start <= subject.length; start += 1) {
      const saved = runFrom(code, subject, { start, visited, slots })
      if (saved === null) continue
      const read = (slot: number): string | undefined => readSlot(subject, saved, slot)
      const groups = Object.fromEntries([...names].map(([name, slot]) => [name, read(slot)]))
      return { index: start, 0: read(0) ?? '', groups }
    }
    return null
  }
}

type Run = { start: number; visited: Uint8Array; slots: number }

/** Positions of the groups of a match that begins at `start`, or null. */
function runFrom(code: readonly Instruction[], text: string, { start, visited, slots }: Run): Int32Array | null {
  const saved = new Int32Array(slots).fill(-1)
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
      if (instruction.kind === 'match') return saved
      if (instruction.kind === 'take') {
        if (position >= text.length || !instruction.set(text.charCodeAt(position))) break
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
  return null
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
