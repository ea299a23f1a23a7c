import { lazy, Suspense, useState } from 'react'
import type { Job } from '@pilothouse/contract'
import { Layers, X } from 'lucide-react'
import { addOverlay, overlaysMax, removeOverlay } from '../charts/overlay-places.ts'
import { styleOfPlace } from '@pilothouse/signals'
import { Button } from '../ui/button.tsx'
import type { OverlayEntry } from './use-overlay-jobs.ts'

/** Fetched when somebody wants another job in the charts. */
const OverlayPicker = lazy(async () => ({ default: (await import('./overlay-picker.tsx')).OverlayPicker }))

type BarProps = {
  job: Job
  text: string | undefined
  entries: readonly OverlayEntry[]
  onChange: (text: string | undefined) => void
}

/** The button that lays other jobs over this one. */
export function OverlayButton({ job, text, entries, onChange }: BarProps) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button onClick={() => setOpen(true)} aria-haspopup="dialog" title="Lay other jobs and branches over this one">
        <Layers size={14} className="text-faint" aria-hidden /> Overlay
        {entries.length > 0 ? <span className="text-faint">{entries.length}</span> : null}
      </Button>
      {open ? (
        <Suspense fallback={null}>
          <OverlayPicker
            job={job}
            chosen={entries.map(({ id }) => id)}
            isFull={entries.length >= overlaysMax}
            onClose={() => setOpen(false)}
            onToggle={(id, on) => onChange(on ? addOverlay(text, id) : removeOverlay(text, id))}
          />
        </Suspense>
      ) : null}
    </>
  )
}

/** Whose lines are on the charts, each in its colour, and the way to take one away. */
export function OverlayChips({ job, text, entries, onChange }: BarProps) {
  if (entries.length === 0) return null
  return (
    <ul aria-label="Jobs in the charts" className="-my-0.5 flex min-w-0 items-center gap-1.5 overflow-x-auto py-0.5">
      <li className={chipClass}>
        <Swatch place={0} />
        <span className="max-w-48 truncate" title={job.name}>
          {job.name}
        </span>
        <span className="text-faint">this job</span>
      </li>
      {entries.map(({ id, place, name, error }) => (
        <li key={id} className={`${chipClass} pr-0.5`}>
          <Swatch place={place} />
          <span className="max-w-48 truncate" title={name}>
            {name}
          </span>
          {error ? <span className="max-w-64 truncate text-bad">{error.message}</span> : null}
          <button
            type="button"
            aria-label={`Take ${name} away`}
            title="Take away"
            className="touchable flex h-6 w-6 items-center justify-center rounded-sm text-faint hover:bg-hover hover:text-text"
            onClick={() => onChange(removeOverlay(text, id))}
          >
            <X size={12} aria-hidden />
          </button>
        </li>
      ))}
    </ul>
  )
}

const chipClass =
  'flex h-7 shrink-0 items-center gap-1.5 rounded-md border border-line bg-surface px-2 text-12 whitespace-nowrap'

function Swatch({ place }: { place: number }) {
  const { hue, dash } = styleOfPlace(place, 'train')
  return (
    <span
      aria-hidden
      className={`chart-swatch ${dash.length > 0 ? 'chart-swatch-dashed' : ''}`}
      style={{ color: `var(--series-${hue + 1})` }}
    />
  )
}
