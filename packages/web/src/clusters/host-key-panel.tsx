import { useState } from 'react'
import type { HostKeys } from '@pilothouse/contract'
import { Button } from '../ui/button.tsx'
import { Copyable } from '../ui/copyable.tsx'
import { useHostKeyChoice } from './use-clusters.ts'

type PanelProps = { name: string; found: HostKeys; onChanged: () => void }

/** The key that a host on the way shows: trusted by a word of an admin, never when another was known. */
export function HostKeyPanel({ name, found, onChanged }: PanelProps) {
  if (found.state === 'trusted') return null
  return found.state === 'unknown' ? (
    <UnknownKey name={name} found={found} onChanged={onChanged} />
  ) : (
    <ChangedKey name={name} found={found} onChanged={onChanged} />
  )
}

function UnknownKey({ name, found, onChanged }: PanelProps) {
  const { host, isJump, lookup, keys } = found
  return (
    <section aria-label="Host key" className="mt-1 flex flex-col gap-2 rounded-md border border-line p-3">
      <p className="wrap-anywhere">
        <span className="font-medium">{host}</span>
        {isJump ? `, on the way to ${name},` : ''} is not known yet. The administrator of the host can tell you which
        key is right.
      </p>
      <ul className="flex flex-col gap-2" aria-label="Keys that it shows">
        {keys.map((key) => (
          <li key={key.fingerprint} className="flex flex-col items-start gap-1.5">
            <KeyWords {...key} />
            <Choice
              name={name}
              what="trust"
              choice={{ lookup, fingerprint: key.fingerprint }}
              button="Trust this key"
              question="Is this fingerprint the one that you were told? The control room then logs in there with its keys, and jobs run there."
              onDone={onChanged}
            />
          </li>
        ))}
      </ul>
      {keys.length > 1 ? <p className="text-12 text-muted">One of them is enough.</p> : null}
    </section>
  )
}

function ChangedKey({ name, found: { host, isJump, lookup, keys, known }, onChanged }: PanelProps) {
  const foreign = [...new Set(known.filter(({ isOurs }) => !isOurs).map(({ file }) => file))]
  return (
    <section aria-label="Host key" className="mt-1 flex flex-col gap-2 rounded-md bg-bad-soft p-3">
      <p className="wrap-anywhere">
        <span className="font-medium text-bad">{host} shows another key than before.</span>{' '}
        {isJump ? `It is on the way to ${name}. ` : ''}
        It was set up anew, or somebody stands in between and could read along. Ask its administrator. Until the old key
        is forgotten, nobody logs in there.
      </p>
      <h3 className="text-12 font-medium">It shows</h3>
      {keys.map((key) => (
        <KeyWords key={key.fingerprint} {...key} />
      ))}
      <h3 className="text-12 font-medium">Known was</h3>
      <ul className="flex flex-col gap-2" aria-label="Known keys">
        {known.map(({ type, fingerprint, file, line, isOurs, isRevoked }) => (
          <li key={`${file}:${line}`} className="flex flex-col items-start gap-1">
            <KeyWords type={type} fingerprint={fingerprint} />
            <span className="text-12 wrap-anywhere">
              {isRevoked ? 'Revoked: never to be accepted. ' : ''}
              {isOurs ? 'Accepted here: ' : ''}
              {file}, line {line}
            </span>
            {isOurs ? (
              <Choice
                name={name}
                what="forget"
                choice={{ lookup, fingerprint }}
                button="Forget the old key"
                question="Has the administrator said that the key was changed? Then forget the old one; the new one is shown to be trusted."
                onDone={onChanged}
              />
            ) : null}
          </li>
        ))}
      </ul>
      {foreign.length === 0 ? null : (
        <>
          <p>If the new key is right, remove the old one on the machine of the control room:</p>
          <Copyable
            label="commands"
            text={foreign.map((file) => `ssh-keygen -R ${quote(lookup)} -f ${quote(file)}`).join('\n')}
          />
        </>
      )}
    </section>
  )
}

function KeyWords({ type, fingerprint }: { type: string; fingerprint: string }) {
  return (
    <span className="wrap-anywhere">
      {type} <code className="font-mono text-12">{fingerprint}</code>
    </span>
  )
}

type ChoiceProps = {
  name: string
  what: 'trust' | 'forget'
  choice: { lookup: string; fingerprint: string }
  button: string
  question: string
  onDone: () => void
}

/** A button that asks before it does what it says. */
function Choice({ name, what, choice, button, question, onDone }: ChoiceProps) {
  const [isAsked, setAsked] = useState(false)
  const { mutate, error, isPending } = useHostKeyChoice(name, what)
  if (!isAsked) return <Button onClick={() => setAsked(true)}>{button}</Button>
  return (
    <div role="group" aria-label={button} className="flex flex-col gap-2">
      <p>{question}</p>
      {error ? (
        <p role="alert" className="wrap-anywhere text-bad">
          {error.message}
        </p>
      ) : null}
      <div className="flex gap-2">
        <Button
          autoFocus
          look={what === 'trust' ? 'primary' : 'danger'}
          disabled={isPending}
          onClick={() => mutate(choice, { onSuccess: onDone })}
        >
          {what === 'trust' ? 'Yes, trust it' : 'Yes, forget it'}
        </Button>
        <Button onClick={() => setAsked(false)}>Cancel</Button>
      </div>
    </div>
  )
}

/** One word of a shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
