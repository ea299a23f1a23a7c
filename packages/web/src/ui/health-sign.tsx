import type { JobCard } from '@pilothouse/contract'
import { isLive } from '@pilothouse/contract/wire'
import { useSession } from '../app/services.ts'
import { healthSigns, readCardHealth } from '@pilothouse/signals'

/** Sign and word where a job that runs is not well. That it is silent stands elsewhere; one that is well needs no word. */
export function HealthSign({ card, now }: { card: JobCard; now: number }) {
  const { health } = useSession()
  if (!isLive(card.state)) return null
  const { level, word, why } = readCardHealth(card, now, health)
  if ((level !== 'warning' && level !== 'error') || word === 'stale') return null
  return (
    <span
      className={`inline-flex items-center gap-1 text-12 whitespace-nowrap ${level === 'error' ? 'text-bad' : 'text-warn'}`}
      title={why ?? undefined}
    >
      <span aria-hidden>{healthSigns[level].sign}</span>
      {word}
    </span>
  )
}
