import type { Client } from '@pilothouse/client'
import type { Command } from '@pilothouse/contract'
import { isOpenCommand } from '@pilothouse/contract/wire'
import { viewOutcome } from '../../steering-view.ts'
import type { TopAction } from '../top-state.ts'
import type { TopTimers } from '../top-timers.ts'

/** Between two questions for what came of it, and for how long it is waited for; the job may still answer later. */
const askMs = 300
const waitMs = 20_000

/** Tells a job something and waits a little for what comes of it. @returns that, in a sentence. @throws Error with a message for people */
export async function tellJob(client: Client, uid: string, action: TopAction, timers: TopTimers): Promise<string> {
  const given = await giveCommand(client, uid, action)
  const until = timers.now() + waitMs
  let command = given
  while (isOpenCommand(command.state) && timers.now() < until) {
    await new Promise<void>((resolve) => void timers.after(askMs, resolve))
    // Behind the one that was given nothing can be older: it is the last of this page.
    const query = { limit: '20', cursor: String(given.id + 1) }
    const page = await client.call('commands.list', { params: { uid }, query })
    command = page.commands.find(({ id }) => id === given.id) ?? command
  }
  const what = viewOutcome(command)
  if (command.state === 'applied' || isOpenCommand(command.state)) return what
  throw new Error(command.reason === null ? what : `${what} ${command.reason}`)
}

function giveCommand(client: Client, uid: string, action: TopAction): Promise<Command> {
  const params = { uid }
  switch (action) {
    case 'stop':
      return client.call('jobs.stop', { params, body: { checkpointFirst: true } })
    case 'checkpoint':
      return client.call('checkpoints.create', { params, body: {} })
    case 'pause':
      return client.call('jobs.pause', { params, body: {} })
    case 'resume':
      return client.call('jobs.resume', { params, body: {} })
    default:
      return action satisfies never
  }
}
