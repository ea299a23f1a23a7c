import type { Job } from '@pilothouse/contract'
import { CopyButton } from '../ui/copyable.tsx'

/** What went wrong, where, and with which words: before everything else on the page. */
export function Failure({ job }: { job: Job }) {
  if (job.state !== 'failed') return null
  const attempt = job.attempts.find(({ number }) => number === job.attempt)
  const stage = job.error?.stage ?? job.stages.find(({ state }) => state === 'failed')?.name ?? null
  const exit = attempt?.signal
    ? `ended by ${attempt.signal}`
    : attempt?.exitCode
      ? `exit code ${attempt.exitCode}`
      : null
  const place = [stage === null ? null : `failed in ${stage}`, exit].filter((part) => part !== null).join(', ')
  const traceback = job.error?.traceback ?? null
  return (
    <section
      aria-labelledby="failure-title"
      className="overflow-hidden rounded-lg border border-[color-mix(in_oklch,var(--bad)_35%,var(--line))] bg-surface"
    >
      <div className="flex items-start gap-3 bg-bad-soft px-4 py-3">
        <div className="min-w-0 flex-1">
          <h2 id="failure-title" className="text-14 font-semibold wrap-anywhere text-bad">
            {job.error ? describeError(job.error) : (job.errorMessage ?? 'It ended with an error and left no message')}
          </h2>
          {place === '' ? null : (
            <p className="text-muted first-letter:uppercase">{place}. Everything up to then is kept below.</p>
          )}
        </div>
        {traceback === null ? null : <CopyButton text={traceback} label="Copy traceback" />}
      </div>
      {traceback === null ? null : (
        <pre
          tabIndex={0}
          aria-label="Traceback"
          className="max-h-64 overflow-auto px-4 py-3 font-mono text-12 leading-[19px] whitespace-pre"
        >
          {traceback}
        </pre>
      )}
    </section>
  )
}

function describeError({ type, message }: { type: string; message: string }): string {
  if (type === 'exit' || type === 'signal') return message
  const [firstLine = ''] = message.split('\n')
  return firstLine === '' ? type : `${type}: ${firstLine}`
}
