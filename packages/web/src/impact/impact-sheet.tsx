import { Fragment, useId, useState } from 'react'
import type { Impact, ImpactVerdict, Job, ParameterChange } from '@pilothouse/contract'
import { formatCount, formatValue } from '@pilothouse/signals'
import { formatParameter } from '../commands/describe-command.ts'
import { Button } from '../ui/button.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { ImpactChart } from './impact-chart.tsx'
import { listImpactMetrics, type ImpactMetric } from './list-impact-metrics.ts'
import { useImpact, useLatestOf } from './use-impact.ts'

type SheetProps = {
  job: Job
  /** Id of the change, and all that is known of it. */
  id: number
  change: ParameterChange | undefined
  onClose: () => void
}

/** What a change of a parameter did to a metric, against what was to be expected from before it. */
export function ImpactSheet({ job, id, change, onClose }: SheetProps) {
  const latest = useLatestOf(job.uid, change?.branch)
  const metrics = listImpactMetrics(job, latest.data ?? [], change?.key)
  const [chosen, setChosen] = useState<string>()
  const [before, setBefore] = useState<number>()
  const [after, setAfter] = useState<number>()
  const metric = chosen ?? metrics[0]?.key
  const found = useImpact(job, { id, metric, before, after })
  return (
    <Sheet open title={change ? `What the change of ${change.key} did` : 'What the change did'} onClose={onClose}>
      <div className="flex flex-col gap-4 px-4 py-3 sm:px-6 sm:py-4">
        {change ? <ChangeWords change={change} /> : null}
        {latest.data && metrics.length === 0 ? (
          <p className="text-muted">The job has logged no metric yet, so there is nothing to see an effect in.</p>
        ) : (
          <form
            className="grid grid-cols-2 gap-3 sm:grid-cols-[minmax(0,1fr)_auto_auto]"
            onSubmit={(event) => event.preventDefault()}
          >
            <MetricChoice metrics={metrics} value={metric} onChoose={setChosen} />
            <WindowField label="Before, steps" value={before} onSettle={setBefore} />
            <WindowField label="After, steps" value={after} onSettle={setAfter} />
          </form>
        )}
        {found.error ? (
          <p role="alert" className="wrap-anywhere text-muted">
            {found.error.message}
          </p>
        ) : null}
        {metric !== undefined && found.isPending ? <Waits /> : null}
        {found.data && !found.error ? <Found impact={found.data} /> : null}
        {found.data ? (
          <Button className="self-start" disabled={found.isFetching} onClick={() => void found.refetch()}>
            Measure again
          </Button>
        ) : null}
        <SmallPrint />
      </div>
    </Sheet>
  )
}

function ChangeWords({ change: { old, value, step, by, note } }: { change: ParameterChange }) {
  return (
    <div className="flex flex-col gap-0.5">
      <p className="wrap-anywhere">
        <span className="font-mono">
          {old === null ? '' : `${formatParameter(old)} → `}
          <span className="font-medium">{formatParameter(value)}</span>
        </span>
        <span className="text-muted">
          {step === null ? '' : ` at step ${formatCount(step)}`}
          {by === null ? '' : `, ${by.name}`}
        </span>
      </p>
      {note === null ? null : <p className="wrap-anywhere text-muted">«{note}»</p>}
    </div>
  )
}

const fieldClass =
  'h-8 min-w-0 rounded-md border border-line-strong bg-surface px-2 pointer-coarse:h-11 pointer-coarse:text-16'

type ChoiceProps = {
  metrics: readonly ImpactMetric[]
  value: string | undefined
  onChoose: (key: string) => void
}

function MetricChoice({ metrics, value, onChoose }: ChoiceProps) {
  return (
    <label className="col-span-2 flex min-w-0 flex-col gap-1 sm:col-span-1">
      <span className="text-12 text-muted">Metric</span>
      <select value={value ?? ''} onChange={({ target }) => onChoose(target.value)} className={fieldClass}>
        {metrics.map(({ key, goal }) => (
          <option key={key} value={key}>
            {key}
            {goal === null ? '' : ` (${goal} is better)`}
          </option>
        ))}
      </select>
    </label>
  )
}

type WindowProps = { label: string; value: number | undefined; onSettle: (steps: number | undefined) => void }

/** A number of steps, or nothing; it counts when entering is over. */
function WindowField({ label, value, onSettle }: WindowProps) {
  const [text, setText] = useState(value === undefined ? '' : String(value))
  const faultId = useId()
  const isBad = text.trim() !== '' && !(Number(text) > 0)
  const settle = (): void => {
    if (!isBad) onSettle(text.trim() === '' ? undefined : Number(text))
  }
  return (
    <div className="flex flex-col gap-1">
      <label className="flex flex-col gap-1">
        <span className="text-12 text-muted">{label}</span>
        <input
          type="text"
          inputMode="numeric"
          autoComplete="off"
          placeholder="auto"
          value={text}
          aria-invalid={isBad}
          aria-describedby={isBad ? faultId : undefined}
          onChange={({ target }) => setText(target.value)}
          onBlur={settle}
          onKeyDown={({ key }) => (key === 'Enter' ? settle() : undefined)}
          className={`${fieldClass} w-full font-mono text-12 aria-invalid:border-bad sm:w-28`}
        />
      </label>
      {isBad ? (
        <span id={faultId} role="alert" className="text-12 text-bad">
          More than 0, or empty
        </span>
      ) : null}
    </div>
  )
}

