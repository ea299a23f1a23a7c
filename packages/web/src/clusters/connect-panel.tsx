import { useEffect, useRef, useState } from 'react'
import type { Connection } from '@pilothouse/contract'
import { formatClockTime } from '../app/format-clock-time.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/fields.tsx'
import { useAnswer, useConnect, useConnection, useDisconnect } from './use-connection.ts'

type PanelProps = {
  name: string
  /** Nobody is let in without being asked. */
  isNeeded: boolean
  onConnected: () => void
}

/** A connection that is made by hand: what ssh asks, one question after the other. */
export function ConnectPanel({ name, isNeeded, onConnected }: PanelProps) {
  const { data } = useConnection(name)
  const connect = useConnect(name)
  const isBeingMade = useRef(false)
  const state = data?.state
  useEffect(() => {
    if (state === 'connecting' || state === 'asking') isBeingMade.current = true
    if (state !== 'connected' || !isBeingMade.current) return
    isBeingMade.current = false
    onConnected()
  }, [state, onConnected])
  if (!data) return null
  switch (data.state) {
    case 'none':
    case 'ended':
    case 'failed':
      return isNeeded ? (
        <div className="mt-1 flex flex-col items-start gap-2">
          {data.trouble === null ? null : (
            <p className="wrap-anywhere">
              {data.state === 'ended' ? 'The last connection by hand ended: ' : ''}
              {data.trouble.message} {data.state === 'failed' ? data.trouble.hint : ''}
            </p>
          )}
          <p>
            What ssh asks is asked here then. Your answers go to ssh and are kept nowhere; the connection serves all
            later work until it ends.
          </p>
          <Fault error={connect.error} />
          <Button disabled={connect.isPending} onClick={() => connect.mutate()}>
            Connect…
          </Button>
        </div>
      ) : null
    case 'connecting':
    case 'asking':
      return <Making name={name} connection={data} />
    case 'connected':
      return <Standing name={name} connection={data} onEnded={onConnected} />
    default:
      return data.state satisfies never
  }
}

function Making({ name, connection: { question, until } }: { name: string; connection: Connection }) {
  const cancel = useDisconnect(name)
  return (
    <section aria-label="Connect by hand" className="mt-1 flex flex-col gap-3 rounded-md border border-line p-3">
      {question === null ? (
        <p className="text-muted">Connecting. If ssh asks something, it stands here.</p>
      ) : (
        <Question key={question.id} name={name} question={question} />
      )}
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span className="text-12 text-muted">
          {until === null ? null : `It is given up at ${formatClockTime(until)}.`}
        </span>
        <Button look="quiet" disabled={cancel.isPending} onClick={() => cancel.mutate()}>
          Cancel
        </Button>
      </div>
    </section>
  )
}

type QuestionProps = { name: string; question: NonNullable<Connection['question']> }

function Question({ name, question: { id, text, kind, isRepeated } }: QuestionProps) {
  const [value, setValue] = useState('')
  const [isShown, setShown] = useState(false)
  const { mutate, error, isPending } = useAnswer(name)
  const answer = (words: string): void => mutate({ id, answer: words })
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        answer(value)
      }}
    >
      {isRepeated ? <p className="text-bad">What was answered was not taken. ssh asks again:</p> : <p>ssh asks:</p>}
      <p className="rounded-md bg-sunken px-3 py-2 font-mono text-12 wrap-anywhere whitespace-pre-wrap">
        {text.trim()}
      </p>
      {kind === 'secret' ? (
        <>
          <TextField label="Answer" type={isShown ? 'text' : 'password'} autoFocus value={value} onChange={setValue} />
          <div className="flex flex-wrap items-center gap-2">
            <Button type="submit" look="primary" disabled={isPending}>
              Answer
            </Button>
            <Button aria-pressed={isShown} onClick={() => setShown(!isShown)}>
              Show what I type
            </Button>
          </div>
        </>
      ) : null}
      {kind === 'confirm' ? (
        <div className="flex gap-2">
          <Button look="primary" disabled={isPending} onClick={() => answer('yes')}>
            Yes
          </Button>
          <Button disabled={isPending} onClick={() => answer('no')}>
            No
          </Button>
        </div>
      ) : null}
      <Fault error={error} />
    </form>
  )
}

type StandingProps = { name: string; connection: Connection; onEnded: () => void }

function Standing({ name, connection: { since }, onEnded }: StandingProps) {
  const { mutate, error, isPending } = useDisconnect(name)
  return (
    <div className="mt-1 flex flex-wrap items-center justify-between gap-2">
      <span>Connected by hand{since === null ? '' : ` since ${formatClockTime(since)}`}; all work goes over it.</span>
      <Button disabled={isPending} onClick={() => mutate(undefined, { onSuccess: onEnded })}>
        End it
      </Button>
      <Fault error={error} />
    </div>
  )
}

function Fault({ error }: { error: Error | null }) {
  if (error === null) return null
  return (
    <p role="alert" className="wrap-anywhere text-bad">
      {error.message}
    </p>
  )
}
