import { useState } from 'react'
import type { PolicyAnswer } from '@pilothouse/contract'
import { formatBytes, formatCount } from '@pilothouse/signals'
import { Button } from '../ui/button.tsx'

type OutcomeProps = {
  answer: PolicyAnswer
  /** Rules that are not set yet. */
  isTried: boolean
  /** What it says is of the rules before; others are being worked out. */
  isOld?: boolean
}

/** What rules make of the checkpoints that there are: which go, which stay, and why. */
export function PolicyOutcome({ answer: { decisions }, isTried, isOld = false }: OutcomeProps) {
  const going = decisions.filter(({ keep }) => !keep)
  const staying = decisions.filter(({ keep }) => keep)
  const bytes = going.reduce((sum, one) => sum + one.bytes, 0)
  if (decisions.length === 0)
    return <p className="text-muted">There is no checkpoint yet that rules could decide on.</p>
  return (
    <section
      aria-label={isTried ? 'What these rules would do' : 'What the rules do'}
      aria-busy={isOld}
      className={`flex flex-col gap-2 transition-opacity ${isOld ? 'opacity-60' : ''}`}
    >
      <p role="status" className="font-medium">
        {going.length === 0
          ? 'None goes.'
          : `${countThem(going.length)} ${isTried ? 'would go' : 'will go with the next one'}: ${formatBytes(bytes)} freed.`}{' '}
        <span className="font-normal text-muted">
          {countThem(staying.length)} {staying.length === 1 ? 'stays' : 'stay'}.
        </span>
      </p>
      {going.length > 0 ? <Decisions name="Go" decisions={going} /> : null}
      <Decisions name="Stay" decisions={staying} />
    </section>
  )
}

/** More than these are shown when somebody asks. */
const shownMax = 50

function Decisions({ name, decisions }: { name: string; decisions: PolicyAnswer['decisions'] }) {
  const [isLong, setLong] = useState(false)
  const shown = isLong ? decisions : decisions.slice(0, shownMax)
  return (
    <div className="rounded-lg border border-line">
      <h3 className="px-3 py-1 text-12 text-muted">
        {name} <span className="text-faint">{formatCount(decisions.length)}</span>
      </h3>
      <ul aria-label={name}>
        {shown.map(({ id, name: one, step, bytes, keep, words }) => (
          <li
            key={id}
            data-decision={keep ? 'stay' : 'go'}
            className="flex flex-wrap items-baseline gap-x-3 border-t border-line px-3 py-1"
          >
            <span className="max-w-full min-w-0 flex-1 basis-40 truncate font-medium" title={one}>
              {one} <span className="font-normal text-muted">step {formatCount(step)}</span>
            </span>
            <span
              className={`min-w-0 wrap-anywhere max-sm:order-last max-sm:w-full ${keep ? 'text-muted' : 'text-bad'}`}
            >
              {words.join('; ')}
            </span>
            <span className="ml-auto w-20 text-right whitespace-nowrap text-muted">{formatBytes(bytes)}</span>
          </li>
        ))}
      </ul>
      {decisions.length > shown.length ? (
        <div className="border-t border-line px-3 py-2">
          <Button onClick={() => setLong(true)}>{formatCount(decisions.length - shown.length)} more</Button>
        </div>
      ) : null}
    </div>
  )
}

function countThem(count: number): string {
  return count === 1 ? '1 checkpoint' : `${formatCount(count)} checkpoints`
}
