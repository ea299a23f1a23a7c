import type { GpuCounts } from '@pilothouse/contract'

const parts = [
  ['used', 'bg-accent'],
  ['held', 'bg-warn'],
  ['stranded', 'bg-warn'],
  ['asleep', 'bg-line-strong'],
  ['broken', 'bg-bad'],
  ['free', 'bg-good'],
] as const satisfies readonly (readonly [keyof GpuCounts, string])[]

/** What becomes of the GPUs, as a bar; the figures stand beside it. */
export function GpuBar({ counts, className = '' }: { counts: GpuCounts; className?: string }) {
  return (
    <div className={`flex h-1.5 gap-px overflow-hidden rounded-full bg-line ${className}`} aria-hidden>
      {parts.map(([key, fill]) =>
        counts[key] > 0 ? (
          <div
            key={key}
            className={`transition-[width] ${fill}`}
            style={{ width: `${(counts[key] / counts.total) * 100}%` }}
          />
        ) : null,
      )}
    </div>
  )
}

/** What is neither free nor used, in words: `2 held, 1 broken`; empty when there is nothing. */
export function describeRest(counts: GpuCounts): string {
  return parts
    .flatMap(([key]) => (key === 'free' || key === 'used' || counts[key] === 0 ? [] : [`${counts[key]} ${key}`]))
    .join(', ')
}
