import { useEffect, type ReactNode } from 'react'
import type { ConnectionStep } from '@pilothouse/contract'
import { formatDuration } from '@pilothouse/signals'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { SignFrame } from '../ui/state-sign.tsx'
import { ConnectPanel } from './connect-panel.tsx'
import { HostKeyPanel } from './host-key-panel.tsx'
import { useConnectionTest } from './use-clusters.ts'

const names: Record<ConnectionStep['step'], string> = {
  name: 'Name',
  route: 'Route',
  hostKey: 'Host key',
  authentication: 'Log in',
  shell: 'Shell',
  slurm: 'Slurm',
}

/** Goes the way to the cluster, and shows how far it leads. */
export function ConnectionDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const { mutate, data, error, isPending } = useConnectionTest(name)
  useEffect(() => mutate(), [mutate])
  return (
    <Dialog
      open
      onClose={onClose}
      title={`The way to ${name}`}
      actions={
        <>
          <Button disabled={isPending} onClick={() => mutate()}>
            Test again
          </Button>
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <div aria-live="polite" aria-busy={isPending}>
        {isPending ? <p className="text-muted">Going there; at most a minute.</p> : null}
        {error && !isPending ? <p className="text-bad">The test could not be made: {error.message}</p> : null}
        {data && !isPending ? (
          <>
            <ol className="flex flex-col" aria-label="Steps">
              {data.steps.map((step) => (
                <Step
                  key={step.step}
                  step={step.step === 'hostKey' && data.hostKeys !== null ? { ...step, hint: null } : step}
                >
                  {step.step === 'hostKey' && data.hostKeys !== null ? (
                    <HostKeyPanel name={name} found={data.hostKeys} onChanged={mutate} />
                  ) : null}
                  {step.step === 'authentication' && step.outcome !== 'skipped' ? (
                    <ConnectPanel name={name} isNeeded={step.outcome === 'failed'} onConnected={mutate} />
                  ) : null}
                </Step>
              ))}
            </ol>
            <p className="mt-2 text-12 text-faint">Took {formatDuration(data.tookMs)}.</p>
          </>
        ) : null}
      </div>
    </Dialog>
  )
}

const tones: Record<ConnectionStep['outcome'], string> = {
  done: 'text-good',
  failed: 'text-bad',
  skipped: 'text-faint',
}

function Step({ step: { step, outcome, words, hint }, children }: { step: ConnectionStep; children: ReactNode }) {
  return (
    <li className="flex gap-2.5 border-t border-line py-2 first:border-t-0">
      <span className={`pt-[3px] ${tones[outcome]}`}>
        <SignFrame>{shapeOf(outcome)}</SignFrame>
        <span className="sr-only">{outcome}</span>
      </span>
      <div className="min-w-0 flex-1 wrap-anywhere">
        <span className="font-medium">{names[step]}</span> <span className="text-muted">{words}</span>
        {hint === null ? null : <span className="mt-0.5 block">{hint}</span>}
        {children}
      </div>
    </li>
  )
}

function shapeOf(outcome: ConnectionStep['outcome']) {
  switch (outcome) {
    case 'done':
      return <path d="M3 7.4l2.8 2.8L11 4.4" strokeWidth="1.75" />
    case 'failed':
      return <path d="M3.6 3.6l6.8 6.8M10.4 3.6l-6.8 6.8" strokeWidth="1.75" />
    case 'skipped':
      return <circle cx="7" cy="7" r="4" />
    default:
      return outcome satisfies never
  }
}
