/** Reads which test files took longest out of what the runners leave behind: where a suite that grew is cut first. */
import { relative } from 'node:path'

type VitestFile = { name: string; startTime: number; endTime: number }

/** Files of a vitest JSON report (a file that runs on two databases is there twice) with their seconds. */
export function timeVitest(text: string): [file: string, seconds: number][] {
  const files = (JSON.parse(text) as { testResults: VitestFile[] }).testResults // written by the vitest we pinned
  return files.map(({ name, startTime, endTime }) => [relative('.', name), (endTime - startTime) / 1000])
}

/** Modules of a JUnit report of pytest with the seconds of their tests. */
export function timePytest(text: string): [file: string, seconds: number][] {
  const cases = text.matchAll(/<testcase classname="([^"]*)"[^>]*\btime="([\d.]+)"/g)
  const sums = new Map<string, number>()
  for (const [, name = '', seconds] of cases) sums.set(name, (sums.get(name) ?? 0) + Number(seconds))
  return [...sums]
}

/** One line for each of the slowest, slowest first. */
export function viewSlowest(times: readonly [file: string, seconds: number][], count: number): string {
  const slowest = times.toSorted(([, one], [, other]) => other - one).slice(0, count)
  return slowest.map(([file, seconds]) => `  ${seconds.toFixed(1).padStart(7)} s  ${file}`).join('\n')
}
