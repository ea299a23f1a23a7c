import { formatValue, jobsForCorrelationMin, type Influence } from '@pilothouse/signals'

/** Settings with a row in the table. */
const rowsMax = 100

const absences: Readonly<Record<NonNullable<Influence['absence']>, string>> = {
  tooFew: `fewer than ${jobsForCorrelationMin} jobs have both`,
  constantParameter: 'always the same where the metric is known',
  constantMetric: 'the metric is always the same',
  allDifferent: 'each job has another word',
}

/** The settings, the most important first. */
export function Influences({ ranked, metric }: { ranked: readonly Influence[]; metric: string }) {
  return (
    <section
      aria-label={`What goes with ${metric}`}
      className="overflow-hidden rounded-lg border border-line bg-surface"
    >
      <h2 className="px-3 pt-2.5 font-medium">What goes with {metric}</h2>
      <p className="px-3 pb-2 text-12 text-muted">
        Each setting looked at alone. What goes together need not be the cause; p is how often chance gives as much.
      </p>
      <div tabIndex={0} role="region" aria-label="Influence, table" className="overflow-x-auto border-t border-line">
        <table className="w-full border-collapse">
          <thead className="text-12 text-muted">
            <tr>
              <th scope="col" className="px-3 py-1.5 text-left font-normal">
                Setting
              </th>
              {['explains', 'r', 'ρ', 'η²', 'p', 'jobs'].map((head) => (
                <th key={head} scope="col" className="px-3 py-1.5 text-right font-normal">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ranked.slice(0, rowsMax).map((one) => (
              <InfluenceRow key={one.name} one={one} />
            ))}
          </tbody>
        </table>
      </div>
      {ranked.length > rowsMax ? (
        <p className="border-t border-line px-3 py-2 text-muted">and {ranked.length - rowsMax} more settings</p>
      ) : null}
    </section>
  )
}

function InfluenceRow({ one }: { one: Influence }) {
  const { name, importance, pearson, spearman, ratio, p, n, absence } = one
  const cells = [pearson?.value, spearman?.value, ratio?.value, p]
  return (
    <tr className="border-t border-line">
      <th scope="row" title={name} className="max-w-56 truncate px-3 py-1 text-left font-medium">
        {name}
      </th>
      {absence === null ? (
        <>
          <td className="px-3 py-1 text-right whitespace-nowrap">{Math.round((importance ?? 0) * 100)} %</td>
          {cells.map((value, at) => (
            <td key={at} className="px-3 py-1 text-right whitespace-nowrap text-muted">
              {value === null || value === undefined ? '–' : formatValue(Number(value.toPrecision(2)))}
            </td>
          ))}
        </>
      ) : (
        <td colSpan={5} className="px-3 py-1 text-right text-muted">
          {absences[absence]}
        </td>
      )}
      <td className="px-3 py-1 text-right text-muted">{n}</td>
    </tr>
  )
}
