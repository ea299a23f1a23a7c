import { useState } from 'react'
import { Link } from '@tanstack/react-router'
import type { Channel, Delivery } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { Plus, RotateCw, Send, Trash2 } from 'lucide-react'
import { useServerNow, useSession } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Dot, Dotted } from '../ui/dotted.tsx'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { channelNames, ChannelSheet } from './channel-sheet.tsx'
import { useAlertRights } from './use-alerts.ts'
import { useChannelChanges, useChannels, useDeliveries } from './use-channels.ts'

/** Where alerts are told beside the page, and what came of it. */
export function ChannelsTab() {
  const { mayManage } = useAlertRights()
  return mayManage ? <Channels /> : <NoPermission />
}

function Channels() {
  const channels = useChannels()
  const { mayManageChannels } = useAlertRights()
  const [isAdding, setAdding] = useState(false)
  if (!channels.data) {
    return channels.error ? (
      <ErrorNotice error={channels.error} onRetry={() => void channels.refetch()} />
    ) : (
      <div className="waits h-32 rounded-lg bg-hover" aria-busy="true" />
    )
  }
  const { channels: list, canMail } = channels.data
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-muted">
          {list.length === 0
            ? 'No channel yet: alerts are told in the page only.'
            : 'Rules name the channels that tell their alerts.'}{' '}
          {mayManageChannels ? '' : 'An admin can add and change channels.'}
        </p>
        {mayManageChannels ? (
          <Button look="primary" onClick={() => setAdding(true)}>
            <Plus size={14} aria-hidden /> Add a channel
          </Button>
        ) : null}
      </div>
      {list.length > 0 ? (
        <ul aria-label="Channels" className="overflow-hidden rounded-lg border border-line bg-surface">
          {list.map((channel) => (
            <ChannelItem key={channel.id} channel={channel} />
          ))}
        </ul>
      ) : null}
      <Deliveries />
      {isAdding ? <ChannelSheet canMail={canMail} onClose={() => setAdding(false)} /> : null}
    </>
  )
}

function ChannelItem({ channel }: { channel: Channel }) {
  const now = useServerNow(10_000)
  const { edit, test } = useChannelChanges()
  const { mayManageChannels } = useAlertRights()
  const [isLeaving, setLeaving] = useState(false)
  const { name, kind, target, enabled, last, waiting } = channel
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-1 border-t border-line px-4 py-2.5 first:border-t-0">
      <div className={`min-w-0 flex-1 basis-56 ${enabled ? '' : 'text-muted'}`}>
        <p className="font-medium wrap-anywhere">{name}</p>
        <Dotted className="text-12 text-muted">
          <Dot>{channelNames[kind]}</Dot>
          <Dot>
            <span className="font-mono wrap-anywhere">{target}</span>
          </Dot>
          {waiting > 0 ? <Dot>{formatCount(waiting)} waiting</Dot> : null}
          {last ? (
            <Dot>
              {last.status === 'delivered' ? 'reached ' : 'not reached '}
              <TimeAgo at={last.at} now={now} />
            </Dot>
          ) : (
            <Dot>not used yet</Dot>
          )}
        </Dotted>
        {last?.error ? <p className="text-12 wrap-anywhere text-bad">{last.error}</p> : null}
      </div>
      {mayManageChannels ? (
        <div className="flex shrink-0 items-center gap-1">
          <Button disabled={!enabled || test.isPending} onClick={() => test.mutate(channel)}>
            <Send size={14} aria-hidden /> Test
          </Button>
          <label className="touchable flex items-center gap-1.5 px-1 text-12 text-muted">
            <input
              type="checkbox"
              checked={enabled}
              disabled={edit.isPending}
              onChange={(event) => edit.mutate({ id: channel.id, enabled: event.target.checked })}
              className="size-4 accent-(--accent)"
              aria-label={`${name} is on`}
            />
            on
          </label>
          <Button look="quiet" square aria-label={`Delete ${name}`} title="Delete" onClick={() => setLeaving(true)}>
            <Trash2 size={14} aria-hidden />
          </Button>
        </div>
      ) : null}
      {isLeaving ? <DeleteDialog channel={channel} onClose={() => setLeaving(false)} /> : null}
    </li>
  )
}

/** Its secrets are gone with it, so this asks instead of offering a way back. */
function DeleteDialog({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const { remove } = useChannelChanges()
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Delete «${channel.name}»?`}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button
            look="danger"
            disabled={remove.isPending}
            onClick={() => remove.mutate(channel, { onSuccess: onClose })}
          >
            Delete
          </Button>
        </>
      }
    >
      <p className="text-muted">
        Its address and its history go, and rules that name it tell their alerts without it. This cannot be taken back;
        turning it off can.
      </p>
    </Dialog>
  )
}

function Deliveries() {
  const deliveries = useDeliveries().data?.deliveries ?? []
  const now = useServerNow(10_000)
  if (deliveries.length === 0) return null
  return (
    <section aria-labelledby="deliveries-title" className="flex flex-col gap-2">
      <h2 id="deliveries-title" className="text-12 text-muted">
        Deliveries
      </h2>
      <ul aria-labelledby="deliveries-title" className="overflow-hidden rounded-lg border border-line bg-surface">
        {deliveries.map((delivery) => (
          <DeliveryItem key={delivery.id} delivery={delivery} now={now} />
        ))}
      </ul>
    </section>
  )
}

function DeliveryItem({ delivery, now }: { delivery: Delivery; now: number }) {
  const { repeat } = useChannelChanges()
  const { mayManageChannels } = useAlertRights()
  const { title, job, channel, createdAt, event, error, status } = delivery
  return (
    <li className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 border-t border-line px-4 py-1.5 first:border-t-0">
      <span className={`w-20 shrink-0 text-12 ${status === 'given-up' ? 'text-bad' : 'text-muted'}`}>
        {describeStatus(delivery)}
      </span>
      <span className="min-w-0 flex-1 basis-48 truncate">
        {event === 'resolved' ? 'over: ' : ''}
        {title}
        {job ? (
          <>
            {' · '}
            <Link to="/job/$uid" params={{ uid: job.uid }} className="text-accent underline">
              {job.name || job.uid}
            </Link>
          </>
        ) : null}
      </span>
      <span className="text-12 text-muted">{channel.name}</span>
      <span className="text-12 text-faint">
        <TimeAgo at={createdAt} now={now} />
      </span>
      {status === 'given-up' && mayManageChannels ? (
        <Button
          look="quiet"
          square
          aria-label={`Try again: ${title}`}
          title="Try again"
          disabled={repeat.isPending}
          onClick={() => repeat.mutate(delivery)}
        >
          <RotateCw size={14} aria-hidden />
        </Button>
      ) : null}
      {error ? <span className="basis-full text-12 wrap-anywhere text-bad">{error}</span> : null}
    </li>
  )
}

function describeStatus({ status, tries }: Delivery): string {
  switch (status) {
    case 'delivered':
      return 'delivered'
    case 'given-up':
      return 'given up'
    case 'waiting':
      return tries === 0 ? 'waiting' : `try ${tries + 1}`
    default:
      return status satisfies never
  }
}

function NoPermission() {
  const { role } = useSession()
  return (
    <Notice title="Channels are for those who manage alerts">
      <p>
        You are signed in as {role}. Seeing where alerts are sent needs the permission{' '}
        <code className="font-mono text-12">alerts:manage</code>, which members and admins have.
      </p>
    </Notice>
  )
}
