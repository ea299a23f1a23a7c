import { useQuery } from '@tanstack/react-query'
import { useServices } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { Copyable } from '../ui/copyable.tsx'
import { Step } from './step.tsx'

/** The SDK comes from this server itself: nothing else has to be reachable. */
export function InstallStep() {
  const { client } = useServices()
  const sdk = useQuery({ queryKey: ['sdk'], queryFn: async ({ signal }) => client.call('sdk.get', { signal }) })
  return (
    <Step title="Install the SDK">
      {sdk.data ? <Copyable text={sdk.data.install} label="install line" /> : null}
      {sdk.isPending ? <div className="waits h-10 rounded-md bg-hover" aria-busy="true" /> : null}
      {sdk.error ? (
        <p role="alert" className="flex flex-wrap items-center gap-2 text-bad">
          <span className="min-w-0 flex-1 wrap-anywhere">The install line could not be read: {sdk.error.message}</span>
          <Button onClick={() => void sdk.refetch()}>Try again</Button>
        </p>
      ) : null}
      {sdk.data ? (
        <p>
          Version {sdk.data.version}, from this server. It needs Python {readFirstPython(sdk.data.requiresPython)} or
          newer and nothing else.
        </p>
      ) : null}
    </Step>
  )
}

function readFirstPython(requires: string): string {
  return requires.replace(/^>=\s*/, '')
}
