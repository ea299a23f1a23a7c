import type { BatchDetail } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { countWords } from './batch-words.ts'

type Faults = NonNullable<BatchDetail['faults']>

/** What is wrong with a file of requests, line by line. */
export function FaultTable({ faults: { count, shown } }: { faults: Faults }) {
  return (
    <div className="flex flex-col">
      <div tabIndex={0} role="group" aria-label="Faults by line" className="max-h-96 overflow-auto -outline-offset-2">
        <table className="w-full text-left">
          <thead className="sticky top-0 bg-surface text-12 text-muted shadow-[0_1px_0_var(--line)]">
            <tr>
              <th className="w-16 py-1.5 pr-3 pl-3 text-right font-normal sm:pl-4">Line</th>
              <th className="py-1.5 pr-3 font-normal max-sm:hidden">Code</th>
              <th className="py-1.5 pr-3 font-normal sm:pr-4">What is wrong</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ line, code, param, message }, at) => (
              <tr key={at} className="border-b border-line align-top last:border-b-0">
                <td className="py-1.5 pr-3 pl-3 text-right sm:pl-4">{line === null ? 'file' : formatCount(line)}</td>
                <td className="py-1.5 pr-3 font-mono text-12 leading-5 text-muted max-sm:hidden">{code}</td>
                <td className="py-1.5 pr-3 wrap-anywhere sm:pr-4">
                  {leaveOutLine(message, line)}
                  {param === null ? null : <span className="font-mono text-12 text-muted"> at {param}</span>}
                  <span className="block font-mono text-12 text-muted sm:hidden">{code}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {count > shown.length ? (
        <p className="border-t border-line px-3 py-2 text-12 text-muted sm:px-4">
          and {countWords(count - shown.length, 'more fault')}
        </p>
      ) : null}
    </div>
  )
}

/** It stands beside it already. */
function leaveOutLine(message: string, line: number | null): string {
  const words = `Line ${line ?? 0}: `
  return message.startsWith(words) ? message.slice(words.length) : message
}
