import type { ClusterList } from '@pilothouse/contract'

/** What is wrong in `clusters.yaml`, where, and what holds until it is mended. */
export function FileFaults({ file }: { file: ClusterList['file'] }) {
  if (file.state !== 'broken') return null
  return (
    <div role="alert" className="flex flex-col gap-2 rounded-md bg-bad-soft px-3 py-2 text-bad">
      <p>
        <span className="font-medium">clusters.yaml has mistakes.</span> Until they are mended, the clusters are those
        of before.
      </p>
      <ul className="flex flex-col gap-1" aria-label="Mistakes">
        {file.faults.map(({ line, column, message }) => (
          <li key={`${line}:${column}:${message}`} className="wrap-anywhere">
            <span className="font-mono text-12">
              line {line}, column {column}
            </span>{' '}
            {message}
          </li>
        ))}
      </ul>
      {file.path === null ? null : <p className="font-mono text-12 wrap-anywhere">{file.path}</p>}
    </div>
  )
}
