import type { AlertCondition } from '@pilothouse/contract'
import { alertLevels, anomalyKinds, watchedStates } from '@pilothouse/contract/wire'
import { anomalyNames } from './rule-templates.ts'
import { CheckList, ChoiceField, NumberField, TextField } from '../ui/fields.tsx'

const minuteMs = 60_000
type Change = (condition: AlertCondition) => void
type Of<Kind extends AlertCondition['kind']> = Extract<AlertCondition, { kind: Kind }>

/** What a condition of each kind asks for. */
export function ConditionFields({ condition, onChange }: { condition: AlertCondition; onChange: Change }) {
  switch (condition.kind) {
    case 'threshold':
      return <ThresholdFields condition={condition} onChange={onChange} />
    case 'change':
      return <ChangeFields condition={condition} onChange={onChange} />
    case 'non-finite':
      return <SeriesFields condition={condition} onChange={onChange} />
    case 'diverging':
      return (
        <>
          <SeriesFields condition={condition} onChange={onChange} />
          <NumberField
            label="Times its best"
            min={1.01}
            value={condition.factor}
            onChange={(factor) => onChange({ ...condition, factor })}
          />
        </>
      )
    case 'anomaly':
      return <AnomalyFields condition={condition} onChange={onChange} />
    case 'silence':
      return (
        <NumberField
          label="For"
          unit="minutes"
          min={0.2}
          value={condition.forMs / minuteMs}
          onChange={(minutes) => onChange({ ...condition, forMs: Math.round(minutes * minuteMs) })}
        />
      )
    case 'state':
      return (
        <CheckList
          label="States"
          values={condition.states}
          choices={watchedStates.map((state) => [state, state] as const)}
          onChange={(states) => onChange({ ...condition, states })}
        />
      )
    case 'epoch':
      return (
        <NumberField
          label="Epochs from one alert to the next"
          min={1}
          value={condition.every}
          onChange={(every) => onChange({ ...condition, every: Math.round(every) })}
        />
      )
    case 'script':
      return (
        <ChoiceField
          label="Of this level, or a higher one"
          value={condition.level}
          choices={alertLevels.map((level) => [level, level] as const)}
          onChange={(level) => onChange({ ...condition, level })}
        />
      )
    default:
      return condition satisfies never
  }
}

type SeriesCondition = Of<'threshold' | 'change' | 'non-finite' | 'diverging' | 'anomaly'>

function SeriesFields({ condition, onChange }: { condition: SeriesCondition; onChange: Change }) {
  return (
    <div className="flex flex-wrap gap-3">
      <TextField
        label="Metric"
        mono
        hint="* stands for any text: *loss*"
        value={condition.key}
        onChange={(key) => onChange({ ...condition, key })}
      />
      <TextField
        label="Source"
        mono
        hint="job, gpu:*, host:*, rank:*, or * for all"
        value={condition.source}
        onChange={(source) => onChange({ ...condition, source })}
      />
    </div>
  )
}

/** Curves have names; GPUs and steps are found without one. */
function AnomalyFields({ condition, onChange }: { condition: Of<'anomaly'>; onChange: Change }) {
  const looksAtCurves = condition.kinds.some((kind) => kind === 'spike' || kind === 'plateau' || kind === 'divergence')
  return (
    <>
      <CheckList
        label="Of these"
        values={condition.kinds}
        choices={anomalyKinds.map((kind) => [kind, anomalyNames[kind]] as const)}
        onChange={(kinds) => onChange({ ...condition, kinds })}
      />
      {looksAtCurves && <SeriesFields condition={condition} onChange={onChange} />}
    </>
  )
}

function ThresholdFields({ condition, onChange }: { condition: Of<'threshold'>; onChange: Change }) {
  return (
    <>
      <SeriesFields condition={condition} onChange={onChange} />
      <div className="flex flex-wrap gap-3">
        <ChoiceField
          label="Is"
          value={condition.is}
          choices={[
            ['above', 'above'],
            ['below', 'below'],
          ]}
          onChange={(is) => onChange({ ...condition, is })}
        />
        <NumberField
          label={condition.of === null ? 'Value' : `% of ${condition.of}`}
          value={condition.value}
          onChange={(value) => onChange({ ...condition, value, clearValue: null })}
        />
        <NumberField
          label="For"
          unit="minutes"
          min={0}
          value={condition.forMs / minuteMs}
          onChange={(minutes) => onChange({ ...condition, forMs: Math.round(minutes * minuteMs) })}
        />
      </div>
      <TextField
        label="Percentage of"
        mono
        hint="Another metric of the same source, such as memory.total; empty: the value itself"
        value={condition.of ?? ''}
        onChange={(of) => onChange({ ...condition, of: of === '' ? null : of })}
      />
    </>
  )
}

function ChangeFields({ condition, onChange }: { condition: Of<'change'>; onChange: Change }) {
  return (
    <>
      <SeriesFields condition={condition} onChange={onChange} />
      <div className="flex flex-wrap gap-3">
        <ChoiceField
          label="It"
          value={condition.direction}
          choices={[
            ['rise', 'rises'],
            ['fall', 'falls'],
          ]}
          onChange={(direction) => onChange({ ...condition, direction })}
        />
        <NumberField
          label="By"
          min={0}
          value={condition.amount}
          onChange={(amount) => onChange({ ...condition, amount })}
        />
        <ChoiceField
          label="In"
          value={condition.relative ? 'relative' : 'absolute'}
          choices={[
            ['relative', 'percent'],
            ['absolute', 'units of the metric'],
          ]}
          onChange={(unit) => onChange({ ...condition, relative: unit === 'relative' })}
        />
        <NumberField
          label="Within"
          unit="minutes"
          min={0.1}
          value={condition.windowMs / minuteMs}
          onChange={(minutes) => onChange({ ...condition, windowMs: Math.round(minutes * minuteMs) })}
        />
      </div>
    </>
  )
}
