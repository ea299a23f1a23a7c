import type { ClusterList } from '@pilothouse/contract'
import { TestButton } from './test-button.tsx'

/** Machines without a scheduler: jobs are launched there, and nobody shares their GPUs out. */
export function HostList({ hosts }: { hosts: ClusterList['hosts'] }) {
  if (hosts.length === 0) return null
  return (
    <section aria-labelledby="hosts" className="flex flex-col gap-2">
      <h2 id="hosts" className="font-medium">
        Hosts
      </h2>
      <ul className="rounded-lg border border-line bg-surface">
        {hosts.map(({ name, host }) => (
          <li
            key={name}
            className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-t border-line px-3 py-2 first:border-t-0"
          >
            <span className="min-w-0 wrap-anywhere">
              <span className="font-medium">{name}</span>{' '}
              {name === host ? null : <span className="text-12 text-muted">{host}</span>}
            </span>
            <TestButton name={name} label={`Test the connection to ${name}`} />
          </li>
        ))}
      </ul>
    </section>
  )
}
