/** In place of cards that are on their way. */
export function CardSkeleton({ grid, label }: { grid: string; label: string }) {
  return (
    <div className={`waits ${grid}`} aria-busy="true" aria-label={label}>
      {Array.from({ length: 3 }, (_, at) => (
        <div key={at} className="flex h-56 flex-col gap-3 rounded-lg border border-line bg-surface p-3">
          <div className="h-4 w-2/3 rounded-sm bg-hover" />
          <div className="h-3 w-1/2 rounded-sm bg-hover" />
          <div className="h-12 rounded-sm bg-hover" />
        </div>
      ))}
    </div>
  )
}
