import type { LaunchPlan, LaunchProblem, LaunchSpecInput, TargetKind } from '@pilothouse/contract'
import { formatBytes, formatCount, formatMoney, formatRelativeTime } from '@pilothouse/signals'
import { useServerNow } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { AreaField } from './field-parts.tsx'
import { useDryRun } from './use-launches.ts'

type PlanProps = {
  plan: LaunchPlan | undefined
  isStale: boolean
  error: Error | null
  spec: LaunchSpecInput | undefined
  /** Jobs that it makes. */
  count: number
  /** Those of them that the script would not take. */
  refused: number
  /** As one job array. */
  array: { atOnce: number | null } | undefined
  kind: TargetKind | undefined
  /** In place of the one that the plan shows. */
  script: string | undefined
  onScript: (script: string | undefined) => void
  isSending: boolean
  /** Those that no field tells of. */
  problems: readonly LaunchProblem[]
}

/** What would run, what it takes, what is wrong with it, and the button that sends it. */
export function PlanPanel({
  plan,
  isStale,
  error,
  spec,
  count,
  refused,
  array,
  kind,
  script,
  onScript,
  isSending,
  problems,
}: PlanProps) {
  const hasErrors = plan?.problems.some(({ level }) => level === 'error') ?? false
  return (
    <aside
      aria-label="What is launched"
      className="flex min-w-0 flex-col rounded-lg border border-line bg-surface lg:sticky lg:top-4"
    >
      <div
        className={`flex flex-col gap-3 px-4 py-3 transition-opacity ${isStale && plan ? 'opacity-70' : ''}`}
        aria-live="polite"
      >
        {plan ? (
          <Facts plan={plan} count={count} array={array} />
        ) : (
          <p className="text-muted">What is launched is shown here, once there is a command.</p>
        )}
        {problems.length > 0 ? (
          <ul aria-label="What to know" className="flex flex-col gap-2">
            {problems.map(({ level, field, message, hint }) => (
              <li
                key={`${field} ${message}`}
                className={`wrap-anywhere ${level === 'error' ? 'text-bad' : 'text-warn'}`}
              >
                {message} {hint === null ? null : <span className="text-muted">{hint}</span>}
              </li>
            ))}
          </ul>
        ) : null}
        {refused > 0 ? (
          <p className="text-warn">
            The script refuses{' '}
            {count === 1 ? 'these arguments' : `${formatCount(refused)} of the ${formatCount(count)} jobs`}.{' '}
            <span className="text-muted">What it says stands with the arguments.</span>
          </p>
        ) : null}
        {kind === 'slurm' && spec && plan && !hasErrors ? <DryRun key={JSON.stringify(spec)} spec={spec} /> : null}
      </div>
      {plan?.script ? <Script script={script} planned={plan.script} onScript={onScript} /> : null}
      <div className="flex flex-col gap-2 border-t border-line px-4 py-3">
        {error ? (
          <p role="alert" className="wrap-anywhere text-bad">
            {error.message}
          </p>
        ) : null}
        <Button type="submit" look="primary" className="justify-center" disabled={isSending || hasErrors}>
          {isSending ? 'Launching …' : count === 1 ? 'Launch' : `Launch ${formatCount(count)} jobs`}
        </Button>
      </div>
    </aside>
  )
}

function Facts({ plan: { totals, code }, count, array }: Pick<PlanProps, 'count' | 'array'> & { plan: LaunchPlan }) {
  const { gpus, cpus, memoryMb, gpuHours, cost } = totals
  const facts: [string, string | null][] = [
    ['Jobs', count === 1 ? null : `${formatCount(count)}${describeArray(array)}. Each takes:`],
    ['Code', code && describeCode(code)],
    ['Comes', code && code.way],
    ['GPUs', gpus === 0 ? 'none asked for' : formatCount(gpus)],
    ['CPUs', cpus === null ? null : formatCount(cpus)],
    ['Memory', memoryMb === null ? null : formatBytes(memoryMb * 1024 ** 2)],
    ['At most', gpuHours === null || gpus === 0 ? null : `${formatCount(Math.round(gpuHours * 10) / 10)} GPU-hours`],
    ['Costs at most', cost && formatMoney(cost.amount, cost.currency)],
  ]
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-0.5">
      {facts.map(([term, words]) =>
        words === null ? null : (
          <div key={term} className="contents">
            <dt className="text-muted">{term}</dt>
            <dd className="min-w-0 wrap-anywhere">{words}</dd>
          </div>
        ),
      )}
    </dl>
  )
}

function describeArray(array: PlanProps['array']): string {
  if (!array) return ''
  const { atOnce } = array
  return `, as one job array${atOnce === null ? '' : `, ${formatCount(atOnce)} at a time`}`
}

function describeCode({ commit, subject, branch, changed }: NonNullable<LaunchPlan['code']>): string {
  if (commit === null) return 'the folder as it is'
  const where = `${branch === null ? '' : `${branch}@`}${commit.slice(0, 7)}`
  const more = changed === 0 ? '' : `, and ${changed === 1 ? 'a changed file' : `${changed} changed files`}`
  return `${where}${subject === null ? '' : ` «${subject}»`}${more}`
}

/** Asked of the scheduler only when somebody wants to know: it costs the cluster something. */
function DryRun({ spec }: { spec: LaunchSpecInput }) {
  const dryRun = useDryRun()
  const now = useServerNow(10_000)
  const { data, error } = dryRun
  const refused = data?.problems.find(({ level }) => level === 'error')
  return (
    <div className="flex flex-col items-start gap-1">
      <Button disabled={dryRun.isPending} onClick={() => dryRun.mutate(spec)}>
        {dryRun.isPending ? 'Asking Slurm …' : 'When would it start?'}
      </Button>
      {error ? <p className="text-bad">{error.message}</p> : null}
      {refused ? (
        <p className="wrap-anywhere text-bad">
          {refused.message} {refused.hint}
        </p>
      ) : null}
      {data?.start ? (
        <p>
          {data.start.at === null || data.start.at <= now ? 'At once' : formatRelativeTime(data.start.at, now)}
          {data.start.nodes.length > 0 ? ` on ${data.start.nodes.join(', ')}` : ''}, by what Slurm knows now.
        </p>
      ) : null}
      {data && !data.start && !refused ? <p className="text-muted">Slurm does not say when.</p> : null}
    </div>
  )
}

function Script({
  script,
  planned,
  onScript,
}: {
  script: string | undefined
  planned: string
  onScript: PlanProps['onScript']
}) {
  return (
    <details className="border-t border-line px-4 py-3" open={script === undefined ? undefined : true}>
      <summary className="touchable cursor-pointer text-muted">
        Script{script === undefined ? '' : ', changed by hand'}
      </summary>
      <div className="flex flex-col gap-2 pt-2">
        {script === undefined ? (
          <>
            <pre
              tabIndex={0}
              aria-label="Script"
              className="max-h-72 overflow-auto rounded-md bg-sunken px-2 py-1.5 font-mono text-12"
            >
              {planned}
            </pre>
            <Button className="self-start" onClick={() => onScript(planned)}>
              Change it
            </Button>
          </>
        ) : (
          <>
            <AreaField
              label="Script"
              rows={12}
              value={script}
              hint="«code», «sdk», «run» and «uid» become places over there. Fields that change afterwards do not change it"
              fault={undefined}
              onChange={onScript}
            />
            <Button className="self-start" onClick={() => onScript(undefined)}>
              Back to the template's
            </Button>
          </>
        )}
      </div>
    </details>
  )
}
