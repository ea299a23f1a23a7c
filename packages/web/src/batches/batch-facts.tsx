import type { ReactNode } from 'react'
import { Link } from '@tanstack/react-router'
import type { BatchDetail } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { formatExactTime } from '../app/format-clock-time.ts'
import { useServices } from '../app/services.ts'
import { CopyButton } from '../ui/copyable.tsx'
import { BatchSign } from './batch-sign.tsx'
import { formatCost, nothing } from './batch-words.ts'

/** How it was asked for, its files, and the batches that belong to it. */
export function BatchFacts({ batch }: { batch: BatchDetail }) {
  const { id, endpoint, completionWindow, expiresAt, priority, ordered, metadata, workers } = batch
  return (
    <dl className="flex flex-col gap-y-1 px-3 py-2 sm:px-4">
      <Fact name="Id">
        <Id text={id} />
      </Fact>
      <Fact name="Endpoint">
        <span className="font-mono text-12">{endpoint}</span>
      </Fact>
      <Fact name="Time it may take">
        {completionWindow}, until {formatExactTime(expiresAt)}
      </Fact>
      <Fact name="Priority">{priority}</Fact>
      <Fact name="Order of results">{ordered ? 'that of the input' : 'as they come'}</Fact>
      <Fact name="Requests">
        <File id={batch.inputFileId} name="input" />
      </Fact>
      <Fact name="Answers">
        <File id={batch.outputFileId} name="answers" />
      </Fact>
      <Fact name="Errors">
        <File id={batch.errorFileId} name="errors" />
      </Fact>
      {workers.length === 0 ? null : <Fact name="Works on it">{workers.join(', ')}</Fact>}
      {batch.parentId === null ? null : (
        <Fact name="Sends again">
          <Related id={batch.parentId} />
        </Fact>
      )}
      {batch.children.map((child) => (
        <Fact key={child.id} name="Sent again in">
          <span className="flex flex-col items-end">
            <Related id={child.id} />
            <span className="text-12">
              <BatchSign status={child.status} />
            </span>
          </span>
        </Fact>
      ))}
      {Object.entries(metadata ?? {}).map(([name, value]) => (
        <Fact key={name} name={name}>
          {value}
        </Fact>
      ))}
    </dl>
  )
}

/** Tokens by their kind, and what they cost. */
export function BatchTokens({ batch }: { batch: BatchDetail }) {
  const { inputTokens, cachedTokens, outputTokens, reasoningTokens } = batch.counts
  return (
    <dl className="flex flex-col gap-y-1 px-3 py-2 sm:px-4">
      <Fact name="Tokens in">{formatCount(inputTokens)}</Fact>
      <Fact name="of them from the cache">{formatCount(cachedTokens)}</Fact>
      <Fact name="Tokens out">{formatCount(outputTokens)}</Fact>
      <Fact name="of them reasoning">{formatCount(reasoningTokens)}</Fact>
      <Fact name="Cost">
        {batch.cost === null ? <span title="No engine that answered has a price">{nothing}</span> : formatCost(batch)}
      </Fact>
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex min-h-6 items-start justify-between gap-4">
      <dt className="max-w-1/2 shrink-0 wrap-anywhere text-muted">{name}</dt>
      <dd className="min-w-0 text-right wrap-anywhere">{children}</dd>
    </div>
  )
}

function Id({ text }: { text: string }) {
  return (
    <span className="-my-1 flex items-center gap-1">
      <span className="min-w-0 font-mono text-12 wrap-anywhere">{text}</span>
      <CopyButton text={text} label="Copy the id" />
    </span>
  )
}

function File({ id, name }: { id: string | null; name: string }) {
  const { client } = useServices()
  if (id === null) return <span className="text-muted">none</span>
  return (
    <a
      download
      href={client.url('files.content', { params: { id } })}
      title={id}
      className="touchable rounded-sm font-mono text-12 text-accent underline"
    >
      <span className="sr-only">Download {name}, </span>
      {shorten(id)}
    </a>
  )
}

function Related({ id }: { id: string }) {
  return (
    <Link
      to="/batches/$id"
      params={{ id }}
      title={id}
      className="touchable rounded-sm font-mono text-12 text-accent underline"
    >
      {shorten(id)}
    </Link>
  )
}

/** Ids begin with the time: their ends tell them apart. */
function shorten(id: string): string {
  return id.length <= 20 ? id : `${id.slice(0, 10)}…${id.slice(-6)}`
}
