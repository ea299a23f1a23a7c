import { useMutation } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { useServices, useSession } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { Copyable } from '../ui/copyable.tsx'
import { formatEnvironmentLines, formatForwardLine, isLoopback, type Place } from './setup-lines.ts'
import { Code, Step } from './step.tsx'
import { useDataFolder } from './use-data-folder.ts'

export type PlaceChoice = {
  place: Place
  setPlace: (place: Place) => void
  token: string | null
  setToken: (token: string) => void
}

/** Where the script runs decides what it must be told. */
export function EnvironmentStep({ choice }: { choice: PlaceChoice }) {
  const origin = window.location.origin
  const dataFolder = useDataFolder()
  const lines = formatEnvironmentLines(choice.place, { origin, dataFolder, token: choice.token })
  const needsToken = lines.includes('PILOTHOUSE_TOKEN')
  return (
    <Step title="Say where to report">
      <PlaceSwitch choice={choice} />
      {choice.place === 'elsewhere' && isLoopback(origin) ? (
        <>
          <p>This server listens on its own machine only. Carry its port along, and leave the line open:</p>
          <Copyable text={formatForwardLine(origin)} label="ssh line" />
        </>
      ) : null}
      <Copyable text={lines} label="environment lines" />
      {needsToken ? <ReportToken choice={choice} /> : <p>Address and token are read from that folder.</p>}
    </Step>
  )
}

function PlaceSwitch({ choice: { place, setPlace } }: { choice: PlaceChoice }) {
  return (
    <div
      role="group"
      aria-label="Where the script runs"
      className="flex self-start rounded-md border border-line bg-surface"
    >
      <Button look="quiet" className="-m-px" aria-pressed={place === 'here'} onClick={() => setPlace('here')}>
        On the server’s machine
      </Button>
      <Button look="quiet" className="-m-px" aria-pressed={place === 'elsewhere'} onClick={() => setPlace('elsewhere')}>
        Elsewhere
      </Button>
    </div>
  )
}

/** A token that may report and see nothing; who may not make one is told who can. */
function ReportToken({ choice: { token, setToken } }: { choice: PlaceChoice }) {
  const { client } = useServices()
  const { permissions } = useSession()
  const make = useMutation({
    mutationFn: async () => client.call('access.create-token', { body: { name: 'add a job', role: 'reporter' } }),
    onSuccess: ({ secret }) => setToken(secret),
  })
  if (token !== null)
    return (
      <p>
        The token may report jobs and see nothing. It is shown this once; <Code>pilothouse token list</Code> shows and
        ends it.
      </p>
    )
  if (!permissions.includes('access:manage'))
    return (
      <p>
        The token comes from an admin of this server, who runs <Code>pilothouse token create --role reporter</Code>.
      </p>
    )
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <Button disabled={make.isPending} onClick={() => make.mutate()}>
        <KeyRound size={14} aria-hidden /> Make a token
      </Button>
      <span className="min-w-0 flex-1 basis-48">It fills the line above, may report jobs and sees nothing.</span>
      {make.error ? (
        <p role="alert" className="basis-full text-bad">
          {make.error.message}
        </p>
      ) : null}
    </div>
  )
}
