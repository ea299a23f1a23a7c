import type { Command } from 'commander'
import type { Engine, EnginePatch, ModelPrice } from '@pilothouse/contract'
import { limits } from '@pilothouse/contract/wire'
import { viewEngine, viewEngines } from '@pilothouse/terminal'
import { CommandError, exitCodes } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import type { CommandContext } from '../run-cli.ts'
import { gather, wholeNumber } from '../read-number.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'
import { addServingCommands } from './serving.ts'

type Options = ServerOptions & { json?: boolean }
type AddOptions = Options & {
  keyEnv?: string
  askKey?: boolean
  model?: string[]
  limit?: number
  price?: ModelPrice[]
}

const examples = `
An engine is any address that speaks OpenAI's API: vLLM, SGLang, llama.cpp, Ollama, or a hosted one with a key (docs/engines.md).

Examples:
  pilothouse engines                                       which there are, whether they answer, their models
  pilothouse engines add lab http://127.0.0.1:8000         with the models that it lists
  pilothouse engines add hosted https://llm.example.org/v1 --key-env LLM_KEY --price small=0.1/0.4
  pilothouse engines check lab                             looks now; ends with 1 when it is not well
  pilothouse engines pause lab                             it gets no requests until «resume»
  pilothouse engines remove lab                            forgets it; it goes on running
  pilothouse engines start small --model /models/small     starts one, as a job; «engines start --help» says more`

/** Adds the commands about engines, where models answer requests. */
export function addEnginesCommand(program: Command, context: CommandContext): void {
  const engines = program
    .command('engines')
    .description('List the engines that answer requests of batches, or change which there are.')
    .option('--json', 'print JSON: {"engines"}')
    .addHelpText('after', examples)
  addServerOptions(engines).action((options: Options) => listEngines(options, context.world))
  addAdd(engines, context)
  addServingCommands(engines, context)
  const addOne = (name: string, what: string, run: (engine: string, options: Options) => Promise<void>): void => {
    const command = engines.command(name).description(what).argument('<engine>', 'its name')
    addServerOptions(command.option('--json', 'print JSON')).action(run)
  }
  addOne('check', 'Look at an engine now, and say how it is.', (name, options) => checkEngine(name, options, context))
  addOne('pause', 'Give an engine no requests.', (name, options) => change(name, { isPaused: true }, options, context))
  addOne('resume', 'Give it requests again.', (name, options) => change(name, { isPaused: false }, options, context))
  addOne('remove', 'Forget an engine. It goes on running.', (name, options) => remove(name, options, context.world))
}

function addAdd(engines: Command, context: CommandContext): void {
  const command = engines
    .command('add')
    .description('Make an engine known. It is looked at once; ends with 1 when it is not well.')
    .argument('<name>', 'what it is called here')
    .argument('<url>', 'its address, with or without /v1')
    .option('--key-env <variable>', 'the variable of the environment that has its key')
    .option('--ask-key', 'ask for its key')
    .option('--model <model>', 'a model that it answers for, where it does not list them; again for more', gather)
    .option(
      '--limit <count>',
      'requests that it gets at once at most; without: found out',
      wholeNumber({ min: 1, max: limits.engineConcurrencyMax }),
    )
    .option('--price <model=in/out>', 'what a million tokens cost, in and out; again for more', collectPrice)
    .option('--json', 'print JSON')
  addServerOptions(command).action((name: string, url: string, options: AddOptions) =>
    addEngine({ name, url }, options, context),
  )
}

function collectPrice(text: string, before: ModelPrice[] = []): ModelPrice[] {
  const [, model = '', input, output] = /^(.+)=(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/.exec(text) ?? []
  if (model === '')
    throw new CommandError('usage', `«${text}» is no price.`, {
      next: 'Write it as model=0.1/0.4: a million tokens in, out.',
    })
  return [...before, { model, inputPerMillion: Number(input), outputPerMillion: Number(output) }]
}

async function listEngines({ json, ...server }: Options, world: World): Promise<void> {
  const { engines } = await connect(server, world).call('engines.list')
  tell(world, json, { engines }, (view) => viewEngines(engines, view))
}

async function addEngine(
  { name, url }: { name: string; url: string },
  { json, model, limit, price, ...options }: AddOptions,
  { world, endWith }: CommandContext,
): Promise<void> {
  const body = {
    name,
    baseUrl: url,
    apiKey: await readKey(options, world),
    concurrencyMax: limit ?? null,
    models: model ?? null,
    prices: price ?? [],
  }
  const engine = await connect(options, world).call('engines.create', { body })
  tell(world, json, engine, (view) => viewEngine(engine, view))
  if (engine.health.state !== 'healthy') endWith(exitCodes.failed.code)
}

/** A key never stands among arguments, where other users of the machine could read it. */
async function readKey({ keyEnv, askKey }: AddOptions, world: World): Promise<string | null> {
  if (keyEnv === undefined && !askKey) return null
  const key =
    keyEnv === undefined ? await world.ask('Key (not shown): ', { isSecret: true }) : world.environment[keyEnv]
  if (key?.trim()) return key.trim()
  throw new CommandError('usage', 'There is no key.', {
    why: keyEnv === undefined ? 'Nobody is at a terminal to enter it.' : `The variable ${keyEnv} is not set.`,
    next: 'Set a variable for this command and name it with --key-env, or use --ask-key in a terminal.',
  })
}

async function checkEngine(
  name: string,
  { json, ...server }: Options,
  { world, endWith }: CommandContext,
): Promise<void> {
  const client = connect(server, world)
  const { id } = await findEngine(name, server, world)
  const engine = await client.call('engines.check', { params: { id } })
  tell(world, json, engine, (view) => viewEngine(engine, view))
  if (engine.health.state !== 'healthy') endWith(exitCodes.failed.code)
}

async function change(
  name: string,
  body: EnginePatch,
  { json, ...server }: Options,
  { world }: CommandContext,
): Promise<void> {
  const { id } = await findEngine(name, server, world)
  const engine = await connect(server, world).call('engines.edit', { params: { id }, body })
  tell(world, json, engine, (view) => viewEngine(engine, view))
}

async function remove(name: string, { json, ...server }: Options, world: World): Promise<void> {
  const engine = await findEngine(name, server, world)
  await connect(server, world).call('engines.delete', { params: { id: engine.id } })
  tell(world, json, engine, () => [`${engine.name} is forgotten. It goes on running.`])
}

async function findEngine(name: string, server: ServerOptions, world: World): Promise<Engine> {
  const { engines } = await connect(server, world).call('engines.list')
  const found = engines.find((engine) => engine.name === name)
  if (found) return found
  throw new CommandError('notFound', `There is no engine «${name}».`, {
    next:
      engines.length === 0
        ? 'Add one with «pilothouse engines add».'
        : `There are: ${engines.map((one) => one.name).join(', ')}.`,
  })
}

type View = Parameters<typeof viewEngines>[1]

function tell({ stdout, now }: World, json: boolean | undefined, answer: unknown, view: (how: View) => string[]): void {
  const how = { paint: stdout.paint, width: stdout.width(), now: now() }
  stdout.write(`${json ? JSON.stringify(answer) : view(how).join('\n')}\n`)
}
