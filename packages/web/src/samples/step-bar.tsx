import { useEffect, useId, useRef, useState } from 'react'
import { formatCount } from '@pilothouse/signals'
import { ChevronLeft, ChevronRight, Pause, Pin, Play, Radio } from 'lucide-react'
import { bindKeys } from '../app/shortcuts.ts'
import { Button } from '../ui/button.tsx'
import { formatStep } from './format-step.ts'
import { moveStep, placeOfStep } from './sample-steps.ts'

/** Pace of playing, ms a step. */
const playEveryMs = 600

export type StepBarProps = {
  steps: readonly number[]
  stepsTotal: number
  /** The step in sight. */
  step: number
  /** True while the newest step is shown, whatever comes. */
  follows: boolean
  onStep: (step: number | undefined) => void
  /** Absent when no more steps fit side by side, or this one is there already. */
  onPin: (() => void) | undefined
}

/** The way through the steps: slider, neighbours, a number to type, playing, and following what comes. */
export function StepBar({ steps, stepsTotal, step, follows, onStep, onPin }: StepBarProps) {
  const place = placeOfStep(steps, step)
  const last = steps.length - 1
  const move = (by: number): void => onStep(moveStep(steps, step, by))
  const [playing, setPlaying] = usePlaying(place < last, () => move(1))
  useStepKeys(move)
  return (
    <div
      role="group"
      aria-label="Steps"
      className="flex flex-wrap items-center gap-x-1.5 gap-y-1 rounded-lg sm:gap-x-2 border border-line bg-surface py-1.5 pr-1.5 pl-3"
    >
      <StepField steps={steps} step={step} onStep={onStep} />
      <span className="text-12 whitespace-nowrap text-faint">
        {formatCount(place + 1)} of {formatCount(steps.length)}
        {stepsTotal > steps.length ? (
          <span title={`${formatCount(stepsTotal)} steps have samples; the slider walks through these.`}>
            , {formatCount(stepsTotal)} in all
          </span>
        ) : null}
      </span>
      <div className="order-last flex h-7 min-w-0 basis-full items-center gap-1 sm:order-none sm:flex-1 sm:basis-40 sm:px-1">
        <Button
          look="quiet"
          square
          aria-label="Previous step"
          title="Previous step (←)"
          disabled={place === 0}
          onClick={() => move(-1)}
        >
          <ChevronLeft size={16} aria-hidden />
        </Button>
        <input
          type="range"
          aria-label="Step"
          aria-valuetext={`step ${formatStep(step)}, ${place + 1} of ${steps.length}`}
          min={0}
          max={Math.max(0, last)}
          step={1}
          value={place}
          disabled={last === 0}
          onChange={(event) => onStep(steps[Number(event.target.value)])}
          className="h-7 min-w-0 flex-1 accent-(--accent)"
        />
        <Button
          look="quiet"
          square
          aria-label="Next step"
          title="Next step (→)"
          disabled={place === last}
          onClick={() => move(1)}
        >
          <ChevronRight size={16} aria-hidden />
        </Button>
      </div>
      <div className="ml-auto flex items-center gap-1">
        <Button
          look="quiet"
          square
          aria-label={playing ? 'Stop playing' : 'Play through the steps'}
          title={playing ? 'Stop playing' : 'Play through the steps'}
          disabled={last === 0}
          onClick={() => {
            if (!playing && place === last) onStep(steps[0])
            setPlaying(!playing)
          }}
        >
          {playing ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />}
        </Button>
        <Button
          look="quiet"
          aria-pressed={follows}
          title="Show the newest step as it comes"
          onClick={() => onStep(follows ? step : undefined)}
        >
          <Radio size={14} aria-hidden /> Latest
        </Button>
        <Button
          look="quiet"
          disabled={!onPin}
          title={
            onPin ? 'Keep this step in sight beside the next ones' : 'This step is in sight already, or no more fit'
          }
          onClick={onPin}
        >
          <Pin size={14} aria-hidden /> <span className="max-sm:sr-only">Pin</span>
          <span className="sr-only"> this step</span>
        </Button>
      </div>
    </div>
  )
}

/** The number of the step, to read and to type: Enter goes to the last that was logged at or before it. */
function StepField({ steps, step, onStep }: Pick<StepBarProps, 'steps' | 'step' | 'onStep'>) {
  const id = useId()
  const [draft, setDraft] = useState<string>()
  const submit = (): void => {
    const wanted = Number(draft?.replaceAll(/[\s\u202f,]/g, ''))
    setDraft(undefined)
    if (draft !== undefined && draft.trim() !== '' && Number.isFinite(wanted)) onStep(steps[placeOfStep(steps, wanted)])
  }
  return (
    <span className="flex items-center gap-1.5">
      <label htmlFor={id} className="text-faint">
        step
      </label>
      <input
        id={id}
        inputMode="decimal"
        value={draft ?? formatStep(step)}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={submit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') submit()
          if (event.key === 'Escape') setDraft(undefined)
        }}
        className="h-7 w-16 rounded-md border border-line bg-surface px-2 font-medium hover:border-line-strong pointer-coarse:h-9 pointer-coarse:text-16"
      />
    </span>
  )
}

/** Moves on at its pace until the last step, or until it is stopped. */
function usePlaying(hasNext: boolean, next: () => void): [boolean, (playing: boolean) => void] {
  const [playing, setPlaying] = useState(false)
  const go = useRef(next)
  useEffect(() => {
    go.current = next
  })
  useEffect(() => {
    if (!playing) return undefined
    const timer = setInterval(() => go.current(), playEveryMs)
    return () => clearInterval(timer)
  }, [playing])
  useEffect(() => {
    if (!hasNext) setPlaying(false)
  }, [hasNext])
  return [playing, setPlaying]
}

function useStepKeys(move: (by: number) => void): void {
  useEffect(() =>
    bindKeys(({ key, shiftKey }) => {
      if (key === 'ArrowLeft') move(shiftKey ? -10 : -1)
      else if (key === 'ArrowRight') move(shiftKey ? 10 : 1)
      else return false
      return true
    }),
  )
}
