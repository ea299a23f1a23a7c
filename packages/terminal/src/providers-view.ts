import type { ProviderAccount, RentalOffer } from '@pilothouse/contract'
import { formatBytes, formatDuration, formatPrice, sanitizeForTerminal } from '@pilothouse/signals'
import type { Paint } from './paint.ts'
import { type Column, viewTable } from './table.ts'

type View = { paint: Paint; width: number; now: number }

/** Accounts at providers of rented machines, a line each, with what is wrong below it. */
export function viewProviders(accounts: readonly ProviderAccount[], { paint, width, now }: View): string[] {
  if (accounts.length === 0) return ['No account yet: «pilothouse providers add --help» says how one is made known.']
  const columns: Column[] = [
    { title: 'ACCOUNT' },
    { title: 'PROVIDER' },
    { title: 'STATE' },
    { title: 'READ', align: 'right' },
    { title: 'NEW HOST KEYS' },
    { title: 'ADDRESS', elastic: true },
  ]
  const rows = accounts.map(({ name, provider, url, readAt, trouble, trustsNewHosts }) => {
    const isWell = trouble === null
    const state = isWell ? (readAt === null ? '◌ not asked yet' : '● answers') : `✗ ${trouble.kind}`
    const texts = [
      name,
      provider,
      state,
      readAge(readAt, now),
      trustsNewHosts ? 'believed' : 'refused',
      url ?? 'its own',
    ]
    return texts.map((text, at) => ({
      text: sanitizeForTerminal(text),
      ...(at === 2 && readAt !== null ? { paint: (word: string) => paint(isWell ? 'green' : 'red', word) } : {}),
    }))
  })
  const [head = '', ...lines] = viewTable(columns, rows, width)
  const troubles = accounts.flatMap(({ name, trouble }) =>
    trouble === null ? [] : [paint('red', sanitizeForTerminal(`${name}: ${trouble.message} ${trouble.hint}`))],
  )
  return [paint('dim', head), ...lines, ...troubles]
}

/** Machines that could be rented, the cheapest first. */
export function viewOffers(offers: readonly RentalOffer[], { paint, width }: View): string[] {
  if (offers.length === 0) return ['No offer matches. Ask for less, or for more money an hour.']
  const columns: Column[] = [
    { title: 'OFFER' },
    { title: 'GPU', elastic: true },
    { title: 'MEMORY', align: 'right' },
    { title: 'AN HOUR', align: 'right' },
    { title: 'DISK', align: 'right' },
    { title: 'RELIABLE', align: 'right' },
    { title: 'REGION' },
  ]
  const rows = offers.map((offer) =>
    [
      offer.id,
      `${offer.gpuCount} × ${offer.gpuName}`,
      bytes(offer.gpuMemoryBytes),
      formatPrice(Math.round(offer.perHour * 1_000) / 1_000, offer.currency),
      bytes(offer.diskBytes),
      offer.reliability === null ? '–' : `${(offer.reliability * 100).toFixed(1)} %`,
      offer.region ?? '–',
    ].map((text) => ({ text: sanitizeForTerminal(text) })),
  )
  const [head = '', ...lines] = viewTable(columns, rows, width)
  return [paint('dim', head), ...lines]
}

function bytes(count: number | null): string {
  return count === null ? '–' : formatBytes(count)
}

function readAge(at: number | null, now: number): string {
  return at === null ? '–' : formatDuration(Math.max(0, now - at))
}
