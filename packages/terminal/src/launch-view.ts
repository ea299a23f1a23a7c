/** Launches: where jobs can run, what one would ask for, how far it is, how it was launched. */
import type { Job, Launch, LaunchPlan, LaunchProblem, LaunchSpec, LaunchStep, LaunchTarget } from '@pilothouse/contract'
import { joinWords } from '@pilothouse/contract/wire'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatMoney,
  formatRelativeTime,
  sanitizeForTerminal,
  shortenCommit,
} from '@pilothouse/signals'
import type { Paint, PaintStyle } from './paint.ts'
import { type Column, viewTable } from './table.ts'

type View = { paint: Paint; now: number }

const targetColumns: readonly Column[] = [{ title: 'NAME' }, { title: 'KIND' }, { title: 'WHERE', elastic: true }]

/** Where jobs can run, as a table. */
export function viewTargets(targets: readonly LaunchTarget[], { paint, width }: { paint: Paint; width: number }) {
  const rows = targets.map(({ name, kind, host }) => [
    { text: sanitizeForTerminal(name) },
    { text: kind },
    { text: host === null ? 'the machine of the control room' : sanitizeForTerminal(host) },
  ])
  const [head = '', ...lines] = viewTable(targetColumns, rows, width)
  return [paint('dim', head), ...lines]
}

/** What keeps a launch from being sent, or is worth knowing before. */
export function viewProblems(problems: readonly LaunchProblem[], paint: Paint): string[] {
  return problems.map(({ level, message, hint }) => {
    const sign = level === 'error' ? paint('red', '✗') : paint('yellow', '!')
    return `${sign} ${sanitizeForTerminal([message, hint].filter(Boolean).join(' '))}`
  })
}

/** Jobs of a sweep whose words are shown. */
const shownMax = 8

type PlanView = View & {
  spec: LaunchSpec
  project: string | null
  /** Words that each job adds. */
  variants: readonly (readonly string[])[]
  /** As one job array, so many at a time; true: as many as there is room for. */
  array?: number | true | undefined
}

/** What a launch would run and ask for, so many times over. */
export function viewPlan(
  { problems, code, totals, start, script }: LaunchPlan,
  { spec, project, variants, array, paint, now }: PlanView,
): string[] {
  const jobs = variants.length
  const rows: [string, string | null][] = [
    ['Target', spec.target],
    ['Jobs', jobs === 1 ? null : `${formatCount(jobs)}${describeArray(array)}`],
    ['Code', describeCode(code, project)],
    ['Comes', code?.way ?? null],
    ['Folder', spec.within === '' ? null : spec.within],
    ['Command', joinWords(spec.command)],
    ...(jobs === 1 ? [] : listVariants(variants)),
    [jobs === 1 ? 'Asks for' : 'Each asks for', describeTotals(totals, spec)],
    ['All of them', jobs === 1 ? null : describeSum(totals, jobs)],
    ['Start', start === null ? null : describeStart(start, now)],
  ]
  return [
    ...viewRows(rows, paint),
    ...viewProblems(problems, paint),
    ...(script === null ? [] : [paint('dim', 'Script:'), ...viewScript(script)]),
  ]
}

function describeArray(array: number | true | undefined): string {
  if (array === undefined) return ''
  return `, as one job array${array === true ? '' : `, ${formatCount(array)} at a time`}`
}

function listVariants(variants: readonly (readonly string[])[]): [string, string][] {
  const shown = variants.slice(0, shownMax).map((words): [string, string] => ['', `… ${joinWords(words)}`])
  const more = variants.length - shown.length
  return more === 0 ? shown : [...shown, ['', `and ${formatCount(more)} more`]]
}

function viewScript(script: string): string[] {
  return script.trimEnd().split('\n').map(sanitizeForTerminal)
}

function viewRows(rows: readonly (readonly [string, string | null])[], paint: Paint): string[] {
  const shown = rows.filter((row): row is [string, string] => row[1] !== null)
  const width = Math.max(...shown.map(([name]) => name.length))
  return shown.map(([name, text]) => `${paint('dim', name.padEnd(width))}  ${sanitizeForTerminal(text)}`)
}

/** Which code a launch takes along. */
export function viewLaunchCode({ code }: LaunchPlan, project: string | null): string {
  return sanitizeForTerminal(`Code: ${describeCode(code, project)}`)
}

function describeCode(code: LaunchPlan['code'], project: string | null): string {
  if (project === null) return 'none'
  if (code === null) return project
  const { commit, branch, subject, changed } = code
  if (commit === null) return `${project}, without a commit`
  const head = `${project}: ${branch === null ? '' : `${branch} @ `}${shortenCommit(commit)}`
  return [
    `${head}${subject === null ? '' : ` «${subject}»`}`,
    ...(changed === 0 ? [] : [`and ${countOf(changed, 'file')} that ${changed === 1 ? 'differs' : 'differ'}`]),
  ].join(' ')
}

function describeTotals({ gpus, cpus, memoryMb, gpuHours, cost }: LaunchPlan['totals'], spec: LaunchSpec): string {
  const { nodes, gpus: each, timeLimitMinutes } = spec.resources
  const type = each?.type ? ` ${each.type}` : ''
  const parts = [
    countOf(nodes, 'node'),
    gpus === 0 ? null : `${formatCount(gpus)}${type} GPU${gpus === 1 ? '' : 's'}`,
    cpus === null ? null : countOf(cpus, 'CPU'),
    memoryMb === null ? null : `${formatBytes(memoryMb * 1024 ** 2)} of memory`,
    timeLimitMinutes === undefined ? null : `for ${formatDuration(timeLimitMinutes * 60_000)}`,
  ]
  return [parts.filter(Boolean).join(', '), describeSpending(gpuHours, cost, 1)].filter(Boolean).join('; ')
}

