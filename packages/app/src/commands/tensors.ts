import { resolve } from 'node:path'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import type { runTensorTask, TensorFaultKind } from '@pilothouse/server'
import { sanitizeForTerminal } from '@pilothouse/signals'
import { viewTensorComparison, viewTensorProgress, viewTensors, viewVerification } from '@pilothouse/terminal'
import { CommandError, type ExitName, exitCodes } from '../exit-code.ts'
import type { CommandContext } from '../run-cli.ts'
import type { World } from '../world.ts'

type TensorsOptions = { verify?: boolean; sha256?: string; layers?: boolean; all?: boolean; json?: boolean }
type Asked = { path: string; other: string | undefined }

/** How often progress is shown on a terminal, ms. */
const progressMs = 100

const examples = `
Reads safetensors files and files of torch.save, and folders of them as Hugging Face's libraries write them. Nothing that a
file holds is run: what loading it would call is told. Needs neither Python nor a control room; docs/tensors.md says more.

Examples:
  pilothouse tensors model.safetensors               names, shapes, dtypes, norms of all tensors
  pilothouse tensors step-100.pt step-200.pt         how far each tensor has moved
  pilothouse tensors step-100.pt step-200.pt --layers
  pilothouse tensors checkpoint-500 --verify         whether all files are there and whole
  pilothouse tensors model.pt --json | jq '.tensors[] | select(.nonFinite > 0)'

Ends with 1 when a file is broken or cannot be read, with 5 when there is none.`

export function addTensorsCommand(program: Command, context: CommandContext): void {
  program
    .command('tensors')
    .argument('<path>', 'a file or folder of tensors')
    .argument('[other]', 'another one, to compare it with')
    .description('Show what tensors a checkpoint holds, or how two differ.')
    .option('--verify', 'tell whether its files are there, whole, and unchanged')
    .option('--sha256 <digits>', 'with --verify: the checksum that the file should have', readChecksum)
    .option('--layers', 'of a comparison: one row a layer')
    .option('--all', 'show all rows, however many')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((path: string, other: string | undefined, options: TensorsOptions) =>
      showTensors({ path, other }, options, context),
    )
}

function readChecksum(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase()
  throw new InvalidArgumentError('A SHA-256 has 64 hexadecimal digits.')
}

async function showTensors({ path, other }: Asked, options: TensorsOptions, context: CommandContext): Promise<void> {
  const { world } = context
  if (options.verify !== true && options.sha256 !== undefined)
    throw new CommandError('usage', '--sha256 goes with --verify.')
  if (options.verify === true && other !== undefined)
    throw new CommandError('usage', '--verify looks at one path.', { next: 'Call it once for each.' })
  const at = (one: string): string => resolve(world.workingFolder, one)
  if (options.verify === true) await verify(at(path), options, context)
  else if (other === undefined) await summarise(at(path), options, world)
  else await compare(at(path), at(other), { options, world })
}

/** The server is loaded with the first task only: other commands start without it. */
type RunTask = typeof runTensorTask

async function summarise(path: string, { all = false, json = false }: TensorsOptions, world: World): Promise<void> {
  const { stdout } = world
  const what = `${path} cannot be looked into.`
  const summary = await runTask(world, what, (run, options) => run({ kind: 'summarise', path }, options))
  const lines = json
    ? [JSON.stringify(summary)]
    : viewTensors(summary, { paint: stdout.paint, width: stdout.width(), all })
  stdout.write(`${lines.join('\n')}\n`)
}

type Showing = { options: TensorsOptions; world: World }

async function compare(a: string, b: string, { options, world }: Showing): Promise<void> {
  const { all = false, json = false, layers = false } = options
  const { stdout } = world
  const comparison = await runTask(world, 'The two cannot be compared.', (run, watch) =>
    run({ kind: 'compare', a, b }, watch),
  )
  const place = { paint: stdout.paint, width: stdout.width(), all, layers }
  const lines = json ? [JSON.stringify(comparison)] : viewTensorComparison(comparison, place)
  stdout.write(`${lines.join('\n')}\n`)
}

async function verify(
  path: string,
  { sha256, json = false }: TensorsOptions,
  { world, endWith }: CommandContext,
): Promise<void> {
  const { stdout } = world
  const what = `${path} cannot be looked through.`
  const answer = await runTask(world, what, (run, watch) => run({ kind: 'verify', path, sha256 }, watch))
  if (sha256 !== undefined && answer.files.length > 1)
    throw new CommandError('usage', `${path} has ${answer.files.length} files, and --sha256 is of one.`, {
      next: 'Name the file.',
    })
  if (answer.state !== 'ok') endWith(answer.state === 'missing' ? exitCodes.notFound.code : exitCodes.failed.code)
  const lines = json ? [JSON.stringify(answer)] : viewVerification(answer, stdout.paint)
  stdout.write(`${lines.join('\n')}\n`)
}

type TaskOptions = NonNullable<Parameters<RunTask>[1]>

/** Runs a task with progress on a terminal, until Ctrl-C. */
async function runTask<Answer>(
  world: World,
  what: string,
  task: (run: RunTask, options: TaskOptions) => Promise<Answer>,
): Promise<Answer> {
  const server = await import('@pilothouse/server')
  const stop = new AbortController()
  const undo = world.onStop(() => stop.abort())
  const progress = makeProgress(world)
  try {
    return await task(server.runTensorTask, { signal: stop.signal, onProgress: progress.show })
  } catch (cause) {
    if (!(cause instanceof server.TensorFileError)) throw cause
    const next = hints[cause.kind]
    // The message may quote the file.
    throw new CommandError(chooseExit(cause.kind), sanitizeForTerminal(what), {
      why: sanitizeForTerminal(cause.message),
      cause,
      ...(next !== undefined && { next }),
    })
  } finally {
    undo()
    progress.end()
  }
}

const hints: Readonly<Record<TensorFaultKind, string | undefined>> = {
  missing: 'Check its path.',
  torn: 'Copy it again from where it was written, or take an earlier checkpoint.',
  malformed: 'Copy it again from where it was written, or take an earlier checkpoint.',
  unsupported: undefined,
  tooLarge: undefined,
  unreadable: 'Check its permissions, and the disk.',
  cancelled: undefined,
  failed: 'This is a fault of pilothouse.',
}

function chooseExit(kind: TensorFaultKind): ExitName {
  return kind === 'missing' ? 'notFound' : 'failed'
}

/** Over itself on a terminal; nothing otherwise. */
function makeProgress({ stderr, now }: World) {
  let saidAt = now()
  let isShown = false
  return {
    show(bytesDone: number, bytesTotal: number): void {
      if (!stderr.isTerminal || now() - saidAt < progressMs) return
      saidAt = now()
      isShown = true
      stderr.write(`\r\u001B[K${viewTensorProgress(bytesDone, bytesTotal)}`)
    },
    end(): void {
      if (isShown) stderr.write('\r\u001B[K')
    },
  }
}
