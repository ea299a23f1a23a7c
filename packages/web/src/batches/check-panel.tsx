import type { ReactNode } from 'react'
import type { BatchChecked } from '@pilothouse/contract'
import { formatCount, formatDuration } from '@pilothouse/signals'
import { SignFrame } from '../ui/state-sign.tsx'
import { countWords, formatCost, nothing } from './batch-words.ts'
import { FaultTable } from './fault-table.tsx'
import { Panel } from './panel.tsx'

type CheckProps = {
  checked: BatchChecked | undefined
  error: Error | null
  /** What stands here is of other settings, or of a moment ago. */
  isOld: boolean
}

/** What would come of the batch: refused and why, faults line by line, or how long it takes and what it costs. */
export function CheckPanel({ checked, error, isOld }: CheckProps) {
  if (error && !checked)
    return (
      <Panel title="What would come of it">
        <p role="alert" className="px-3 py-3 wrap-anywhere text-bad sm:px-4">
          {error.message}
        </p>
      </Panel>
    )
  if (!checked)
    return (
      <Panel title="What would come of it">
        <p className="px-3 py-6 text-center text-muted sm:px-4">The file is being looked through, line by line.</p>
      </Panel>
    )
  const { faults, refusal, estimate, requests, model } = checked
  return (
    <Panel
      title="What would come of it"
      aside={
        <span className="text-12 text-muted">
          {isOld ? 'being asked again' : faults ? '' : countWords(requests, 'request')}
        </span>
      }
    >
      {refusal === null ? null : (
        <Verdict tone="warn" shape="M7 3v5M7 10.8v.2">
          Not now: {refusal}
        </Verdict>
      )}
      {faults ? (
        <>
          <Verdict tone="bad" shape="M3.6 3.6l6.8 6.8M10.4 3.6l-6.8 6.8">
            {countWords(faults.count, 'fault')}. With them the batch would fail before anything is sent.
          </Verdict>
          <FaultTable faults={faults} />
        </>
      ) : refusal === null ? (
        <Verdict tone="good" shape="M3 7.4l2.8 2.8L11 4.4">
          Every line is fine, and it would be taken{model === null ? '' : ` for ${model}`}.
        </Verdict>
      ) : null}
      {estimate ? <Estimate estimate={estimate} /> : null}
    </Panel>
  )
}

const tones = { good: 'text-good', warn: 'text-warn bg-warn-soft', bad: 'text-bad bg-bad-soft' }

function Verdict({ tone, shape, children }: { tone: keyof typeof tones; shape: string; children: ReactNode }) {
  return (
    <p role="status" className={`flex gap-2 border-b border-line px-3 py-2 last:border-b-0 sm:px-4 ${tones[tone]}`}>
      <span className="pt-[3px]">
        <SignFrame>
          <path d={shape} strokeWidth="1.75" />
        </SignFrame>
      </span>
      <span className="min-w-0 wrap-anywhere">{children}</span>
    </p>
  )
}

type EstimateProps = { estimate: NonNullable<BatchChecked['estimate']> }

function Estimate({ estimate }: EstimateProps) {
  const { durationMs, cost, inputTokens, outputTokens, position, requestsBefore } = estimate
  const figures: [string, string, string][] = [
    ['Time', durationMs === null ? nothing : `about ${formatDuration(durationMs)}`, timeHint(durationMs)],
    ['Cost, at most', formatCost(estimate), cost === null ? 'no engine has a price for it' : ''],
    ['Before it', position === 0 ? 'nothing' : countWords(position, 'batch', 'batches'), beforeHint(requestsBefore)],
    ['Tokens in', `about ${formatCount(inputTokens)}`, ''],
    ['Tokens out', `up to ${formatCount(outputTokens)}`, ''],
  ]
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-3 px-3 py-3 sm:grid-cols-3 sm:px-4">
      {figures.map(([name, value, hint]) => (
        <div key={name} className="flex min-w-0 flex-col">
          <dt className="order-2 text-12 text-muted">{name}</dt>
          <dd className="order-1 text-16 font-medium wrap-anywhere">{value}</dd>
          {hint === '' ? null : <dd className="order-3 text-12 text-faint">{hint}</dd>}
        </div>
      ))}
    </dl>
  )
}

function timeHint(durationMs: number | null): string {
  return durationMs === null ? 'nothing was measured yet' : 'as it went lately'
}

function beforeHint(requests: number): string {
  return requests === 0 ? '' : countWords(requests, 'request')
}