function describeSum({ gpus, gpuHours, cost }: LaunchPlan['totals'], jobs: number): string | null {
  const most = gpus === 0 ? null : `${formatCount(gpus * jobs)} GPUs if all run at once`
  return [most, describeSpending(gpuHours, cost, jobs)].filter(Boolean).join('; ') || null
}

function describeSpending(
  gpuHours: LaunchPlan['totals']['gpuHours'],
  cost: LaunchPlan['totals']['cost'],
  times: number,
): string {
  const hours = gpuHours === null || gpuHours === 0 ? null : `${Math.round(gpuHours * times * 10) / 10} GPU hours`
  const most = cost === null ? null : `${formatMoney(cost.amount * times, cost.currency)} at most`
  return [hours, most].filter(Boolean).join(', ')
}

function describeStart({ at, nodes, partition }: NonNullable<LaunchPlan['start']>, now: number): string {
  const when = at === null ? 'Slurm does not say when' : `${describeTime(at)} (${formatRelativeTime(at, now)})`
  const where = [
    partition === null ? null : `in partition ${partition}`,
    nodes.length === 0 ? null : `on ${nodes.join(', ')}`,
  ]
  return [when, ...where].filter(Boolean).join(' ')
}

function describeTime(at: number): string {
  return new Date(at).toLocaleString('sv-SE')
}

function countOf(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`
}

const stepNames: Record<LaunchStep['step'], string> = {
  check: 'Check',
  code: 'Code',
  sdk: 'SDK',
  folder: 'Folder',
  submit: 'Submit',
  start: 'Start',
}
const stepSigns: Record<LaunchStep['state'], { sign: string; style: PaintStyle }> = {
  waiting: { sign: '○', style: 'dim' },
  active: { sign: '◌', style: 'cyan' },
  done: { sign: '✓', style: 'green' },
  skipped: { sign: '·', style: 'dim' },
  failed: { sign: '✗', style: 'red' },
}

/** One step on the way to a job that runs. */
export function viewLaunchStep({ step, state, words, hint }: LaunchStep, paint: Paint): string {
  const { sign, style } = stepSigns[state]
  const text = [words, hint].filter(Boolean).join(' ')
  return `${paint(style, sign)} ${stepNames[step].padEnd(6)} ${sanitizeForTerminal(text)}`.trimEnd()
}

const stateWords: Record<Launch['state'], string> = {
  preparing: 'being sent',
  following: 'under way',
  over: 'over',
  failed: 'not launched',
}

/** How a job was launched, and how it stands there. */
export function viewLaunch(launch: Launch, { job, paint, now }: View & { job: Job }): string[] {
  const { spec, target, folder, slurmId, nodes, position, expectedStartAt, restarts, scriptBy, orders } = launch
  const queue = [
    position === null ? null : `number ${position}`,
    expectedStartAt === null ? null : `expected to start ${describeTime(expectedStartAt)}`,
    launch.reason,
  ].filter(Boolean)
  const rows: [string, string | null][] = [
    ['Job', `${launch.uid}, ${launch.state === 'over' ? describeEnd(job) : stateWords[launch.state]}`],
    ['Target', target.name],
    ['Command', joinWords(spec.command)],
    ['Folder', folder === null ? null : `${folder}${launch.isKept ? '' : ' (removed)'}`],
    ['Slurm', slurmId],
    ['Nodes', nodes.length === 0 ? null : nodes.join(', ')],
    ['Queue', queue.length === 0 ? null : queue.join('; ')],
    ['Restarts', restarts === 0 ? null : formatCount(restarts)],
    ...job.attempts.flatMap(describeEarlier),
    ['Script', scriptBy === null ? null : `written by ${scriptBy.name}`],
    ['Can be told', orders.length === 0 ? null : orders.join(', ')],
  ]
  return [
    ...viewRows(rows, paint),
    ...launch.steps.map((step) => viewLaunchStep(step, paint)),
    ...viewTrouble(launch, { paint, now }),
  ]
}

function describeEnd({ state, errorMessage, diagnosis }: Job): string {
  const why = [errorMessage, diagnosis].filter(Boolean).join(' ')
  return why === '' ? state : `${state}: ${why}`
}

/** How an attempt ended that another one follows. */
function describeEarlier(
  { number, state, exitCode, reason }: Job['attempts'][number],
  at: number,
  all: Job['attempts'],
): [string, string][] {
  if (at === all.length - 1) return []
  const how = exitCode === null ? state : `${state} with exit code ${exitCode}`
  return [[`Attempt ${number}`, reason === null ? how : `${how}: ${reason}`]]
}

/** Why nobody knows how it stands, or why it did not do what it was told. */
export function viewTrouble(
  { trouble, unknownSince, target }: Pick<Launch, 'trouble' | 'unknownSince' | 'target'>,
  { paint, now }: View,
): string[] {
  if (trouble === null) return []
  const since =
    unknownSince === null ? '' : `${target.name} has not answered since ${formatRelativeTime(unknownSince, now)}: `
  return [`${paint('yellow', '!')} ${sanitizeForTerminal(`${since}${trouble.message} ${trouble.hint}`.trimEnd())}`]
}
