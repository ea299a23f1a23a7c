import { useState, type ReactNode } from 'react'
import { Tabs } from '@base-ui/react/tabs'
import { Sheet } from '../ui/sheet.tsx'
import { Copyable } from '../ui/copyable.tsx'
import { addWays, type AddWay } from './add-ways.ts'
import { ArrivalLine } from './arrival-line.tsx'
import { EnvironmentStep, type PlaceChoice } from './environment-step.tsx'
import { InstallStep } from './install-step.tsx'
import { importLine, isLoopback, pythonLines, runLine, type Place } from './setup-lines.ts'
import { Code, Step } from './step.tsx'

const names: Record<AddWay, string> = { sdk: 'Python SDK', run: 'Any command', import: 'Old files' }

export type AddJobSheetProps = { way: AddWay; onWay: (way: AddWay) => void; onClose: () => void }

/** Three ways to a first job, each with the lines for this very server, and what arrives while one tries. */
export function AddJobSheet({ way, onWay, onClose }: AddJobSheetProps) {
  const [place, setPlace] = useState<Place>(isLoopback(window.location.origin) ? 'here' : 'elsewhere')
  const [token, setToken] = useState<string | null>(null)
  const choice: PlaceChoice = { place, setPlace, token, setToken }
  return (
    <Sheet open onClose={onClose} title="Add a job" footer={<ArrivalLine way={way} />}>
      {/* The value of a tab is one of those below. */}
      <Tabs.Root value={way} onValueChange={(next) => onWay(next as AddWay)}>
        <Tabs.List
          aria-label="Ways to begin"
          className="sticky top-0 z-10 flex gap-4 border-b border-line bg-surface px-4 sm:px-6"
          activateOnFocus
        >
          {addWays.map((name) => (
            <Tabs.Tab
              key={name}
              value={name}
              className="h-10 border-b-2 border-transparent font-medium whitespace-nowrap text-muted -outline-offset-2 transition-colors hover:text-text data-active:border-accent data-active:text-text pointer-coarse:h-11"
            >
              {names[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {addWays.map((name) => (
          <Tabs.Panel key={name} value={name} className="px-4 py-4 -outline-offset-2 sm:px-6 sm:py-5">
            <WaySteps way={name} choice={choice} />
          </Tabs.Panel>
        ))}
      </Tabs.Root>
    </Sheet>
  )
}

function WaySteps({ way, choice }: { way: AddWay; choice: PlaceChoice }): ReactNode {
  switch (way) {
    case 'sdk':
      return (
        <Steps intro="A few lines in your training script: its metrics, output, stages and machine show up live.">
          <InstallStep />
          <EnvironmentStep choice={choice} />
          <Step title="Log from your script">
            <Copyable text={pythonLines} label="Python lines" />
            <p>
              Nothing blocks your training: while this server is away, reports wait on disk and are sent later, in
              order.
            </p>
          </Step>
        </Steps>
      )
    case 'run':
      return (
        <Steps intro="Leave the script as it is. Its output is captured, and epochs, steps, losses and rates are read from it.">
          <EnvironmentStep choice={choice} />
          <Step title="Put «pilothouse run --» before your command">
            <Copyable text={runLine} label="command" />
            <p>
              Any program works, in any language; it keeps its output and its exit code. Name it with{' '}
              <Code>--name</Code>, <Code>--project</Code> and <Code>--tag</Code>.
            </p>
          </Step>
        </Steps>
      )
    case 'import':
      return (
        <Steps intro="Bring jobs that another tool has written down. What a file lacks, such as curves, is said and not invented.">
          <EnvironmentStep choice={choice} />
          <Step title="Import the files">
            <Copyable text={importLine} label="command" />
            <p>Importing the same files again changes nothing.</p>
          </Step>
        </Steps>
      )
    default:
      return way satisfies never
  }
}

function Steps({ intro, children }: { intro: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-5">
      <p className="text-muted">{intro}</p>
      <ol className="flex flex-col gap-6 [counter-reset:step]">{children}</ol>
    </div>
  )
}
