/** Reads what the script of `look-script.ts` prints. */
import { readTar } from './read-tar.ts'
import { type Look, readReportName, type ReportFile, type RunFiles } from './mailbox-place.ts'

/**
 * Puts a look together.
 * @throws Error when the text is not what the script prints.
 */
export function readLook(output: Buffer, mark: string): Look {
  const look: Look = { clockMs: null, wayMs: 0, runs: [] }
  const begin = `\n${mark} `
  let at = 0
  while (at < output.length) {
    if (output.subarray(at, at + begin.length).toString('latin1') !== begin)
      throw new Error(`no line begins at byte ${at}`)
    const lineEnd = output.indexOf(0x0a, at + begin.length)
    if (lineEnd < 0) throw new Error(`the line at byte ${at} has no end`)
    const line = output.subarray(at + begin.length, lineEnd).toString()
    at = takeLine(look, { line, output, at: lineEnd + 1 })
  }
  for (const run of look.runs) run.reports.sort((one, other) => one.number - other.number)
  return look
}

/** Does what a line says; where the next one begins. */
function takeLine(look: Look, { line, output, at }: { line: string; output: Buffer; at: number }): number {
  const [, word = '', rest = ''] = /^(\S+) ?(.*)$/su.exec(line) ?? []
  const run = look.runs.at(-1)
  switch (word) {
    case 'clock':
      look.clockMs = readClock(rest)
      return at
    case 'run':
      look.runs.push({ folder: rest.slice(2), birth: null, reports: [], hasMore: rest.startsWith('1') })
      return at
    case 'big':
      addReport(run, rest, null)
      return at
    case 'tar':
      return takeArchive(run, output, at)
    default:
      throw new Error(`an unknown word «${word}»`)
  }
}

function takeArchive(run: RunFiles | undefined, output: Buffer, at: number): number {
  const { files, end } = readTar(output, at)
  for (const { name, bytes } of files) {
    if (run && name === 'job.json') run.birth = bytes
    else addReport(run, name, bytes)
  }
  return end
}

function addReport(run: RunFiles | undefined, name: string, bytes: ReportFile['bytes']): void {
  const known = readReportName(name)
  if (run && known) run.reports.push({ ...known, bytes })
}

/** Seconds with three digits behind the point where `date` knows them, else whole seconds. */
function readClock(text: string): number | null {
  const [, seconds, thousandths] = /^(\d+)\.(\d{3})?/.exec(text) ?? []
  return seconds === undefined ? null : Number(seconds) * 1000 + Number(thousandths ?? 500)
}
