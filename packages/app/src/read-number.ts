import { InvalidArgumentError, Option } from 'commander'
import { PilothouseError } from '@pilothouse/contract'
import { compilePattern, type UserPattern } from '@pilothouse/signals'

/** Reads whole numbers of a range from the command line. */
export function wholeNumber({ min, max }: { min: number; max: number }): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`A whole number from ${min} to ${max} is wanted.`)
  }
}

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Reads a span of time as `90s`, `30m`, `12h`, `7d`; ms. */
export function readSpan(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text.trim()) ?? []
  const ms = Number(amount) * (units[unit ?? ''] ?? Number.NaN)
  if (ms > 0) return ms
  throw new InvalidArgumentError('A span of time is wanted, as 90s, 30m, 12h or 7d.')
}

/** For how long what was told is waited for; ms. */
export function waitOption(): Option {
  return new Option('--timeout <span>', 'wait so long at most, as 90s or 10m')
    .argParser(readSpan)
    .default(60_000, '60s')
}

/** Gathers an option that may be given several times. */
export function gather(text: string, before: string[] = []): string[] {
  return [...before, text]
}

/** Gathers log patterns, each tried out at once, so that a wrong one is refused before anything runs. */
export function gatherPattern(regex: string, before: UserPattern[] = []): UserPattern[] {
  const pattern = { name: regex, regex }
  try {
    compilePattern(pattern)
  } catch (error) {
    if (error instanceof PilothouseError) throw new InvalidArgumentError(error.message)
    throw error
  }
  return [...before, pattern]
}
