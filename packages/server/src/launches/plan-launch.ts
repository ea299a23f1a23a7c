/** What a launch would run and ask for, and what keeps it from being sent. Pure. */
import {
  type ClusterPartition,
  type ClusterSettings,
  type CodeFacts,
  type LaunchPlan,
  type LaunchProblem,
  type LaunchSpec,
  PilothouseError,
  type PartitionList,
  type Project,
  type RateCard,
  type TargetKind,
} from '@pilothouse/contract'
import type { StartOrder } from '@pilothouse/fleet'
import { formatDuration, priceJob, sumParts } from '@pilothouse/signals'
import type { UsedBudget } from '../costs/budget-rows.ts'
import { findRemote } from '../projects/find-remote.ts'
import { renderScript, stripDirective } from './render-script.ts'

export type PlannedTarget = {
  kind: TargetKind
  environment: ClusterSettings['environment']
  /** Text of its template; null: the one that we bring. */
  template: string | null
  /** null: nobody knows them now, or there are none. */
  partitions: PartitionList | null
}

export type PlanFacts = {
  /** null: there is no such target; `known` are the others. */
  target: PlannedTarget | null
  targets: readonly string[]
  /** null: there is no such project; undefined: none is wanted. */
  project: Project | null | undefined
  rates: RateCard | null
  /** That it would fall under. */
  usedBudgets?: readonly UsedBudget[]
}

type Plan = Omit<LaunchPlan, 'start'>

/** Options of sbatch that the run folder depends on. */
const ownOptions = ['chdir', 'output', 'error', 'array', 'wrap', 'parsable', 'test-only', 'open-mode', 'wait', 'input']
const ownShort = ['D', 'o', 'e', 'a', 'W', 'i']

export function planLaunch(spec: LaunchSpec, facts: PlanFacts): Plan {
  const { target, project, rates } = facts
  const problems: LaunchProblem[] = [
    ...checkTarget(spec, facts),
    ...checkCode(spec, facts),
    ...checkVariables(spec),
    ...checkDirectives(spec, target?.kind),
    ...(target?.partitions ? checkResources(spec, target.partitions) : []),
    ...checkSpread(spec, target?.kind),
    ...(facts.usedBudgets ?? []).map(warnOfBudget),
  ]
  const script = target === null ? null : writeScript(spec, target, problems)
  return {
    problems,
    script,
    options: target?.kind === 'slurm' ? spec.directives.map(stripDirective) : [],
    code: project?.code && spec.project !== null ? describeCode(spec, project, target) : null,
    totals: addUp(spec, rates),
  }
}

/** True where nothing keeps it from being sent. */
export function isSendable({ problems }: Pick<LaunchPlan, 'problems'>): boolean {
  return problems.every(({ level }) => level !== 'error')
}

/** What its scheduler is told. */
export function writeOrder(spec: LaunchSpec, name: string, script: string): StartOrder {
  const { nodes, gpus, cpus, tasks, memoryMb, timeLimitMinutes, ...names } = spec.resources
  const { partition = null, account = null, qos = null, reservation = null, constraint = null } = names
  return {
    name,
    resources: {
      partition,
      account,
      qos,
      reservation,
      constraint,
      nodes,
      gpus: gpus ?? null,
      cpusPerTask: cpus ?? null,
      tasksPerNode: tasks ?? null,
      memoryMb: memoryMb ?? null,
      timeLimitMin: timeLimitMinutes ?? null,
    },
    // A template of the site, or an edited script, may ask for more.
    options: [...new Set([...spec.directives.map(stripDirective), ...readDirectives(script)])].flatMap(splitOption),
    requeueable: spec.requeue,
    warnSeconds: spec.warnSeconds,
  }
}

