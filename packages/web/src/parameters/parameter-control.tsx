import { useId } from 'react'
import type { Parameter, ParameterValue } from '@pilothouse/contract'
import { formatExact } from '@pilothouse/signals'
import { formatParameter } from '../commands/describe-command.ts'
import { Button } from '../ui/button.tsx'
import { readDraft } from './draft.ts'
import { makeSliderScale, type SliderScale } from './slider-scale.ts'

type ControlProps = {
  parameter: Parameter
  /** As it stands in the control. */
  input: ParameterValue
  /** What the job would say to it. */
  fault: string | undefined
  onEnter: (input: ParameterValue) => void
  onSettle: () => void
  /** Enter in the field: what is entered is to be sent. */
  onSubmit: () => void
  /** Escape in the field: it is as it was. */
  onDrop: () => void
}

/** What a parameter is changed with: its type decides. */
export function ParameterControl(props: ControlProps) {
  const { parameter, input, onEnter } = props
  switch (parameter.type) {
    case 'switch':
      return (
        <Segments
          name={parameter.key}
          value={input}
          choices={[
            { value: true, name: 'on' },
            { value: false, name: 'off' },
          ]}
          onChoose={onEnter}
        />
      )
    case 'choice':
      return <ChoiceControl parameter={parameter} input={input} onEnter={onEnter} />
    case 'number':
    case 'integer':
      return <NumberControl {...props} />
    default:
      return parameter.type satisfies never
  }
}

type Choice = { value: ParameterValue; name: string }

/** Up to so many choices of so many letters stand side by side; more of them make a list. */
const segmentsMax = 4
const segmentLettersMax = 32

function ChoiceControl({ parameter, input, onEnter }: Pick<ControlProps, 'parameter' | 'input' | 'onEnter'>) {
  const choices = parameter.choices.map((value): Choice => ({ value, name: formatParameter(value) }))
  const letters = choices.reduce((sum, { name }) => sum + name.length, 0)
  if (choices.length <= segmentsMax && letters <= segmentLettersMax)
    return <Segments name={parameter.key} value={input} choices={choices} onChoose={onEnter} />
  return (
    <select
      aria-label={parameter.key}
      value={choices.findIndex(({ value }) => value === input)}
      onChange={({ target }) => {
        const chosen = choices[Number(target.value)]
        if (chosen) onEnter(chosen.value)
      }}
      className={`${fieldClass} w-full max-w-64`}
    >
      {choices.map(({ name }, at) => (
        <option key={name} value={at}>
          {name}
        </option>
      ))}
    </select>
  )
}

type SegmentsProps = {
  name: string
  value: ParameterValue
  choices: readonly Choice[]
  onChoose: (value: ParameterValue) => void
}

/** Radio buttons side by side: one stop of the tab key, arrows choose. */
function Segments({ name, value, choices, onChoose }: SegmentsProps) {
  const group = useId()
  return (
    <div
      role="radiogroup"
      aria-label={name}
      className="flex w-fit max-w-full flex-wrap gap-0.5 rounded-md bg-hover p-0.5"
    >
      {choices.map((choice) => (
        <label
          key={choice.name}
          className="relative flex h-7 pointer-coarse:h-11 cursor-pointer items-center rounded-sm px-3 text-muted transition-colors hover:text-text has-checked:bg-surface has-checked:font-medium has-checked:text-text has-checked:shadow-[0_0_0_1px_var(--line-strong)] has-focus-visible:outline-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            name={group}
            checked={choice.value === value}
            onChange={() => onChoose(choice.value)}
            className="absolute inset-0 size-full cursor-pointer opacity-0"
          />
          {choice.name}
        </label>
      ))}
    </div>
  )
}

const fieldClass =
  'h-8 min-w-0 rounded-md border border-line-strong bg-surface px-2 pointer-coarse:h-11 pointer-coarse:text-16'

function NumberControl({ parameter, input, fault, onEnter, onSettle, onSubmit, onDrop }: ControlProps) {
  const { key, unit } = parameter
  const faultId = useId()
  const scale = makeSliderScale(parameter)
  const value = readDraft(parameter, { input }).value
  const now = typeof value === 'number' ? value : undefined
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1.5">
        {scale ? (
          <Slider parameter={parameter} scale={scale} value={now} onEnter={onEnter} onSettle={onSettle} />
        ) : null}
        <span className="flex items-center gap-1.5">
          <input
            type="text"
            inputMode="decimal"
            autoComplete="off"
            spellCheck={false}
            aria-label={key}
            aria-invalid={fault !== undefined}
            aria-describedby={fault === undefined ? undefined : faultId}
            value={typeof input === 'number' ? formatParameter(input) : String(input)}
            onChange={({ target }) => onEnter(target.value)}
            onBlur={onSettle}
            onKeyDown={({ key: pressed }) => {
              if (pressed === 'Enter') onSubmit()
              if (pressed === 'Escape') onDrop()
            }}
            className={`${fieldClass} w-28 text-right font-mono text-12 aria-invalid:border-bad`}
          />
          {unit === null ? null : <span className="text-muted">{unit}</span>}
        </span>
        {parameter.log ? <Factors parameter={parameter} value={now} onEnter={onEnter} /> : null}
      </div>
      {fault === undefined ? null : (
        <p id={faultId} role="alert" className="text-12 text-bad">
          {fault}
        </p>
      )}
    </div>
  )
}

type SliderProps = Pick<ControlProps, 'parameter' | 'onEnter' | 'onSettle'> & {
  scale: SliderScale
  value: number | undefined
}

function Slider({ parameter, scale, value, onEnter, onSettle }: SliderProps) {
  const { key, min, max, log } = parameter
  return (
    <span className="flex max-w-96 min-w-40 flex-1 flex-col">
      <input
        type="range"
        aria-label={`${key}, slider`}
        aria-valuetext={value === undefined ? undefined : formatExact(value)}
        title={log ? 'Logarithmic: each order of magnitude is as long as another' : undefined}
        min={0}
        max={scale.places}
        step={1}
        value={scale.placeOf(value ?? (typeof parameter.value === 'number' ? parameter.value : 0))}
        onChange={({ target }) => onEnter(formatExact(scale.valueOf(target.valueAsNumber)))}
        onBlur={onSettle}
        className="slider w-full"
      />
      <span aria-hidden className="flex justify-between font-mono text-[11px] leading-3.5 text-faint">
        <span>{formatExact(min ?? 0)}</span>
        <span>{formatExact(max ?? 0)}</span>
      </span>
    </span>
  )
}

const factors = [
  { name: '÷ 10', by: 0.1 },
  { name: '÷ 2', by: 0.5 },
  { name: '× 2', by: 2 },
  { name: '× 10', by: 10 },
] as const

/** What is done most with what is logarithmic. */
function Factors({ parameter, value, onEnter }: Pick<SliderProps, 'parameter' | 'value' | 'onEnter'>) {
  const { key, min, max, type } = parameter
  return (
    <span className="flex gap-0.5" role="group" aria-label={`${key} by a factor`}>
      {factors.map(({ name, by }) => {
        const next = value === undefined ? Number.NaN : Number((value * by).toPrecision(12))
        const isOut = !(next >= (min ?? -Infinity) && next <= (max ?? Infinity))
        const isPart = type === 'integer' && !Number.isInteger(next)
        return (
          <Button
            key={name}
            look="quiet"
            className="px-1.5 text-12"
            disabled={isOut || isPart}
            onClick={() => onEnter(formatExact(next))}
          >
            {name}
          </Button>
        )
      })}
    </span>
  )
}
