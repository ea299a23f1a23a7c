/** What a job asks for, as it is written on a command line. */
import { InvalidArgumentError } from 'commander'
import { readSpan } from './read-number.ts'

/** `4`, or `a100:4`: GPUs on each node. */
export function readGpus(text: string): { type: string | null; count: number } {
  const [, type, count] = /^(?:([A-Za-z0-9_][^\s:]*):)?([1-9]\d{0,3})$/.exec(text) ?? []
  if (count !== undefined) return { type: type ?? null, count: Number(count) }
  throw new InvalidArgumentError('How many GPUs on each node is wanted, as 4 or a100:4.')
}

const unitsMb = { M: 1, G: 1024, T: 1024 ** 2 } as const

/** `64G`, `512M`, `1.5T`; a bare number is megabytes, as sbatch has it. In MB. */
export function readMemoryMb(text: string): number {
  const [, amount, unit = 'M'] = /^(\d+(?:\.\d+)?)([MGT])?B?$/i.exec(text) ?? []
  const mb = Math.ceil(Number(amount) * unitsMb[unit.toUpperCase() as keyof typeof unitsMb]) // the pattern has no other
  if (mb > 0) return mb
  throw new InvalidArgumentError('Memory of each node is wanted, as 64G or 512M.')
}

/** `8h`, `90m`, `2d`; and as sbatch has it: minutes, `H:M:S`, `D-H:M:S` and what may be left out of these. In minutes, rounded up. */
export function readTimeMinutes(text: string): number {
  const minutes = readClock(text.trim())
  if (minutes === undefined) return Math.ceil(readSpan(text) / 60_000)
  if (minutes > 0) return minutes
  throw new InvalidArgumentError('A span of time is wanted, as 8h, 90m or 1-12:00:00.')
}

function readClock(text: string): number | undefined {
  const [, day, first, second, third] = /^(?:(\d{1,5})-)?(\d{1,6})(?::(\d{1,6}))?(?::(\d{1,6}))?$/.exec(text) ?? []
  if (first === undefined) return undefined
  const [a, b, c] = [Number(first), Number(second ?? 0), Number(third ?? 0)]
  if (day !== undefined) return Number(day) * 1_440 + a * 60 + b + Math.ceil(c / 60)
  if (third !== undefined) return a * 60 + b + Math.ceil(c / 60)
  return a + Math.ceil(b / 60)
}

/** Gathers `NAME=VALUE`. */
export function gatherVariable(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('A variable with its value is wanted, as NAME=VALUE.')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}