/** The lines of a script that Slurm would read: those before its first command. */
export function readDirectives(script: string): string[] {
  const found: string[] = []
  for (const line of script.split('\n')) {
    if (/^\s*#SBATCH\s/.test(line)) found.push(stripDirective(line.replace(/\s#.*$/, '')))
    else if (!/^\s*(#|$)/.test(line)) break
  }
  return found
}

/** «--mem 4G» is two words to a shell and one option to sbatch. */
function splitOption(line: string): string[] {
  const [, option = line, value] = /^(--?[A-Za-z][\w-]*)\s+(.+)$/.exec(line) ?? []
  if (value === undefined) return [option.replace(/=(["'])(.*)\1$/, '=$2')]
  return option.startsWith('--') ? [`${option}=${value.replace(/^(["'])(.*)\1$/, '$2')}`] : [`${option}${value}`]
}

function checkTarget({ target: name }: LaunchSpec, { target, targets }: PlanFacts): LaunchProblem[] {
  if (target !== null) return []
  return [error('target', `There is no target «${name}».`, `There are ${targets.join(', ')}.`)]
}

function checkCode(spec: LaunchSpec, { project, target }: PlanFacts): LaunchProblem[] {
  if (project === undefined) {
    const within = 'It starts in its run folder: no code is taken along.'
    return spec.within === '' ? [] : [error('within', 'There is no code that this folder could be in.', within)]
  }
  if (project === null) return [error('project', `There is no project ${spec.project ?? ''}.`, 'Choose another one.')]
  if (project.fault !== null && project.code === null)
    return [error('project', `Its code cannot be read: ${project.fault.message}`, project.fault.hint)]
  if (project.code === null)
    return [error('project', 'Its code has not been fetched yet.', 'Wait until that is done, or see why it is not.')]
  const { kind } = spec.code
  const isFolder = project.source?.kind === 'folder'
  if (kind === 'folder' && target !== null && target.kind !== 'local')
    return [error('code', 'The folder itself is on this machine only.', 'Choose a commit, or the folder as it is now.')]
  if (kind === 'folder' && !isFolder)
    return [error('code', 'A project that was fetched has no folder to run in.', 'Choose a commit of it.')]
  if (kind === 'commit' && !project.code.isGit)
    return [error('code', 'The project has no commits: git knows nothing of it.', 'Choose the folder as it is now.')]
  return warnOfChanges(spec, project.code)
}

function warnOfChanges(
  { code: { kind } }: LaunchSpec,
  { isGit, changed, untracked, submodules }: CodeFacts,
): LaunchProblem[] {
  const more =
    submodules.length > 0 && kind !== 'folder'
      ? [warning('code', `Submodules are left out: ${submodules.slice(0, 3).join(', ')}.`, null)]
      : []
  const count = changed + untracked
  if (!isGit || count === 0) return more
  const files = count === 1 ? 'One file differs' : `${count} files differ`
  if (kind === 'commit')
    return [
      warning(
        'code',
        `${files} from the commit and ${count === 1 ? 'is' : 'are'} left behind.`,
        'Take the folder as it is now to have them.',
      ),
      ...more,
    ]
  return [
    warning(
      'code',
      `${files} from the commit and ${count === 1 ? 'is' : 'are'} taken along.`,
      'Commit them, and what ran can be found again.',
    ),
    ...more,
  ]
}

function checkVariables({ environment }: LaunchSpec): LaunchProblem[] {
  return Object.keys(environment)
    .filter((name) => /^(PILOTHOUSE_|SLURM_)/.test(name))
    .map((name) => error(`environment.${name}`, `${name} is set by whoever starts the job.`, 'Leave it out.'))
}

function checkDirectives({ directives }: LaunchSpec, kind: TargetKind | undefined): LaunchProblem[] {
  if (kind !== undefined && kind !== 'slurm' && directives.length > 0)
    return [warning('directives', 'Nothing is scheduled there: these lines have no effect.', null)]
  return directives.flatMap((line, at) => {
    const text = stripDirective(line)
    const [, long, short] = /^(?:--([a-z][\w-]*)|-([A-Za-z]))/.exec(text) ?? []
    if (long === undefined && short === undefined)
      return [error(`directives.${at}`, `«${text}» is no option of sbatch.`, 'Write it as --name=value.')]
    const isOwn = ownOptions.includes(long ?? '') || ownShort.includes(short ?? '')
    return isOwn
      ? [error(`directives.${at}`, `«${text}» would take the job out of its run folder.`, 'Leave it out.')]
      : []
  })
}

function checkSpread({ resources: { nodes }, torchrun }: LaunchSpec, kind: TargetKind | undefined): LaunchProblem[] {
  if (kind === undefined || kind === 'slurm' || nodes === 1) return []
  const hint = torchrun ? 'Choose a cluster, or one node.' : 'Choose one node.'
  return [error('resources.nodes', 'It is one machine, and several nodes are asked for.', hint)]
}

function checkResources({ resources }: LaunchSpec, { partitions, accounts }: PartitionList): LaunchProblem[] {
  const { partition: wanted, account, qos } = resources
  const problems: LaunchProblem[] = []
  const names = partitions.map(({ name }) => name).join(', ')
  const partition =
    wanted === undefined
      ? partitions.find(({ isDefault }) => isDefault)
      : partitions.find(({ name }) => name === wanted)
  if (wanted !== undefined && !partition && !wanted.includes(','))
    problems.push(
      error('resources.partition', `There is no partition «${wanted}» that may be used.`, `There are ${names}.`),
    )
  if (wanted === undefined && !partition)
    problems.push(error('resources.partition', 'The cluster has no default partition.', `Choose one of ${names}.`))
  if (accounts !== null && account !== undefined && !accounts.some((one) => one.account === account)) {
    const known = [...new Set(accounts.map((one) => one.account))].join(', ') || 'none'
    problems.push(error('resources.account', `There is no account «${account}» of yours.`, `Yours: ${known}.`))
  }
  if (partition) problems.push(...checkPartition(resources, partition))
  const allowed = accounts?.filter((one) => account === undefined || one.account === account).flatMap((one) => one.qos)
  if (qos !== undefined && allowed && allowed.length > 0 && !allowed.includes(qos))
    problems.push(
      error(
        'resources.qos',
        `QoS «${qos}» is not one that may be used.`,
        `There are ${[...new Set(allowed)].join(', ')}.`,
      ),
    )
  return problems
}

function checkPartition(resources: LaunchSpec['resources'], partition: ClusterPartition): LaunchProblem[] {
  const { nodes, gpus, account, qos, timeLimitMinutes: minutes } = resources
  const { name, maxTimeSeconds, maxNodes, minNodes, allowedAccounts, deniedAccounts, allowedQos, deniedQos } = partition
  const problems: LaunchProblem[] = []
  const refuse = (field: string, message: string, hint: string): void =>
    void problems.push(error(`resources.${field}`, message, hint))
  if (!partition.canStart)
    problems.push(
      warning(
        'resources.partition',
        `Partition ${name} starts nothing now (${partition.state}).`,
        'The job waits until it does.',
      ),
    )
  // Slurm takes such a job, and never starts it.
  if (minutes !== undefined && maxTimeSeconds !== null && minutes * 60 > maxTimeSeconds)
    refuse(
      'timeLimitMinutes',
      `Partition ${name} lets a job run ${formatDuration(maxTimeSeconds * 1000)} at most.`,
      'Ask for less, or choose another partition.',
    )
  if (maxNodes !== null && nodes > maxNodes)
    refuse('nodes', `A job has at most ${maxNodes} nodes in partition ${name}.`, 'Ask for fewer.')
  else if (nodes > partition.nodes) refuse('nodes', `Partition ${name} has ${partition.nodes} nodes.`, 'Ask for fewer.')
  if (nodes < minNodes) refuse('nodes', `A job has at least ${minNodes} nodes in partition ${name}.`, 'Ask for more.')
  if (account !== undefined && (deniedAccounts.includes(account) || allowedAccounts?.includes(account) === false))
    refuse(
      'account',
      `Account «${account}» may not use partition ${name}.`,
      `Allowed: ${allowedAccounts?.join(', ') ?? 'others'}.`,
    )
  if (qos !== undefined && (deniedQos.includes(qos) || allowedQos?.includes(qos) === false))
    refuse(
      'qos',
      `QoS «${qos}» may not be used in partition ${name}.`,
      `Allowed: ${allowedQos?.join(', ') ?? 'others'}.`,
    )
  if (gpus) problems.push(...checkGpus(gpus, nodes, partition))
  return problems
}

function checkGpus(
  gpus: { type: string | null; count: number },
  nodes: number,
  { name, gpus: rows }: ClusterPartition,
): LaunchProblem[] {
  const has = rows.map((row) => row.type ?? 'GPUs without a type').join(', ')
  if (rows.length === 0) return [error('resources.gpus', `Partition ${name} has no GPUs.`, 'Choose another partition.')]
  const { type, count } = gpus
  const fits = (row: (typeof rows)[number]): boolean =>
    [row.type, ...row.gres].some((one) => one?.toLowerCase() === type?.toLowerCase())
  const fitting = type === null ? rows : rows.filter(fits)
  if (fitting.length === 0)
    return [error('resources.gpus', `Partition ${name} has no «${type ?? ''}».`, `It has ${has}.`)]
  const total = fitting.reduce((sum, row) => sum + row.total, 0)
  const working = fitting.reduce((sum, row) => sum + row.total - row.broken, 0)
  const wanted = count * nodes
  if (wanted > total)
    return [
      error(
        'resources.gpus',
        `${wanted} GPUs are asked for, and partition ${name} has ${total} of them.`,
        'Ask for fewer.',
      ),
    ]
  if (wanted > working)
    return [
      warning(
        'resources.gpus',
        `${wanted} GPUs are asked for, and ${working} of partition ${name} work now.`,
        'The job waits until more do.',
      ),
    ]
  return []
}

function writeScript(spec: LaunchSpec, target: PlannedTarget, problems: LaunchProblem[]): string | null {
  const { kind, environment, template } = target
  const folder = spec.project === null ? null : '«code»'
  try {
    const name = nameLaunch(spec)
    return renderScript({
      spec,
      name,
      uid: '«uid»',
      attempt: 1,
      kind,
      environment,
      template,
      codeFolder: folder,
      sdkFolder: '«sdk»',
      runFolder: '«run»',
    })
  } catch (fault) {
    if (!(fault instanceof PilothouseError)) throw fault
    problems.push(error(fault.field ?? 'template', fault.message, fault.hint))
    return null
  }
}

/** What a job is called that nobody gave a name: its script. */
export function nameLaunch({ name, command }: LaunchSpec): string {
  if (name !== undefined) return name
  const script = command.find((word) => /\.(py|sh)$/.test(word)) ?? command[0] ?? 'job'
  return (
    script
      .split('/')
      .at(-1)
      ?.replace(/\.(py|sh)$/, '')
      .slice(0, 200) || 'job'
  )
}

function describeCode({ code }: LaunchSpec, project: Project, target: PlannedTarget | null): LaunchPlan['code'] {
  const { code: facts } = project
  if (facts === null) return null
  const changed = code.kind === 'commit' ? 0 : facts.changed + facts.untracked
  const isHead = code.kind !== 'commit' || code.commit === facts.commit?.id
  return {
    commit: code.kind === 'commit' ? code.commit : (facts.commit?.id ?? null),
    subject: isHead ? (facts.commit?.subject ?? null) : null,
    branch: isHead ? facts.branch : null,
    changed,
    way: target === null || target.kind === 'local' ? null : describeWay(findRemote(project, code)),
  }
}

function describeWay(remote: ReturnType<typeof findRemote>): string {
  if (typeof remote === 'string') return `as an archive from here, not by git: ${remote}`
  return `by git from ${remote.url}, where the target reaches it and the commit was pushed; else as an archive from here`
}

/** One that stops jobs would stop this one, too, so it is not sent. */
function warnOfBudget({ name, scope, subject, action }: UsedBudget): LaunchProblem {
  const of = subject === null ? 'all jobs' : `${scope} «${subject}»`
  const message = `The budget «${name}» of ${of} is used up.`
  if (action === 'tell')
    return warning('target', message, 'It is sent all the same; an admin sees the budget on the page of costs.')
  return error(
    'target',
    `${message} Jobs within it are stopped.`,
    'An admin can raise the budget, or wait for its next period.',
  )
}

function addUp({ target, resources }: LaunchSpec, rates: RateCard | null): LaunchPlan['totals'] {
  const { nodes, gpus: each, cpus, tasks, memoryMb, timeLimitMinutes } = resources
  const gpus = nodes * (each?.count ?? 0)
  const hours = timeLimitMinutes === undefined ? null : timeLimitMinutes / 60
  const machine = { host: null, gpus: Array.from({ length: each?.count ?? 0 }, () => ({ name: each?.type ?? '' })) }
  const job = { project: '', target, startedAt: null, machines: Array.from({ length: nodes }, () => machine) }
  const parts = rates === null || rates.rates.length === 0 ? null : priceJob(rates.rates, job)
  return {
    gpus,
    cpus: cpus === undefined ? null : nodes * (tasks ?? 1) * cpus,
    memoryMb: memoryMb === undefined ? null : nodes * memoryMb,
    gpuHours: hours === null ? null : gpus * hours,
    cost:
      parts === null || hours === null || rates === null
        ? null
        : { amount: sumParts(parts) * hours, currency: rates.currency },
  }
}

function error(field: string, message: string, hint: string | null): LaunchProblem {
  return { level: 'error', field, message, hint }
}

function warning(field: string, message: string, hint: string | null): LaunchProblem {
  return { level: 'warning', field, message, hint }
}
