/** Goes the way to a cluster over a connection of its own, step by step, and says how far it leads. */
import { hostname } from 'node:os'
import { type ConnectionStep, connectionSteps, type ConnectionTest, type HostKeys } from '@pilothouse/contract'
import {
  readSlurmAccess,
  readSlurmFacts,
  readSshTarget,
  SshError,
  type SshFaultKind,
  type SshTarget,
} from '@pilothouse/fleet'
import { formatCount } from '@pilothouse/signals'
import { describeTrouble } from './describe-trouble.ts'
import { lookAtHostKeys } from './host-keys.ts'
import type { ClusterWay, SshSettings, Ways } from './open-way.ts'

type StepName = ConnectionStep['step']

/** At which step a fault of ssh shows that all before were well. */
const stepsOfFaults: Record<SshFaultKind, StepName> = {
  missing: 'name',
  usage: 'name',
  name: 'name',
  route: 'route',
  refused: 'route',
  closed: 'route',
  other: 'route',
  hostKey: 'hostKey',
  authentication: 'authentication',
  person: 'authentication',
  slow: 'authentication',
  sessions: 'shell',
  shell: 'shell',
}

type Tested = { settings: SshSettings; ways: Ways; signal: AbortSignal }
type Result = { steps: ConnectionStep[]; hostKeys?: HostKeys | null }

export async function testConnection(tested: Tested): Promise<ConnectionTest> {
  const began = performance.now()
  const { steps, hostKeys = null } =
    tested.settings.host === 'local' ? { steps: await testHere(tested) } : await testThere(tested)
  const names = isCluster(tested.settings) ? connectionSteps : connectionSteps.filter((step) => step !== 'slurm')
  const missing = names.filter((step) => !steps.some((one) => one.step === step))
  const all = [...steps, ...missing.map((step) => skip(step, 'Not reached.'))]
  const ok = all.every(({ outcome }) => outcome !== 'failed')
  return { ok, steps: all, hostKeys, tookMs: performance.now() - began }
}

async function testHere(tested: Tested): Promise<ConnectionStep[]> {
  const needless = (['route', 'hostKey', 'authentication'] as const).map((step) => skip(step, 'Needs no ssh.'))
  const steps = [pass('name', `«local» is this machine, ${hostname()}.`), ...needless]
  return testWay(tested, await tested.ways.openWay(tested.settings), steps)
}

async function testThere(tested: Tested): Promise<Result> {
  const { settings, ways, signal } = tested
  let target: SshTarget
  try {
    target = await readSshTarget(ways.toSshOptions(settings))
  } catch (error) {
    return { steps: [fail('name', error, settings)] }
  }
  const isByHand = ways.connections.describe(settings.name).state === 'connected'
  const reached = describePassed(settings.host, target, isByHand)
  try {
    const way = await ways.openWay(settings, signal)
    return { steps: await testWay(tested, way, reached) }
  } catch (error) {
    const step = error instanceof SshError ? stepsOfFaults[error.kind] : 'route'
    const steps = [...reached.slice(0, connectionSteps.indexOf(step)), fail(step, error, settings)]
    if (step !== 'hostKey') return { steps }
    // It has just been there; what it says now is of no more use than that it does not.
    return { steps, hostKeys: await lookAtHostKeys(tested).catch(() => null) }
  }
}

function isCluster(settings: SshSettings): boolean {
  return 'kind' in settings
}

/** What is true of each step once a later one is reached. */
function describePassed(host: string, { hostName, user, port, jump }: SshTarget, isByHand: boolean): ConnectionStep[] {
  const place = `${user}@${hostName}, port ${port}`
  return [
    pass('name', `«${host}» is ${place}${jump === null ? '' : `, by way of ${jump}`}.`),
    pass('route', 'A server of ssh answers there.'),
    pass('hostKey', 'Its host key is the one in known_hosts.'),
    pass('authentication', `It ${isByHand ? `has let «${user}» in` : `lets «${user}» in without asking`}.`),
  ]
}

async function testWay(tested: Tested, way: ClusterWay, steps: readonly ConnectionStep[]): Promise<ConnectionStep[]> {
  try {
    const shell = await testShell(tested, way)
    if (shell.outcome === 'failed') return [...steps, shell]
    return isCluster(tested.settings) ? [...steps, shell, await testSlurm(tested, way)] : [...steps, shell]
  } finally {
    await way.close()
  }
}

async function testShell({ settings, signal }: Tested, { runner }: ClusterWay): Promise<ConnectionStep> {
  try {
    const output = await runner.run('uname -srn', {
      timeoutMs: 20_000,
      outputBytesMax: 64 * 1024,
      mayRepeat: true,
      signal,
    })
    const [system = '', name = '', release = ''] = output.toString().trim().split(/\s+/)
    return pass('shell', `A shell answers on ${name} (${system} ${release}).`)
  } catch (error) {
    return fail('shell', error, settings)
  }
}

async function testSlurm({ settings, signal }: Tested, { runner }: ClusterWay): Promise<ConnectionStep> {
  try {
    const { user, version } = await readSlurmAccess(runner, { signal })
    const { nodes, partitions } = await readSlurmFacts(runner, { signal })
    const counts = `${formatCount(nodes.length)} nodes in ${formatCount(partitions.length)} partitions`
    return pass('slurm', `${version} answers to «${user}»: ${counts}.`)
  } catch (error) {
    return fail('slurm', error, settings)
  }
}

function pass(step: StepName, words: string): ConnectionStep {
  return { step, outcome: 'done', words, hint: null }
}

function skip(step: StepName, words: string): ConnectionStep {
  return { step, outcome: 'skipped', words, hint: null }
}

function fail(step: StepName, error: unknown, settings: SshSettings): ConnectionStep {
  const { message, hint } = describeTrouble(error, settings)
  return { step, outcome: 'failed', words: message, hint }
}
