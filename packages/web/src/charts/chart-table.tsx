import { useEffect, useState } from 'react'
import type { XAxis } from '@pilothouse/contract'
import type { ChartFrame } from './chart-frame.ts'
import { formatUnit, formatX, nameAxis, type ChartUnit } from '@pilothouse/signals'

const refreshEveryMs = 2_000
/** More rows than this help nobody; the export has them all. */
const rowsMax = 500

/** The same points in numbers, the newest first. */
export function ChartTable({ frame, title, x, unit }: { frame: ChartFrame; title: string; x: XAxis; unit: ChartUnit }) {
  const [{ names, rows }, setTable] = useState(() => frame.table())
  useEffect(() => {
    const read = (): void => setTable(frame.table())
    read()
    const timer = setInterval(read, refreshEveryMs)
    return () => clearInterval(timer)
  }, [frame])
  return (
    <div
      className="absolute inset-0 overflow-auto border-t border-line"
      tabIndex={0}
      role="region"
      aria-label={`Values of ${title}`}
    >
      <table className="w-full text-right text-12">
        <thead className="sticky top-0 bg-surface text-faint">
          <tr>
            <th scope="col" className="px-3 py-1 text-left font-normal">
              {nameAxis(x)}
            </th>
            {names.map((name) => (
              <th key={name} scope="col" className="px-3 py-1 font-normal">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, rowsMax).map((row) => (
            <tr key={row.x} className="border-t border-line">
              <td className="px-3 py-0.5 text-left text-muted">{formatX(row.x, x)}</td>
              {row.values.map((value, at) => (
                <td key={names[at]} className="px-3 py-0.5">
                  {Number.isNaN(value) ? '' : formatUnit(value, unit)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > rowsMax ? (
        <p className="px-3 py-2 text-12 text-faint">and {rows.length - rowsMax} more; the export has all points</p>
      ) : null}
    </div>
  )
}
