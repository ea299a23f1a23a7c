import type { ReactNode } from 'react'
import type { Artifact, ArtifactKind, Job } from '@pilothouse/contract'
import { formatBytes, formatCount } from '@pilothouse/signals'
import { Box, Database, File, Rocket, Save } from 'lucide-react'
import { useServerNow } from '../app/services.ts'
import { CopyButton } from '../ui/copyable.tsx'
import { Dot, Dotted } from '../ui/dotted.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'

/** Where the model is, where it answers, and what else the job made or used. */
export function ArtifactList({ job }: { job: Job }) {
  const now = useServerNow(10_000)
  const ranked = job.artifacts.toSorted((a, b) => rankOf(a) - rankOf(b))
  return (
    <section aria-labelledby="artifacts-title" className="min-w-0 rounded-lg border border-line bg-surface">
      <h2 id="artifacts-title" className="h-9 px-3 leading-9 font-medium">
        Artifacts
      </h2>
      <ul>
        {ranked.map((artifact) => (
          <ArtifactItem key={artifact.id} artifact={artifact} now={now} />
        ))}
      </ul>
    </section>
  )
}

const order: readonly ArtifactKind[] = ['deployment', 'model', 'checkpoint', 'file', 'dataset']

/** What came out stands before what went in. */
function rankOf({ kind, direction }: Artifact): number {
  return order.indexOf(kind) + (direction === 'input' ? order.length : 0)
}

function ArtifactItem({ artifact, now }: { artifact: Artifact; now: number }) {
  const { kind, direction, version, host, bytes, step, time, filesTotal } = artifact
  return (
    <li className="flex items-start gap-2.5 border-t border-line py-2 pr-1.5 pl-3">
      <span className="pt-0.5 text-faint">{iconOf(kind)}</span>
      <div className="min-w-0 flex-1">
        <p className="truncate" title={artifact.name}>
          <span className="font-medium">{artifact.name}</span>
          {version > 1 ? <span className="text-faint"> v{version}</span> : null}
        </p>
        <ArtifactPlace artifact={artifact} />
        <Dotted className="text-12 text-faint">
          <Dot>{direction === 'input' ? `${kind}, used` : kind}</Dot>
          {host === null ? null : <Dot>on {host}</Dot>}
          {bytes === null ? null : <Dot>{formatBytes(bytes)}</Dot>}
          {filesTotal > 0 ? <Dot>{filesTotal === 1 ? '1 file' : `${formatCount(filesTotal)} files`}</Dot> : null}
          {step === null ? null : <Dot>step {formatCount(step)}</Dot>}
          <Dot>
            <TimeAgo at={time} now={now} />
          </Dot>
        </Dotted>
        <ArtifactFiles artifact={artifact} />
      </div>
      <CopyButton text={artifact.uri} label={`Copy place of ${artifact.name}`} />
    </li>
  )
}

/** An address of the web is a link, everything else is to be copied. */
function ArtifactPlace({ artifact: { uri } }: { artifact: Artifact }) {
  const look = 'block font-mono text-12 leading-5 wrap-anywhere'
  if (!/^https?:\/\//i.test(uri)) return <span className={look}>{uri}</span>
  return (
    <a href={uri} target="_blank" rel="noreferrer noopener" className={`${look} text-accent hover:underline`}>
      {uri}
    </a>
  )
}

function ArtifactFiles({ artifact: { files, filesTotal } }: { artifact: Artifact }) {
  if (files.length === 0) return null
  return (
    <details className="mt-1">
      <summary className="rounded-sm text-12 text-muted hover:text-text">Files</summary>
      <ul className="max-h-60 overflow-y-auto pt-1">
        {files.map(({ path, bytes }) => (
          <li key={path} className="flex justify-between gap-4 font-mono text-12 leading-5">
            <span className="min-w-0 wrap-anywhere">{path}</span>
            <span className="shrink-0 text-muted">{formatBytes(bytes)}</span>
          </li>
        ))}
        {filesTotal > files.length ? (
          <li className="text-12 text-faint">and {formatCount(filesTotal - files.length)} more</li>
        ) : null}
      </ul>
    </details>
  )
}

function iconOf(kind: ArtifactKind): ReactNode {
  switch (kind) {
    case 'deployment':
      return <Rocket size={14} aria-hidden />
    case 'model':
      return <Box size={14} aria-hidden />
    case 'checkpoint':
      return <Save size={14} aria-hidden />
    case 'dataset':
      return <Database size={14} aria-hidden />
    case 'file':
      return <File size={14} aria-hidden />
    default:
      return kind satisfies never
  }
}
