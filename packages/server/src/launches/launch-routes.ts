import {
  joinWords,
  type Launched,
  type LaunchPlan,
  type LaunchSpec,
  limits,
  PilothouseError,
  type Recipe,
} from '@pilothouse/contract'
import { makeUid } from '@pilothouse/fleet'
import type { Handlers, RouteContext } from '../http/route.ts'
import { actorOf } from '../jobs/job-access.ts'
import { isSendable, nameLaunch, planLaunch, type PlanFacts, writeOrder } from './plan-launch.ts'
import { describeFault } from './prepare-launch.ts'

type LaunchRoute =
  | 'targets.list'
  | 'launches.plan'
  | 'launches.create'
  | 'jobs.create'
  | 'launches.get'
  | 'launches.order'
  | 'launches.refresh'
  | 'launches.clean'

export const launchHandlers: Handlers<LaunchRoute> = {
  'targets.list': async ({ resources }) => ({ targets: await resources.targets.list() }),
  'launches.plan': planOnly,
  'launches.create': create,
  'jobs.create': create,
  'launches.get': ({ params, resources }) => resources.storage.call('launches.get', params),
  'launches.order': async ({ params: { uid, order }, caller, resources }) => {
    const launch = await resources.storage.call('launches.order', { uid, order, actor: actorOf(caller) })
    await resources.launches.wake([uid])
    return launch
  },
  'launches.refresh': async ({ params, resources }) => {
    await resources.launches.refresh(params.uid)
    return resources.storage.call('launches.get', params)
  },
  'launches.clean': async ({ params, caller, resources }) => {
    await resources.storage.call('launches.check', { uid: params.uid, actor: actorOf(caller) })
    await resources.launches.clean(params.uid)
    return resources.storage.call('launches.get', params)
  },
}

async function planOnly({ body: { spec, dryRun }, resources }: RouteContext<'launches.plan'>): Promise<LaunchPlan> {
  const facts = await resources.launches.gatherFacts({ spec })
  const plan = planLaunch(spec, facts)
  if (!dryRun || !isSendable(plan) || plan.script === null || facts.target?.kind !== 'slurm')
    return { ...plan, start: null }
  const { target } = await resources.targets.open(spec.target)
  try {
    const found = await target.expectStart(plan.script, writeOrder(spec, nameLaunch(spec), plan.script))
    return { ...plan, start: found && { at: found.startAt, nodes: found.nodes, partition: found.partition } }
  } catch (error) {
    const { words, hint } = describeFault(error)
    const refused = { level: 'error' as const, field: 'target', message: words, hint }
    return { ...plan, problems: [...plan.problems, refused], start: null }
  } finally {
    await target.close()
  }
}

async function create({ body, caller, resources }: RouteContext<'launches.create'>): Promise<Launched> {
  const { spec, script, variants = [[]], array, key } = body
  const facts = await resources.launches.gatherFacts({ spec })
  checkSendable(spec, facts, 'spec.')
  if (array && facts.target?.kind !== 'slurm')
    throw new PilothouseError('invalid', `Only Slurm has job arrays, and «${spec.target}» is no cluster of it.`, {
      field: 'array',
      hint: 'Without «array» they are launched one by one.',
    })
  const name = nameLaunch(spec)
  const group = variants.length > 1 ? `${name}-${makeUid().slice(0, 6)}` : null
  const shared = findShared(variants)
  const launches = variants.map((words, at) => {
    const own = { ...spec, command: [...spec.command, ...words] }
    const named = variants.length > 1 ? `${name} ${at + 1}/${variants.length} ${tellApart(words, shared)}` : name
    return {
      uid: makeUid(),
      name: named.trimEnd().slice(0, limits.nameLengthMax).toWellFormed(),
      project: facts.project?.name ?? 'default',
      kind: spec.kind,
      spec: own,
      recipe: writeRecipe(own, facts),
    }
  })
  const made = await resources.storage.call('launches.create', {
    memberId: caller.memberId,
    key: key ?? null,
    group,
    target: facts.target?.kind ?? 'local',
    script: script ?? null,
    ...(array && variants.length > 1 ? { array: { uid: makeUid(), ...array } } : {}),
    launches,
  })
  await resources.launches.wake(made.jobs.map(({ uid }) => uid))
  return { jobs: made.jobs.map(({ uid }) => ({ uid, page: `/job/${uid}` })), group: made.group }
}

/**
 * @param prefix of the fields that are named
 * @throws PilothouseError `invalid` with the first that keeps it from being sent
 */
export function checkSendable(spec: LaunchSpec, facts: PlanFacts, prefix: string): void {
  const first = planLaunch(spec, facts).problems.find(({ level }) => level === 'error')
  if (!first) return
  const hint = first.hint === null ? {} : { hint: first.hint }
  throw new PilothouseError('invalid', first.message, { field: `${prefix}${first.field}`, ...hint })
}

/** Words that all jobs of a sweep have. */
function findShared([first = [], ...others]: readonly (readonly string[])[]): ReadonlySet<string> {
  return others.reduce((shared, words) => new Set(words.filter((word) => shared.has(word))), new Set(first))
}

/** The words of one job that not all of them have. */
function tellApart(words: readonly string[], shared: ReadonlySet<string>): string {
  const own = words.filter((word) => !shared.has(word))
  return joinWords(own).replaceAll(/[\s\p{Cc}]+/gu, ' ')
}

/** What is known before it runs. */
export function writeRecipe({ command, code }: LaunchSpec, { project }: PlanFacts): Recipe {
  const facts = project?.code
  const commit = code.kind === 'commit' ? code.commit : facts?.commit?.id
  if (!facts || commit === undefined) return { command }
  const dirty = code.kind !== 'commit' && facts.changed + facts.untracked > 0
  return { command, git: { commit, branch: facts.branch, remote: facts.remote?.url ?? null, dirty } }
}
