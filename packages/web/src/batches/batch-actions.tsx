import { useState } from 'react'
import { Link, useNavigate } from '@tanstack/react-router'
import type { BatchCard } from '@pilothouse/contract'
import { isEndedBatch } from '@pilothouse/contract/wire'
import { Ban, Download, Ellipsis, RotateCw, ScrollText, Table2 } from 'lucide-react'
import { useServices } from '../app/services.ts'
import { Button, buttonClass } from '../ui/button.tsx'
import { Menu, MenuAction, MenuLine, MenuLink } from '../ui/menu.tsx'
import { CancelDialog } from './cancel-dialog.tsx'
import { useBatchChanges } from './use-batches.ts'

/** What can be done with a batch now. Pure. */
export function listBatchActions({ status, counts }: Pick<BatchCard, 'status' | 'counts'>) {
  const hasEnded = isEndedBatch(status)
  return {
    canCancel: !hasEnded && status !== 'cancelling' && status !== 'finalizing',
    /** Also while it goes on: what there is so far. */
    hasAnswers: counts.completed > 0,
    hasErrors: counts.failed > 0,
    canRetry: hasEnded && counts.failed > 0,
  }
}

/** All that can be done with a batch, behind one button. */
export function BatchMenu({ batch }: { batch: BatchCard }) {
  const { client } = useServices()
  const navigate = useNavigate()
  const { retry } = useBatchChanges()
  const [isCancelling, setCancelling] = useState(false)
  const { canCancel, hasAnswers, hasErrors, canRetry } = listBatchActions(batch)
  const { id, name } = batch
  const openLog = (): void => void navigate({ to: '/batches/$id', params: { id }, hash: 'log' })
  return (
    <>
      <Menu
        align="end"
        trigger={
          <Button look="quiet" square aria-label={`What to do with ${name}`} title="What to do with it">
            <Ellipsis size={16} aria-hidden />
          </Button>
        }
      >
        {hasAnswers ? (
          <MenuAction
            icon={<Table2 size={14} aria-hidden />}
            onClick={() => void navigate({ to: '/batches/compare', search: { ids: id } })}
          >
            Read the answers
          </MenuAction>
        ) : null}
        {hasAnswers ? (
          <MenuLink
            icon={<Download size={14} aria-hidden />}
            download
            href={client.url('openai-batches.results', { params: { id } })}
          >
            Download answers
          </MenuLink>
        ) : null}
        {hasErrors ? (
          <MenuLink
            icon={<Download size={14} aria-hidden />}
            download
            href={client.url('openai-batches.errors', { params: { id } })}
          >
            Download errors
          </MenuLink>
        ) : null}
        <MenuAction icon={<ScrollText size={14} aria-hidden />} onClick={openLog}>
          Log
        </MenuAction>
        {canRetry ? (
          <MenuAction icon={<RotateCw size={14} aria-hidden />} onClick={() => retry.mutate({ id })}>
            Send failed requests again
          </MenuAction>
        ) : null}
        {canCancel ? (
          <>
            <MenuLine />
            <MenuAction danger icon={<Ban size={14} aria-hidden />} onClick={() => setCancelling(true)}>
              Cancel …
            </MenuAction>
          </>
        ) : null}
      </Menu>
      {isCancelling ? <CancelDialog batch={batch} onClose={() => setCancelling(false)} /> : null}
    </>
  )
}

/** The same as buttons, for the head of its page. */
export function BatchButtons({ batch }: { batch: BatchCard }) {
  const { client } = useServices()
  const [isCancelling, setCancelling] = useState(false)
  const { canCancel, hasAnswers, hasErrors } = listBatchActions(batch)
  const { id } = batch
  return (
    <div role="group" aria-label="What to do with it" className="flex flex-wrap gap-1.5">
      {hasAnswers ? (
        <Link to="/batches/compare" search={{ ids: id }} className={buttonClass()}>
          <Table2 size={14} aria-hidden /> Read the answers
        </Link>
      ) : null}
      {hasAnswers ? (
        <a download href={client.url('openai-batches.results', { params: { id } })} className={buttonClass()}>
          <Download size={14} aria-hidden /> Answers
        </a>
      ) : null}
      {hasErrors ? (
        <a download href={client.url('openai-batches.errors', { params: { id } })} className={buttonClass()}>
          <Download size={14} aria-hidden /> Errors
        </a>
      ) : null}
      {canCancel ? (
        <Button onClick={() => setCancelling(true)}>
          <Ban size={14} aria-hidden /> Cancel
        </Button>
      ) : null}
      {isCancelling ? <CancelDialog batch={batch} onClose={() => setCancelling(false)} /> : null}
    </div>
  )
}
