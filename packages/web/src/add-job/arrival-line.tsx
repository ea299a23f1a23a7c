import { Link } from '@tanstack/react-router'
import { formatCount } from '@pilothouse/signals'
import { ArrowRight } from 'lucide-react'
import { useLiveStatus } from '../app/services.ts'
import { SignFrame, StateSign } from '../ui/state-sign.tsx'
import type { AddWay } from './add-ways.ts'
import { useArrivals } from './use-arrivals.ts'

/** Says that it waits, and then shows the way to what has come. */
export function ArrivalLine({ way }: { way: AddWay }) {
  const { jobs, total } = useArrivals()
  const { state } = useLiveStatus()
  return (
    <div className="flex flex-col gap-2" role="status">
      {total === 0 ? (
        <p className="flex items-center gap-2 text-muted">
          <WaitingSign />
          {state === 'live' ? describeWaiting(way) : 'The server is away. This goes on when it is back.'}
        </p>
      ) : (
        <>
          <p className="text-12 text-muted">
            {total === 1 ? 'Your job has arrived' : `${formatCount(total)} jobs have arrived`}
          </p>
          <ul className="flex flex-col rounded-lg border border-line">
            {jobs.map((card) => (
              <li key={card.uid} className="border-t border-line first:border-t-0">
                <Link
                  to="/job/$uid"
                  params={{ uid: card.uid }}
                  className="arrives flex h-10 items-center gap-3 rounded-lg px-3 -outline-offset-2 transition-colors hover:bg-hover pointer-coarse:h-11"
                >
                  <StateSign state={card.state} />
                  <span className="min-w-0 flex-1 truncate font-medium">{card.name}</span>
                  <ArrowRight size={14} className="shrink-0 text-faint" aria-hidden />
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

function describeWaiting(way: AddWay): string {
  return way === 'import' ? 'Waiting for your files …' : 'Waiting for your first report …'
}

function WaitingSign() {
  return (
    <span className="inline-flex text-faint">
      <SignFrame>
        <circle cx="7" cy="7" r="4.6" strokeDasharray="2 2.2" />
      </SignFrame>
    </span>
  )
}
