import { useState } from 'react'
import { Ban, Ellipsis, Play } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { Menu, MenuAction } from '../ui/menu.tsx'
import { useLaunchedWorkers, useWorkerChanges } from './use-workers.ts'
import { WorkersDialog } from './workers-dialog.tsx'

/** Workers are launched here, and those that were are stopped, by whoever may launch. */
export function WorkersMenu() {
  const [isStarting, setStarting] = useState(false)
  const workers = useLaunchedWorkers().data?.workers ?? []
  const { stop } = useWorkerChanges()
  const places = Map.groupBy(workers, ({ target }) => target)
  return (
    <>
      <Menu
        align="end"
        title="Workers"
        trigger={
          <Button look="quiet" square aria-label="Start or stop workers" title="Start or stop workers">
            <Ellipsis size={16} aria-hidden />
          </Button>
        }
      >
        <MenuAction icon={<Play size={14} aria-hidden />} onClick={() => setStarting(true)}>
          Start workers …
        </MenuAction>
        {[...places].map(([target, own]) => (
          <MenuAction key={target} icon={<Ban size={14} aria-hidden />} danger onClick={() => stop.mutate(own)}>
            Stop {own.length} on {target}
          </MenuAction>
        ))}
      </Menu>
      {isStarting ? <WorkersDialog onClose={() => setStarting(false)} /> : null}
    </>
  )
}
