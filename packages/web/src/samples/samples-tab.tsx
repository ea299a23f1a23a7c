import { useEffect } from 'react'
import type { Job, SampleKey } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { pinsMax } from '../job/job-search.ts'
import { ErrorNotice } from '../ui/notice.tsx'
import { KeyList } from './key-list.tsx'
import { NoSamples } from './no-samples.tsx'
import { SampleHistory } from './sample-history.tsx'
import { SamplePane } from './sample-pane.tsx'
import { placeOfStep } from './sample-steps.ts'
import { StepBar } from './step-bar.tsx'
import { useSampleKeys } from './use-samples.ts'
import { useSampleView, type SampleView } from './use-sample-view.ts'

/** What the job logged beside numbers, browsed through its steps. */
export function SamplesTab({ job, paused }: { job: Job; paused: boolean }) {
  const view = useSampleView()
  const keys = useSampleKeys(job.uid, paused)
  if (!keys.data)
    return keys.error ? <ErrorNotice error={keys.error} onRetry={() => void keys.refetch()} /> : <Skeleton />
  const chosen = keys.data.keys.find(({ key }) => key === view.key) ?? keys.data.keys[0]
  if (!chosen) return <NoSamples job={job} />
  return (
    <div className="grid items-start gap-3 px-4 py-3 sm:px-6 sm:py-4 xl:grid-cols-[224px_minmax(0,1fr)]">
      <div className="flex min-w-0 flex-col gap-3 xl:sticky xl:top-[52px]">
        <KeyList keys={keys.data.keys} chosen={chosen} onKey={view.setKey} />
      </div>
      <div className="flex min-w-0 flex-col gap-3">
        {keys.data.leftOut > 0 ? (
          <p role="status" className="rounded-md bg-warn-soft px-3 py-1.5 text-warn">
            {formatCount(keys.data.leftOut)} samples were left out, because the job is at its bound. Log fewer, or log
            them less often.
          </p>
        ) : null}
        <KeyView key={chosen.key} uid={job.uid} entry={chosen} view={view} />
      </div>
    </div>
  )
}

function KeyView({ uid, entry, view }: { uid: string; entry: SampleKey; view: SampleView }) {
  const { steps } = entry
  const nearest = (step: number): number => steps[placeOfStep(steps, step)] ?? step
  const step = view.step === undefined ? (steps.at(-1) ?? 0) : nearest(view.step)
  const pins = [...new Set(view.pins.map(nearest))].slice(0, pinsMax)
  const canPin = pins.length < pinsMax && !pins.includes(step)
  const setPin = (at: number, to: number): void => view.setPins(pins.map((pin, place) => (place === at ? to : pin)))
  useEffect(() => {
    document.querySelector('[data-samples-top]')?.scrollIntoView({ block: 'nearest' })
  }, [entry.key])
  return (
    <>
      <div data-samples-top className="scroll-mt-12 xl:sticky xl:top-[52px] xl:z-20">
        <StepBar
          steps={steps}
          stepsTotal={entry.stepsTotal}
          step={step}
          follows={view.step === undefined}
          onStep={view.setStep}
          onPin={canPin ? () => view.setPins([...pins, step]) : undefined}
        />
      </div>
      {entry.kinds.includes('histogram') ? (
        <SampleHistory uid={uid} entry={entry} step={step} onStep={view.setStep} />
      ) : null}
      <div
        className={`grid gap-3 ${pins.length === 0 ? '' : 'sm:grid-cols-2 lg:grid-cols-[repeat(var(--panes),minmax(0,1fr))]'}`}
        // Two beside each other on a middling screen, all on a wide one; below each other on a phone.
        style={{ '--panes': Math.min(pins.length + 1, 4) } as React.CSSProperties}
      >
        {pins.map((pin, at) => (
          <SamplePane
            key={pin}
            uid={uid}
            sampleKey={entry.key}
            steps={steps}
            step={pin}
            against={undefined}
            onStep={(next) => setPin(at, next)}
            onClose={() => view.setPins(pins.filter((one) => one !== pin))}
          />
        ))}
        <SamplePane
          uid={uid}
          sampleKey={entry.key}
          steps={steps}
          step={step}
          against={pins[0]}
          isAlone={pins.length === 0}
        />
      </div>
    </>
  )
}

function Skeleton() {
  return (
    <div
      className="waits grid gap-3 px-4 py-3 sm:px-6 sm:py-4 xl:grid-cols-[224px_minmax(0,1fr)]"
      aria-busy="true"
      aria-label="The samples are on their way"
    >
      <div className="h-40 rounded-lg border border-line bg-surface max-xl:h-10" />
      <div className="flex flex-col gap-3">
        <div className="h-10 rounded-lg border border-line bg-surface" />
        <div className="h-72 rounded-lg border border-line bg-surface" />
      </div>
    </div>
  )
}
