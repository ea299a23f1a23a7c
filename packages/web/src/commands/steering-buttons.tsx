import type { ReactNode } from 'react'
import { ListChecks, Pause, Play, Save, Square, Target } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { MenuAction, MenuLine } from '../ui/menu.tsx'
import type { HeaderOrder } from './use-steering.ts'

export type OrderCalls = {
  offered: readonly HeaderOrder[]
  /** Why not all that the job takes, in words. */
  withheld: string | undefined
  give: (order: HeaderOrder) => void
  onList: () => void
}

const names: Record<HeaderOrder, string> = {
  pause: 'Pause job',
  resume: 'Resume job',
  checkpoint: 'Checkpoint now',
  evaluate: 'Evaluate now',
  stop: 'Stop job',
}

const titles: Record<HeaderOrder, string> = {
  pause: 'The job waits at its next control point and keeps what it holds',
  resume: 'The job goes on where it waits',
  checkpoint: 'The job writes down where it stands',
  evaluate: 'The job evaluates at its next control point',
  stop: 'The job ends by itself at its next control point',
}

/** Those that are wanted most; on a phone all stand in the menu. */
const inSight: readonly HeaderOrder[] = ['pause', 'resume', 'checkpoint', 'stop']

export function SteeringButtons({ offered, give }: OrderCalls) {
  return inSight
    .filter((order) => offered.includes(order))
    .map((order) => (
      <Button key={order} className="max-sm:hidden" title={titles[order]} onClick={() => give(order)}>
        {iconOf(order)}
        {/* Where there is little room, the sign and the title have to do. */}
        <span className="max-lg:sr-only">{names[order]}</span>
      </Button>
    ))
}

/** The same in the menu of the job, and what it was told. */
export function SteeringActions({ offered, withheld, give, onList }: OrderCalls) {
  return (
    <>
      {withheld === undefined ? null : <div className="max-w-64 px-2 py-1.5 text-muted">{withheld}</div>}
      {offered.map((order) => (
        <MenuAction key={order} icon={iconOf(order)} onClick={() => give(order)}>
          {names[order]}
        </MenuAction>
      ))}
      <MenuAction icon={<ListChecks size={14} />} onClick={onList}>
        What it was told
      </MenuAction>
      <MenuLine />
    </>
  )
}

/** For the palette. */
export function listOrderCommands({ offered, give, onList }: OrderCalls): { name: string; run: () => void }[] {
  return [
    ...offered.map((order) => ({ name: names[order], run: () => give(order) })),
    { name: 'What the job was told', run: onList },
  ]
}

function iconOf(order: HeaderOrder): ReactNode {
  switch (order) {
    case 'pause':
      return <Pause size={14} aria-hidden />
    case 'resume':
      return <Play size={14} aria-hidden />
    case 'checkpoint':
      return <Save size={14} aria-hidden />
    case 'evaluate':
      return <Target size={14} aria-hidden />
    case 'stop':
      return <Square size={14} aria-hidden />
    default:
      return order satisfies never
  }
}
