import type { Sample, SampleKind } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { ChevronLeft, ChevronRight, X } from 'lucide-react'
import { useServerNow } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { formatEpoch } from '../ui/progress-bar.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { formatStep } from './format-step.ts'
import { HistogramList } from './histogram-list.tsx'
import { ImageGrid } from './image-grid.tsx'
import { moveStep, placeOfStep } from './sample-steps.ts'
import { SampleTables } from './sample-tables.tsx'
import { TextList } from './text-list.tsx'
import { useSamplesAt } from './use-samples.ts'

export type SamplePaneProps = {
  uid: string
  sampleKey: string
  steps: readonly number[]
  step: number
  /** The step that differences are shown against; absent where this pane is itself what others are compared with. */
  against?: number | undefined
  /** Given for a pinned pane: it has its own way through the steps, and can be closed. */
  onStep?: (step: number) => void
  onClose?: () => void
  /** The only one: the bar above says the step already. */
  isAlone?: boolean
}

/** Everything of one key at one step. */
export function SamplePane(props: SamplePaneProps) {
  const { uid, sampleKey, step, isAlone = false } = props
  const answer = useSamplesAt(uid, sampleKey, step)
  const samples = answer.data?.pages.flatMap((page) => page.samples)
  return (
    <section aria-label={`Step ${formatStep(step)}`} data-pane={step} className="flex min-w-0 flex-col gap-2">
      {isAlone ? null : <PaneHead {...props} first={samples?.[0]} />}
      {answer.isError && !samples ? <ErrorNotice error={answer.error} onRetry={() => void answer.refetch()} /> : null}
      {samples ? (
        <div
          className={`flex flex-col gap-3 transition-opacity ${answer.isPlaceholderData ? 'opacity-60' : ''}`}
          aria-busy={answer.isPlaceholderData}
        >
          <PaneBody {...props} samples={samples} />
        </div>
      ) : null}
      {answer.isPending ? <div className="waits h-64 rounded-lg bg-hover" aria-busy="true" /> : null}
      {answer.hasNextPage ? (
        <Button
          className="self-center"
          disabled={answer.isFetchingNextPage}
          onClick={() => void answer.fetchNextPage()}
        >
          Show more; {formatCount(samples?.length ?? 0)} are shown
        </Button>
      ) : null}
    </section>
  )
}

function PaneHead({ steps, step, first, onStep, onClose }: SamplePaneProps & { first: Sample | undefined }) {
  const now = useServerNow(10_000)
  const place = placeOfStep(steps, step)
  return (
    <header className="flex h-9 items-center gap-1 rounded-lg border border-line bg-surface pr-1 pl-3">
      <h3 className="min-w-0 flex-1 truncate">
        <span className="text-faint">step</span> <span className="font-medium">{formatStep(step)}</span>
        {first ? (
          <span className="text-12 text-faint">
            {first.epoch === null ? null : ` · epoch ${formatEpoch(first.epoch)}`} ·{' '}
            <TimeAgo at={first.time} now={now} />
          </span>
        ) : null}
      </h3>
      {onStep ? (
        <>
          <Button
            look="quiet"
            square
            aria-label={`Step before ${formatStep(step)}`}
            disabled={place === 0}
            onClick={() => onStep(moveStep(steps, step, -1))}
          >
            <ChevronLeft size={14} aria-hidden />
          </Button>
          <Button
            look="quiet"
            square
            aria-label={`Step after ${formatStep(step)}`}
            disabled={place === steps.length - 1}
            onClick={() => onStep(moveStep(steps, step, 1))}
          >
            <ChevronRight size={14} aria-hidden />
          </Button>
        </>
      ) : (
        <span className="pr-2 text-12 whitespace-nowrap text-faint">at the slider</span>
      )}
      {onClose ? (
        <Button look="quiet" square aria-label={`Unpin step ${formatStep(step)}`} title="Unpin" onClick={onClose}>
          <X size={14} aria-hidden />
        </Button>
      ) : null}
    </header>
  )
}

function PaneBody({ uid, samples, sampleKey, steps, step, against }: SamplePaneProps & { samples: readonly Sample[] }) {
  const before = against ?? steps[placeOfStep(steps, step) - 1]
  const images = samples.filter(isOf('image'))
  const texts = samples.filter(isOf('text'))
  const tables = samples.filter(isOf('table'))
  const histograms = samples.filter(isOf('histogram'))
  return (
    <>
      {texts.length > 0 ? <TextList uid={uid} sampleKey={sampleKey} texts={texts} before={before} /> : null}
      {images.length > 0 ? <ImageGrid uid={uid} images={images} /> : null}
      {tables.length > 0 ? <SampleTables uid={uid} tables={tables} /> : null}
      {histograms.length > 0 ? <HistogramList uid={uid} histograms={histograms} /> : null}
    </>
  )
}

function isOf<Kind extends SampleKind>(kind: Kind) {
  return (sample: Sample): sample is Sample & { kind: Kind } => sample.kind === kind
}
