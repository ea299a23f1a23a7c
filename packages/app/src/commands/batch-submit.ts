import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import { type Client, waitBeforeAttempt } from '@pilothouse/client'
import { limits, type OpenAiBatch, openAiBatchCreate, PilothouseError, parseOrRefuse } from '@pilothouse/contract'
import { viewBatch, viewBatchCheck } from '@pilothouse/terminal'
import { CommandError, exitCodes } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import { gather, wholeNumber } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import { uploadFile } from '../upload-file.ts'
import { watchBatch } from '../watch-batch.ts'
import type { World } from '../world.ts'

type SubmitOptions = ServerOptions & {
  model?: string
  endpoint: string
  window: string
  priority?: number
  ordered?: boolean
  notify?: string
  key?: string
  meta?: string[]
  watch?: boolean
  check?: boolean
  json?: boolean
}
type Draft = ReturnType<typeof readDraft> & { notify?: number }
type Sending = { draft: Draft; path: string; key: string; signal: AbortSignal }

/** How often the request is repeated when the connection broke before the answer came. */
const repeatsMax = 5

const examples = `
Standard output has the id of the batch, standard error what to do next. With --watch it ends with 0 when the batch has
completed, with 1 when it failed, expired or was cancelled; Ctrl-C ends the watching, not the batch. Ends with 7 when no engine
answers for the model now, or too much waits already.

With the same --key no second batch is made, whatever became of the first call. Without, one is made up for this call, and used
again when the connection breaks.

Examples:
  pilothouse batch submit requests.jsonl
  pilothouse batch submit requests.jsonl --model small-llama --watch && echo done
  pilothouse batch submit requests.jsonl --check                    faults, tokens, time, cost; nothing is sent
  pilothouse batch submit requests.jsonl --endpoint /v1/embeddings --window 7d --meta run=12`

export function addBatchSubmitCommand(batch: Command, context: CommandContext): void {
  const command = batch
    .command('submit')
    .argument('<file>', 'requests, one JSON object a line')
    .description('Send the requests of a file to a model.')
    .option('--model <model>', 'ask for this one instead of what the requests say')
    .option('--endpoint <path>', 'what is asked for at the engine', '/v1/chat/completions')
    .option('--window <span>', 'what is not done after this time expires, as 90s, 30m, 24h or 7d', '24h')
    .option(
      '--priority <number>',
      'those with a higher one come first; 0 is usual',
      wholeNumber({ min: limits.batchPriorityMin, max: limits.batchPriorityMax }),
    )
    .option('--ordered', 'results stand in the order of the requests')
    .option('--notify <channel>', 'tell its end on this channel, by its name')
    .option('--key <key>', 'idempotency key: with the same one no second batch is made')
    .option('--meta <key=value>', 'kept with it; again for more', gather)
    .option('-w, --watch', 'follow it to its end')
    .option('--check', 'only look at the requests, and estimate time and cost')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
  addServerOptions(command).action((file: string, options: SubmitOptions) => submit(file, options, context))
}

async function submit(file: string, options: SubmitOptions, context: CommandContext): Promise<void> {
  const { world } = context
  const checked = readDraft(options)
  const client = connect(options, world)
  const stop = new AbortController()
  const undo = world.onStop(() => stop.abort())
  const path = resolve(world.workingFolder, file)
  try {
    const draft = { ...checked, ...(await findChannel(client, options.notify, stop.signal)) }
    const sending = { draft, path, key: options.key ?? randomUUID(), signal: stop.signal }
    if (options.check) return await check(client, sending, { options, context })
    const batch = await send(client, sending, world)
    undo()
    await tell(client, batch, { options, context })
  } catch (cause) {
    if (!stop.signal.aborted) throw cause
    throw new CommandError('failed', 'Broken off before there was a batch.', { cause })
  } finally {
    undo()
  }
}

/**
 * What the options mean, checked before a large file is sent for nothing.
 * @throws CommandError naming the option at fault
 */
function readDraft({ model, endpoint, window, priority, ordered, meta = [] }: SubmitOptions) {
  const draft = {
    endpoint,
    completion_window: window,
    ...(model === undefined ? {} : { model }),
    ...(priority === undefined ? {} : { priority }),
    ...(ordered ? { ordered } : {}),
    ...(meta.length === 0 ? {} : { metadata: Object.fromEntries(meta.map(readPair)) }),
  }
  try {
    parseOrRefuse(openAiBatchCreate, { ...draft, input_file_id: `file-${'0'.repeat(32)}` })
    return draft
  } catch (cause) {
    if (!(cause instanceof PilothouseError)) throw cause
    const next = cause.expected === undefined ? undefined : `Wanted is ${cause.expected}.`
    throw new CommandError('usage', cause.message, { cause, ...(next !== undefined && { next }) })
  }
}

