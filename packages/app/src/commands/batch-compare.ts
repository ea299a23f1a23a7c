import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import type { Client } from '@pilothouse/client'
import type { BatchDetail } from '@pilothouse/contract'
import {
  type ComparedAnswer,
  type ComparedRequest,
  type ComparisonCounts,
  viewComparedRequest,
  viewComparisonEnd,
  viewComparisonHead,
} from '@pilothouse/terminal'
import { CommandError } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import { readChunks, readLines } from '../read-chunks.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import { joinAnswers, mergeParts, writeSortedParts } from '../sort-answers.ts'
import type { World } from '../world.ts'

type CompareOptions = ServerOptions & { onlyDifferent?: boolean; all?: boolean; json?: boolean }

const comparedMax = 6
/** Lines of an answer that are shown without `--all`. */
const linesShownMax = 8

const examples = `
Answers to the same request, as its custom_id says, stand beside each other, by custom_id; what they do not share is coloured, and
«≠» stands before the id. Of batches that go on it compares what there is so far.

Examples:
  pilothouse batch compare batch_… batch_…
  pilothouse batch compare batch_… batch_… --only-different | less -R
  pilothouse batch compare batch_… batch_… --json | jq 'select(.isSame | not).customId'`

export function addBatchCompareCommand(batch: Command, { world }: CommandContext): void {
  const command = batch
    .command('compare')
    .argument('<ids...>', `two to ${comparedMax} batches`)
    .description('Show the answers of batches to the same requests beside each other.')
    .option('--only-different', 'leave out the requests to which all have the same answer')
    .option('--all', 'show answers whole, however long')
    .option('--json', 'print a line of JSON for each request: {"customId", "isSame", "answers"}')
    .addHelpText('after', examples)
  addServerOptions(command).action((ids: string[], options: CompareOptions) => compare(ids, options, world))
}

async function compare(asked: readonly string[], options: CompareOptions, world: World): Promise<void> {
  const ids = [...new Set(asked)]
  if (ids.length < 2 || ids.length > comparedMax)
    throw new CommandError('usage', `Two to ${comparedMax} different batches are wanted, not ${ids.length}.`)
  const client = connect(options, world)
  const batches = await Promise.all(ids.map((id) => client.call('batches.get', { params: { id } })))
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-compare-'))
  try {
    const parts: string[][] = []
    for (const [at, id] of ids.entries()) parts.push(await fetchParts(client, { id, folder, name: String(at) }))
    const joined = joinAnswers(parts.map((paths) => mergeParts(paths)))
    const lines = options.json ? toJson(joined, options) : toText(joined, { options, batches, world })
    await pipeline(Readable.from(lines), world.stdout.stream, { end: false })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type Fetching = { id: string; folder: string; name: string }

async function fetchParts(client: Client, { id, folder, name }: Fetching): Promise<string[]> {
  const parts: string[][] = []
  for (const route of ['openai-batches.results', 'openai-batches.errors'] as const) {
    const lines = readLines(readChunks(await client.open(route, { params: { id } })))
    parts.push(await writeSortedParts(lines, { folder, name: `${name}-${route}` }))
  }
  return parts.flat()
}

type Joined = ReturnType<typeof joinAnswers>

async function* compareEach(joined: Joined, { onlyDifferent }: CompareOptions): AsyncGenerator<ComparedRequest> {
  for await (const { customId, answers } of joined) {
    const isSame = areSame(answers)
    const shown = answers.map((answer) => answer && { text: answer.text, isFailure: answer.isFailure })
    if (!isSame || !onlyDifferent) yield { customId, isSame, answers: shown }
  }
}

async function* toJson(joined: Joined, options: CompareOptions): AsyncGenerator<string> {
  for await (const request of compareEach(joined, options)) yield `${JSON.stringify(request)}\n`
}

type Showing = { options: CompareOptions; batches: readonly BatchDetail[]; world: World }

async function* toText(joined: Joined, { options, batches, world }: Showing): AsyncGenerator<string> {
  const { paint, width } = world.stdout
  const view = { paint, width: width(), linesMax: options.all ? Number.POSITIVE_INFINITY : linesShownMax }
  const counts: ComparisonCounts = { requests: 0, same: 0, different: 0, missing: 0 }
  yield `${viewComparisonHead(
    batches.map(({ model, id }) => `${model ?? '?'}  ${id}`),
    view,
  )}\n`
  for await (const request of compareEach(joined, { ...options, onlyDifferent: false })) {
    count(request, counts)
    if (!request.isSame || !options.onlyDifferent)
      yield viewComparedRequest(request, view)
        .map((line) => `${line}\n`)
        .join('')
  }
  yield `${viewComparisonEnd(counts)}\n`
}

function count({ isSame, answers }: ComparedRequest, counts: ComparisonCounts): void {
  counts.requests += 1
  if (isSame) counts.same += 1
  else if (answers.includes(null)) counts.missing += 1
  else counts.different += 1
}

function areSame(answers: readonly ComparedAnswer[]): boolean {
  const [first = null] = answers
  return (
    first !== null &&
    answers.every((answer) => answer !== null && answer.text === first.text && answer.isFailure === first.isFailure)
  )
}
