const fills = { calm: 'bg-accent', warn: 'bg-warn', bad: 'bg-bad' }

export type MeterProps = {
  name: string
  value: number
  most: number
  /** The figures as they read. */
  words: string
  /** What happens at the bound. */
  hint?: string
  /** How bad it is; without it, what is nearly full is a warning. */
  tone?: keyof typeof fills
}

/** A figure against its bound. */
export function Meter({ name, value, most, words, hint, tone }: MeterProps) {
  const share = most > 0 ? Math.max(0, Math.min(1, value / most)) : 0
  return (
    <div className="flex flex-col gap-1 pt-0.5" title={hint}>
      <div className="flex items-baseline justify-between gap-4">
        <span className="min-w-0 truncate text-muted">{name}</span>
        <span className="shrink-0 font-medium">{words}</span>
      </div>
      <div
        role="meter"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        aria-valuetext={words}
        className="h-1 overflow-hidden rounded-full bg-line"
      >
        <div
          className={`h-full rounded-full transition-[width] ${fills[tone ?? (share > 0.9 ? 'warn' : 'calm')]}`}
          style={{ width: `${share * 100}%` }}
        />
      </div>
    </div>
  )
}