const signs: Record<ImpactVerdict, { sign: string; tone: string; name: string }> = {
  better: { sign: '↗', tone: 'text-good', name: 'better' },
  worse: { sign: '↘', tone: 'text-bad', name: 'worse' },
  changed: { sign: '≠', tone: 'text-text', name: 'changed' },
  none: { sign: '=', tone: 'text-muted', name: 'no clear effect' },
  tooNoisy: { sign: '~', tone: 'text-warn', name: 'too noisy' },
  tooEarly: { sign: '…', tone: 'text-muted', name: 'too early' },
  tooShort: { sign: '–', tone: 'text-muted', name: 'too short' },
}

function Found({ impact }: { impact: Impact }) {
  const { verdict, words, remarks, effect, before, after, nonFinite } = impact
  const { sign, tone, name } = signs[verdict]
  return (
    <section aria-label="Effect" data-verdict={verdict} className="flex flex-col gap-3">
      <div role="status" className="flex flex-col gap-1">
        <p className={`text-14 font-semibold ${tone}`}>
          <span aria-hidden>{sign} </span>
          {name}
        </p>
        <p className="wrap-anywhere">{words}</p>
      </div>
      <ImpactChart impact={impact} />
      {effect ? <EffectTable effect={effect} /> : null}
      <p className="text-12 text-muted">
        Looked at {formatCount(before.points)} values before, from step {formatCount(before.from)} to{' '}
        {formatCount(before.to)}, and {formatCount(after.points)} after
        {after.points === 0 ? '' : `, from step ${formatCount(after.from)} to ${formatCount(after.to)}`}.
        {nonFinite.before + nonFinite.after > 0
          ? ` ${formatCount(nonFinite.before + nonFinite.after)} are NaN or infinite and left out.`
          : ''}
      </p>
      {remarks.length > 0 ? (
        <ul aria-label="Remarks" className="flex flex-col gap-1 text-12 text-muted">
          {remarks.map((remark) => (
            <li key={remark} className="wrap-anywhere">
              {remark}
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  )
}

function EffectTable({ effect }: { effect: NonNullable<Impact['effect']> }) {
  const rows = [
    { name: 'Whole window', of: effect.mean },
    { name: 'Its last third', of: effect.end },
  ]
  return (
    <div role="group" aria-label="Size of the effect, scrolls sideways" tabIndex={0} className="overflow-x-auto">
      <table aria-label="Size of the effect" className="w-full border-collapse text-right whitespace-nowrap">
        <thead className="text-12 text-muted">
          <tr>
            {['Mean of', 'Expected', 'Came', 'Difference', '%', '95 % limits'].map((head) => (
              <th
                key={head}
                scope="col"
                className="px-2 py-1 font-normal first:pl-0 first:text-left last:pr-0 max-sm:px-1 max-sm:last:hidden"
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="font-mono text-12">
          {rows.map(({ name, of }) => (
            <Fragment key={name}>
              <tr className="border-t border-line">
                <th scope="row" className="py-1 pr-2 text-left font-sans font-normal">
                  {name}
                </th>
                <td className="px-2 py-1 max-sm:px-1">{formatValue(of.expected)}</td>
                <td className="px-2 py-1 max-sm:px-1">{formatValue(of.actual)}</td>
                <td className="px-2 py-1 font-medium max-sm:px-1">{formatSigned(of.absolute)}</td>
                <td className="py-1 pl-2 max-sm:pl-1 sm:pr-2">
                  {of.relative === null ? '–' : formatSigned(roundPercent(of.relative))}
                </td>
                <td className="py-1 pl-2 max-sm:hidden">{formatLimits(of)}</td>
              </tr>
              <tr className="text-muted sm:hidden">
                <td colSpan={5} className="pb-1">
                  <span className="font-sans">95 % limits</span> {formatLimits(of)}
                </td>
              </tr>
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function formatLimits({ lower, upper }: { lower: number; upper: number }): string {
  return `${formatSigned(lower)} … ${formatSigned(upper)}`
}

function roundPercent(share: number): number {
  return Number((share * 100).toPrecision(2))
}

function formatSigned(value: number): string {
  if (value === 0) return '0'
  return `${value > 0 ? '+' : '−'}${formatValue(Math.abs(value))}`
}

/** What such a figure can tell, and what it cannot. */
function SmallPrint() {
  return (
    <p className="border-t border-line pt-3 text-12 text-faint">
      A forecast from before the change; other causes at the same time cannot be told apart. Whoever looks at many
      metrics, or again and again, will sometime see an effect by chance: about one look in thirty. How it is reckoned
      and how often it is wrong stands in the guide «What a change of a parameter did».
    </p>
  )
}

function Waits() {
  return (
    <div className="waits flex flex-col gap-3" aria-busy="true" aria-label="It is being measured">
      <div className="h-10 rounded-lg bg-hover" />
      <div className="h-56 rounded-lg bg-hover" />
    </div>
  )
}
