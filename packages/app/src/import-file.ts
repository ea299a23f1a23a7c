/** Sends one old file to the control room, in parts that it takes. */
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Client } from '@pilothouse/client'
import {
  type ImportAnswer,
  type ImportEntry,
  type ImportList,
  type ImportProblem,
  PilothouseError,
  formatImportPlace,
  importOutcomes,
  limits,
  listImportEntries,
} from '@pilothouse/contract'
import { CommandError } from './exit-code.ts'

/** A file is read whole. Above: it is refused, and can be split. */
const fileBytesMax = 128 * 1024 * 1024
/** Parts stay well below what one request may have. */
const partBytesMax = limits.importBytesMax / 4
const partJobsMax = limits.importJobsMax / 5

export type FileImport = { client: Client; path: string; dryRun: boolean }

/**
 * Imports a file. A part that the control room refuses is a problem of the answer, and the others go on.
 * @throws CommandError when the file cannot be read, is too large, is no JSON, or has no jobs in it.
 */
export async function importFile({ client, path, dryRun }: FileImport): Promise<ImportAnswer> {
  const file = basename(path).slice(0, limits.nameLengthMax)
  const answer: ImportAnswer = { file, dryRun, counts: emptyCounts(), jobs: [], problems: [] }
  const lists = listImportEntries(await readJson(path))
  if (lists.length === 0)
    throw new CommandError('failed', `There are no jobs in ${path}.`, {
      next: 'It should be a list of jobs, or an object with one under «jobs»; docs/import.md has the shape.',
    })
  for (const part of lists.flatMap((list) => splitList(list, answer))) {
    addAnswer(answer, await sendPart(client, part, { file, dryRun }))
  }
  return answer
}

async function readJson(path: string): Promise<unknown> {
  try {
    const { size } = await stat(path)
    if (size > fileBytesMax) throw tooLong(path, size)
    const text = await readFile(path, 'utf8')
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    if (cause instanceof CommandError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    const next =
      cause instanceof SyntaxError ? 'It must be valid JSON: correct it, and run the command again.' : 'Check its path.'
    throw new CommandError('failed', `${path} cannot be imported.`, { why, next, cause })
  }
}

function tooLong(path: string, bytes: number): CommandError {
  return new CommandError('failed', `${path} is too large to be imported.`, {
    why: `It has ${bytes} bytes, and at most ${fileBytesMax} are read.`,
    next: 'Split its list of jobs into several files.',
  })
}

type Part = { path: string; entries: ImportEntry[] }

function splitList({ path, entries }: ImportList, answer: ImportAnswer): Part[] {
  const parts: Part[] = []
  let bytes = Infinity
  for (const entry of entries) {
    const size = measure(entry.value)
    if (size === undefined || size > limits.importBytesMax - 1024) {
      refuse(answer, [{ place: formatImportPlace(path, entry.key), ...tooLarge }])
      continue
    }
    if (bytes + size > partBytesMax || (parts.at(-1)?.entries.length ?? 0) >= partJobsMax) {
      parts.push({ path, entries: [] })
      bytes = 0
    }
    parts.at(-1)?.entries.push(entry)
    bytes += size
  }
  return parts
}

const tooLarge = {
  message: 'This job is too large, or nested too deeply, for one request.',
  expected: `at most ${limits.importBytesMax} bytes as JSON`,
}

/** undefined for what is nested deeper than it can be written. */
function measure(value: unknown): number | undefined {
  try {
    return Buffer.byteLength(JSON.stringify(value) ?? 'null')
  } catch {
    return undefined
  }
}

type Sending = { file: string; dryRun: boolean }

/** Entries go by their own keys, so that a message names the place in the file, whatever was left out before. */
async function sendPart(client: Client, { path, entries }: Part, { file, dryRun }: Sending): Promise<ImportAnswer> {
  const first = entries[0]?.key ?? 0
  const body =
    typeof first === 'number'
      ? { jobs: entries.map(({ value }) => value) }
      : { jobs: Object.fromEntries(entries.map(({ key, value }) => [key, value])) }
  try {
    const query = { file, dryRun: dryRun ? ('true' as const) : ('false' as const) }
    const answer = await client.call('jobs.import', { query, body })
    return rename(answer, path, entries)
  } catch (error) {
    if (!(error instanceof PilothouseError) || (error.status !== 400 && error.status !== 413)) throw error
    const answer: ImportAnswer = { file, dryRun, counts: emptyCounts(), jobs: [], problems: [] }
    refuse(
      answer,
      entries.map(({ key }) => ({ place: formatImportPlace(path, key), message: error.message, expected: error.hint })),
    )
    return answer
  }
}

/** The control room names places in the part that it got; the answers stand in the order of the entries. */
function rename(answer: ImportAnswer, path: string, entries: readonly ImportEntry[]): ImportAnswer {
  const names = new Map(
    answer.jobs.map(({ place }, at) => [place, formatImportPlace(path, entries[at]?.key ?? at)] as const),
  )
  const inFile = <One extends { place: string }>(one: One): One => ({
    ...one,
    place: names.get(one.place) ?? one.place,
  })
  return { ...answer, jobs: answer.jobs.map(inFile), problems: answer.problems.map(inFile) }
}

function addAnswer(answer: ImportAnswer, part: ImportAnswer): void {
  answer.jobs.push(...part.jobs)
  answer.problems.push(...part.problems)
  for (const outcome of importOutcomes) answer.counts[outcome] += part.counts[outcome]
}

function refuse(answer: ImportAnswer, problems: readonly ImportProblem[]): void {
  answer.problems.push(...problems)
  answer.counts.refused += problems.length
  for (const { place } of problems)
    answer.jobs.push({ place, uid: null, name: null, state: null, outcome: 'refused', lacks: [] })
}

function emptyCounts(): ImportAnswer['counts'] {
  return { imported: 0, updated: 0, unchanged: 0, refused: 0 }
}
