import { useState, type ReactNode } from 'react'
import { Link } from '@tanstack/react-router'
import type { Engine } from '@pilothouse/contract'
import { Pause, Pencil, Play, RotateCw, Trash2 } from 'lucide-react'
import { Button, buttonClass } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { useEngineChanges } from './use-engines.ts'

/** All stand in one row there. */
const bareOnPhone = 'max-sm:[&>svg]:hidden'

/** What can be done to an engine, for those who may. */
export function EngineActions({ engine }: { engine: Engine }) {
  const { name, isPaused } = engine
  const { check, pause } = useEngineChanges()
  const [isLeaving, setLeaving] = useState(false)
  return (
    <div
      role="group"
      aria-label={`What to do with ${name}`}
      className="flex flex-wrap items-center gap-1.5 border-t border-line pt-3"
    >
      <Action
        word={check.isPending ? 'Looking …' : 'Check now'}
        isPending={check.isPending}
        onClick={() => check.mutate(engine)}
      >
        <RotateCw size={14} aria-hidden />
      </Action>
      <Action
        word={pause.isPending ? (isPaused ? 'Resuming …' : 'Pausing …') : isPaused ? 'Resume' : 'Pause'}
        isPending={pause.isPending}
        onClick={() => pause.mutate(engine)}
      >
        {isPaused ? <Play size={14} aria-hidden /> : <Pause size={14} aria-hidden />}
      </Action>
      <Link
        from="/engines"
        to="/engines"
        search={(before) => ({ ...before, change: engine.id })}
        className={`${buttonClass()} ${bareOnPhone}`}
      >
        <Pencil size={14} aria-hidden /> Change
      </Link>
      {engine.serving === undefined ? (
        <Button
          look="quiet"
          square
          className="ml-auto"
          aria-label={`Forget ${name}`}
          title="Forget"
          onClick={() => setLeaving(true)}
        >
          <Trash2 size={14} aria-hidden />
        </Button>
      ) : null}
      {isLeaving ? <ForgetDialog engine={engine} onClose={() => setLeaving(false)} /> : null}
    </div>
  )
}

type ActionProps = { word: string; isPending: boolean; onClick: () => void; children: ReactNode }

/** While it is under way it keeps the focus and does nothing. */
function Action({ word, isPending, onClick, children }: ActionProps) {
  return (
    <Button
      aria-disabled={isPending}
      aria-busy={isPending}
      className={`aria-disabled:opacity-60 ${bareOnPhone}`}
      onClick={() => (isPending ? undefined : onClick())}
    >
      {children} {word}
    </Button>
  )
}

/** Its key is gone with it, so this asks instead of offering a way back. */
function ForgetDialog({ engine, onClose }: { engine: Engine; onClose: () => void }) {
  const { remove } = useEngineChanges()
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Forget «${engine.name}»?`}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button
            look="danger"
            disabled={remove.isPending}
            onClick={() => remove.mutate(engine, { onSuccess: onClose })}
          >
            Forget engine
          </Button>
        </>
      }
    >
      <p className="text-muted">
        The engine itself goes on running. The control room sends it no more requests, and its address, key, limit and
        prices go from here. This cannot be taken back; pausing it can.
      </p>
    </Dialog>
  )
}
