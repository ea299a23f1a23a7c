import { parse } from 'node:path'
import type { Client } from '@pilothouse/client'
import type { Checkpoint } from '@pilothouse/contract'
import { sanitizeForTerminal } from '@pilothouse/signals'
import { viewCopy } from '@pilothouse/terminal'
import { CommandError } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import { connect } from '../server-options.ts'
import type { World } from '../world.ts'

/** `timeout`: how long to wait without anything of it coming, ms. */
type CopyOptions = ServerOptions & { uid: string; asked: string; wait: boolean; timeout: number; json?: boolean }

/** Between two looks how far it is. */
const askMs = 500

/** Has a checkpoint copied to the control room, and waits as long as it moves. */
export async function copyCheckpoint({ uid, asked, ...options }: CopyOptions, world: World): Promise<void> {
  const client = connect(options, world)
  const { id, copy } = await findCheckpoint(client, uid, asked)
  const params = { uid, id: String(id) }
  const isUnderWay = copy !== null && copy.state !== 'failed'
  let one = isUnderWay ? await findCheckpoint(client, uid, String(id)) : await client.call('copies.create', { params })
  let until = world.now() + options.timeout
  while (options.wait && (one.copy?.state === 'waiting' || one.copy?.state === 'copying') && world.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, askMs))
    const before = one.copy.received
    one = await findCheckpoint(client, uid, String(id))
    if ((one.copy?.received ?? 0) > before) until = world.now() + options.timeout
  }
  if (options.json) world.stdout.write(`${JSON.stringify(one)}\n`)
  else world.stdout.write(`${sanitizeForTerminal(viewCopy(one))}\n`)
  if (one.copy?.state === 'copied' || (!options.wait && one.copy?.state !== 'failed')) return
  throw new CommandError('failed', sanitizeForTerminal(viewCopy(one)), {
    why: sanitizeForTerminal(one.copy?.reason ?? 'Nothing more of it has come.'),
  })
}

/** Looks at the files of a checkpoint on the machine of the control room, their bytes included. */
export async function checkFiles({ uid, asked, ...options }: CopyOptions, world: World): Promise<void> {
  const client = connect(options, world)
  const { id, summedAt } = await findCheckpoint(client, uid, asked)
  const one = await client.call('checkpoints.check', { params: { uid, id: String(id) } })
  const name = `«${one.name}»`
  if (options.json) world.stdout.write(`${JSON.stringify(one)}\n`)
  if (one.hidden !== null || one.state !== 'present') {
    const what = one.hidden === null ? `${name} is ${one.state}.` : `${name} cannot be looked at.`
    throw new CommandError('failed', sanitizeForTerminal(what), {
      why: sanitizeForTerminal(one.hidden?.reason ?? one.stateReason ?? ''),
    })
  }
  if (options.json) return
  const words =
    one.summedAt === summedAt
      ? 'is still being read; «pilothouse checkpoints» says what comes of it'
      : 'has the bytes that were written'
  world.stdout.write(`${sanitizeForTerminal(name)} ${words}.\n`)
}

/** @throws CommandError when the job has none of this name, number, or name without its ending. */
export async function findCheckpoint(client: Client, uid: string, asked: string): Promise<Checkpoint> {
  const { checkpoints } = await client.call('checkpoints.list', { params: { uid } })
  const found = pickCheckpoint(checkpoints, asked)
  if (found) return found
  throw new CommandError('notFound', `This job has no checkpoint «${asked}».`, {
    next: `«pilothouse checkpoints ${uid}» lists them.`,
  })
}

/** The one of this name or number; else the first whose name is this but for its ending, which nobody types. */
export function pickCheckpoint(checkpoints: readonly Checkpoint[], asked: string): Checkpoint | undefined {
  const isNamed = ({ name, id }: Checkpoint): boolean => name === asked || String(id) === asked
  return checkpoints.find(isNamed) ?? checkpoints.find(({ name }) => parse(name).name === asked)
}
