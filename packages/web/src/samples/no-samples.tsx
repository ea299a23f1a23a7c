import type { Job } from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract/wire'
import { Copyable } from '../ui/copyable.tsx'

/** Nothing to browse yet: what this is for, and the line that fills it. */
export function NoSamples({ job }: { job: Job }) {
  return (
    <section className="mx-4 my-3 flex max-w-2xl flex-col gap-2 rounded-lg border border-line bg-surface px-4 py-4 text-muted sm:mx-6 sm:my-4">
      <h2 className="font-medium text-text">
        {isEnded(job.state) ? 'No samples were logged' : 'No samples logged yet'}
      </h2>
      <p>
        Generations, images, tables and histograms that the script logs beside its numbers are browsed here, step by
        step and side by side.
      </p>
      <Copyable text={sampleLines} label="Python lines" />
    </section>
  )
}

const sampleLines = `job.log({"generations": pilothouse.Text(answer, prompt=question)}, step=step)
job.log({"examples": [pilothouse.Image(picture, caption="dog") for picture in batch]}, step=step)
job.log({"weights": pilothouse.Histogram(values)}, step=step)
job.log({"answers": pilothouse.Table(columns=["prompt", "answer"], data=rows)}, step=step)`
