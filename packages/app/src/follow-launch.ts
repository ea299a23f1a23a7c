import { type Client, openEventStream } from '@pilothouse/client'
import type { Job, Launch } from '@pilothouse/contract'
import { sanitizeForTerminal } from '@pilothouse/signals'
import { viewLaunchStep, viewLogLine, viewTrouble } from '@pilothouse/terminal'
import { exitCodes } from './exit-code.ts'
import { followLog } from './follow-log.ts'
import { signalCodes } from './signal-codes.ts'
import type { World } from './world.ts'

/**
 * Tells the steps of a launch as they go (standard error), then prints the log of its job until that ends. Signals end the
 * following, not the job. Resolves to the exit code: that of the job.
 */
export async function followLaunch(client: Client, uid: string, world: World): Promise<number> {
  const stop = new AbortController()
  let ended: NodeJS.Signals | undefined
  const undo = world.onStop((signal) => {
    ended ??= signal
    stop.abort()
  })
  try {
    await watchSteps(client, { uid, tell: makeTeller(world), signal: stop.signal })
    if (!stop.signal.aborted) await printLog(client, { uid, signal: stop.signal }, world)
  } finally {
    undo()
  }
  if (ended !== undefined) {
    const next = `«pilothouse cancel ${uid}» ends it, «pilothouse logs -f ${uid}» goes on looking.`
    world.stderr.write(`The job goes on. ${next}\n`)
    return signalCodes[ended] ?? exitCodes.failed.code
  }
  return tellEnd(await client.call('jobs.get', { params: { uid } }), world)
}

type Watch = { uid: string; tell: (launch: Launch) => void; signal: AbortSignal }

/** Until it runs, or never will. */
async function watchSteps(client: Client, { uid, tell, signal }: Watch): Promise<void> {
  const end = Promise.withResolvers<undefined>()
  let work = Promise.resolve()
  const look = async (): Promise<void> => {
    if (signal.aborted) return
    const launch = await client.call('launches.get', { params: { uid } })
    tell(launch)
    if (hasBegun(launch)) end.resolve(undefined)
  }
  /** One look at a time: what is told goes forward only. */
  const enqueue = (): void => void (work = work.then(look).catch(end.reject))
  const undo = openEventStream(client, {
    topic: `steering:${uid}`,
    onEvent: ({ parts }) => parts.includes('launch') && enqueue(),
    onReset: enqueue,
    onError: end.reject,
  })
  signal.addEventListener('abort', () => end.resolve(undefined), { once: true })
  await end.promise.finally(undo)
}

function hasBegun({ state, steps }: Launch): boolean {
  return state === 'over' || state === 'failed' || steps.some((one) => one.step === 'start' && one.state === 'done')
}

/** Each step once, when it is done or says why it waits; in a terminal also how far it is, in a line that goes away. */
function makeTeller({ stderr, now }: World): (launch: Launch) => void {
  const told = new Set<string>()
  const wipe = stderr.isTerminal ? '\r\u001B[K' : ''
  const say = (line: string): void => {
    if (!told.has(line)) stderr.write(`${wipe}${line}\n`)
    told.add(line)
  }
  return (launch) => {
    for (const step of launch.steps) {
      if (step.state === 'waiting') continue
      const line = viewLaunchStep(step, stderr.paint)
      if (step.state !== 'active' || (step.step === 'start' && step.words !== null)) say(line)
      else if (stderr.isTerminal) stderr.write(`${wipe}${line}`)
    }
    for (const line of viewTrouble(launch, { paint: stderr.paint, now: now() })) say(line)
  }
}

async function printLog(
  client: Client,
  { uid, signal }: { uid: string; signal: AbortSignal },
  { stdout }: World,
): Promise<void> {
  const { attempt } = await client.call('jobs.get', { params: { uid } })
  const view = { paint: stdout.paint, colours: stdout.paint('dim', '') !== '' }
  await followLog(client, {
    uid,
    attempt,
    next: 0,
    print: (lines) => stdout.write(lines.map((line) => `${viewLogLine(line, view)}\n`).join('')),
    signal,
  })
}

function tellEnd({ uid, state, error, stateReason, attempts }: Job, { stderr }: World): number {
  const code = attempts.at(-1)?.exitCode ?? null
  const isWell = state === 'completed'
  const why = error?.message ?? stateReason
  const words = `${uid} ${state}${isWell || code === null ? '' : ` with exit code ${code}`}`
  const sign = isWell ? stderr.paint('green', '✓') : stderr.paint('red', '✗')
  stderr.write(`${sign} ${sanitizeForTerminal(isWell || !why ? words : `${words}: ${why}`)}\n`)
  return isWell ? exitCodes.ok.code : code || exitCodes.failed.code
}