/**
 * The channel of this name, before a large file is sent for nothing.
 * @throws CommandError naming those that there are; PilothouseError as `channels.list`
 */
async function findChannel(
  client: Client,
  name: string | undefined,
  signal: AbortSignal,
): Promise<{ notify?: number }> {
  if (name === undefined) return {}
  const { channels } = await client.call('channels.list', { signal })
  const found = channels.filter((one) => one.name === name)
  const [first] = found
  if (first && found.length === 1) return { notify: first.id }
  const names = channels.map((one) => `«${one.name}»`).join(', ')
  throw new CommandError('usage', `There ${first ? 'are several channels' : 'is no channel'} «${name}».`, {
    next: names === '' ? 'An admin adds channels under «Alerts › Channels».' : `There are ${names}.`,
  })
}

function readPair(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new CommandError('usage', `«${text}» is no pair.`, { next: 'Write it as --meta key=value.' })
}

/** Uploads the file and makes the batch; what is refused leaves no file behind. */
async function send(client: Client, { draft, path, key, signal }: Sending, world: World): Promise<OpenAiBatch> {
  const file = await uploadFile(client, { path, lifeSeconds: null, signal }, world)
  const data = JSON.stringify({ ...draft, input_file_id: file.id })
  try {
    return await create(client, { data, key, signal })
  } catch (error) {
    if (!(error instanceof PilothouseError)) throw error
    if (isUnanswered(error))
      throw new CommandError('failed', 'The connection broke before the answer came.', {
        cause: error,
        why: 'Perhaps there is a batch now, perhaps not.',
        next: '«pilothouse batch list» says whether there is one.',
      })
    await client.call('files.delete', { params: { id: file.id } }).catch(() => undefined) // what matters is the refusal
    throw isNotNow(error) ? new CommandError('notNow', error.message, { cause: error }) : error
  }
}

async function create(
  client: Client,
  { data, key, signal }: { data: string; key: string; signal: AbortSignal },
): Promise<OpenAiBatch> {
  const headers = { 'idempotency-key': key }
  for (let repeats = 0; ; repeats += 1) {
    try {
      return await client.send('openai-batches.create', { type: 'application/json', data, headers, signal })
    } catch (error) {
      if (!isUnanswered(error) || repeats === repeatsMax) throw error
      await wait(waitBeforeAttempt(repeats, Math.random()), undefined, { signal })
    }
  }
}

/** The connection broke: there is a cause. What the server itself says has none. */
function isUnanswered(error: unknown): boolean {
  return error instanceof PilothouseError && error.code === 'unavailable' && error.cause !== undefined
}

function isNotNow({ code }: PilothouseError): boolean {
  return code === 'unavailable' || code === 'rateLimited'
}

type Telling = { options: SubmitOptions; context: CommandContext }

async function check(client: Client, { draft, path, signal }: Sending, { options, context }: Telling): Promise<void> {
  const { world, endWith } = context
  const file = await uploadFile(client, { path, lifeSeconds: limits.fileLifeSecondsMin, signal }, world)
  const { endpoint, model } = draft
  const body = { inputFileId: file.id, endpoint, ...(model === undefined ? {} : { model }) }
  try {
    const checked = await client.call('batches.check', { body, signal })
    const { stdout } = world
    stdout.write(`${options.json ? JSON.stringify(checked) : viewBatchCheck(checked, stdout.paint).join('\n')}\n`)
    if (checked.faults !== null || checked.refusal !== null) endWith(exitCodes.failed.code)
  } finally {
    await client.call('files.delete', { params: { id: file.id } }).catch(() => undefined) // it goes by itself, too
  }
}

async function tell(client: Client, batch: OpenAiBatch, { options, context }: Telling): Promise<void> {
  const { world, endWith } = context
  const { stdout, stderr } = world
  if (!options.watch) {
    stdout.write(`${options.json ? JSON.stringify(batch) : batch.id}\n`)
    const next = `«pilothouse batch show ${batch.id} --watch» follows it, «pilothouse batch results ${batch.id}» prints its answers.`
    stderr.write(`${next}\n`)
    return
  }
  if (!options.json) stdout.write(`${batch.id}\n`)
  const { batch: last, code } = await watchBatch(client, batch.id, world)
  endWith(code)
  if (last === null) return
  const lines = options.json ? [JSON.stringify(last)] : viewBatch(last, { paint: stdout.paint, now: world.now() })
  stdout.write(`${lines.join('\n')}\n`)
}
