/** What a collector of mailboxes needs of the control room, without a way over HTTP. */
import { jobCreate, PilothouseError } from '@pilothouse/contract'
import type { MailboxServer } from '@pilothouse/fleet'
import type { CommandBell } from '../commands/command-bell.ts'
import type { Actor } from '../storage/operation.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { unpackError } from '../storage/wire-error.ts'

/** So long one question for commands waits for an answer. */
const listenMs = 25_000

type Parts = {
  storage: Pick<StorageClient, 'call'>
  bell: CommandBell
  /** Who launched this job on that target; undefined: nobody did, and nothing is taken for it. */
  findOwner: (uid: string) => number | undefined
  /** A launched job has said something itself. */
  onHeard: (uid: string) => void
}

/**
 * Takes reports of launched jobs as their owners, each for its own job only: what else lies in a folder over there is
 * somebody else's word.
 */
export function makeIntake({ storage, bell, findOwner, onHeard }: Parts): MailboxServer {
  const act = (uid: string): Actor => {
    const memberId = findOwner(uid)
    if (memberId !== undefined) {
      onHeard(uid)
      return { memberId, all: false, jobUid: uid }
    }
    throw new PilothouseError('forbidden', `The job «${uid}» was not launched there.`)
  }
  return {
    createJob: async (uid, create) => {
      const read = jobCreate.safeParse(create)
      if (!read.success) throw new PilothouseError('invalid', 'The description of the job cannot be read.')
      const made = await storage.call('jobs.put', { uid, actor: act(uid), body: read.data })
      return { uid: made.uid, attempt: made.attempt, page: null }
    },
    sendReport: async (uid, bytes) =>
      storage.call('telemetry.append', { uid, actor: act(uid), format: 'frame', bytes }),
    sendRow: async (uid, frames) => {
      const actor = act(uid)
      const inputs = frames.map((bytes) => ({ uid, actor, format: 'frame' as const, bytes }))
      const results = await storage.call('telemetry.append-many', inputs)
      return results.map((result) => ('value' in result ? result.value : unpackError(result.error)))
    },
    takeCommands: async (uid, asked, signal) => {
      const input = { uid, actor: act(uid), ...asked }
      const rung = bell.wait(uid, listenMs, signal)
      const first = await storage.call('commands.take', input)
      if (first.commands.length > 0 || first.isOver) return first
      await rung
      return storage.call('commands.take', input)
    },
  }
}
