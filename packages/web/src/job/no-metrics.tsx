import type { Job } from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract/wire'
import { Copyable } from '../ui/copyable.tsx'

/** No curve yet: what draws one. A job from an old file never gets one. */
export function NoMetrics({ job }: { job: Job }) {
  if (job.dataRemovedAt !== null) return <DataRemoved at={job.dataRemovedAt} />
  if ('imported' in job.config) return <NoCurvesInFile />
  return (
    <section className="flex flex-col gap-2 rounded-lg border border-line bg-surface px-4 py-4 text-muted">
      <h2 className="font-medium text-text">{isEnded(job.state) ? 'No metric was logged' : 'No loss logged yet'}</h2>
      <p>
        Whatever is logged is drawn here the moment it arrives. Printed lines as «Step 100: Loss = 2.345» are read too.
      </p>
      <Copyable text={'job.log({"loss": loss, "val/loss": val_loss}, step=step)'} label="Python line" />
    </section>
  )
}

function DataRemoved({ at }: { at: number }) {
  return (
    <section className="flex flex-col gap-2 rounded-lg border border-line bg-surface px-4 py-4 text-muted">
      <h2 className="font-medium text-text">Metrics and logs were deleted</h2>
      <p>
        A rule of retention took them on {new Date(at).toLocaleDateString('en-GB', { dateStyle: 'long' })}. Summary,
        configuration, samples and artifacts stay.
      </p>
    </section>
  )
}

function NoCurvesInFile() {
  return (
    <section className="flex flex-col gap-2 rounded-lg border border-line bg-surface px-4 py-4 text-muted">
      <h2 className="font-medium text-text">The file had no curves</h2>
      <p>This job was imported. What its file tells of it stands in the summary and in the configuration.</p>
    </section>
  )
}
