import type { ClusterList } from '@pilothouse/contract'
import { useSession } from '../app/services.ts'
import { Copyable } from '../ui/copyable.tsx'
import { starterText } from './starter-text.ts'

/** What this page is for, and the one thing to do. */
export function NoClusters({ file }: { file: ClusterList['file'] }) {
  const mayChange = useSession().permissions.includes('clusters:manage')
  return (
    <div className="mx-auto flex w-full max-w-xl flex-col gap-4 py-8 text-muted sm:py-16">
      <h2 className="text-20 font-semibold text-text">No clusters yet</h2>
      <p>
        Here stands which GPUs of your Slurm clusters are free, and where a job could start now. The control room asks
        over its own ssh; nothing is installed over there.
      </p>
      {mayChange ? (
        <>
          <p>
            Name them in{' '}
            <code className="font-mono text-12 wrap-anywhere text-text">{file.path ?? 'clusters.yaml'}</code>, there or
            by «Edit clusters.yaml» here. This page fills as soon as the file is written.
          </p>
          <Copyable text={starterText.trimEnd()} label="clusters.yaml" />
        </>
      ) : (
        <p>
          An admin of this server names them in <code className="font-mono text-12">clusters.yaml</code>.
        </p>
      )}
    </div>
  )
}
