import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { PilothouseError } from '@pilothouse/contract/wire'
import { useServices } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { Copyable } from '../ui/copyable.tsx'
import { readNextPath, readSignInCode } from './read-sign-in-link.ts'

/** `/sign-in?next=/job/…#code=…`: the code leaves the address at once and is exchanged for a session. */
export function SignInPage() {
  const signIn = useSignIn()
  const started = useRef(false)
  const { mutate } = signIn
  useEffect(() => {
    const code = readSignInCode(window.location.hash)
    if (started.current || code === undefined) return
    started.current = true
    window.history.replaceState(null, '', `/sign-in${window.location.search}`)
    mutate(code)
  }, [mutate])
  if (signIn.isPending || signIn.isSuccess) {
    return (
      <Sheet title="Signing in">
        <p role="status">The link is being exchanged for a session.</p>
      </Sheet>
    )
  }
  return <SignInView error={signIn.error} />
}

/** Nobody is signed in: how to get a link, and a field to paste one. */
export function SignInView({ expired = false, error = null }: { expired?: boolean; error?: Error | null }) {
  const signIn = useSignIn()
  const [text, setText] = useState('')
  const failure = signIn.error ?? error
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    signIn.mutate(readSignInCode(text) ?? text.trim())
  }
  return (
    <Sheet title={expired ? 'Your session has ended' : 'Sign in'}>
      <p>This page opens by a one-time link. On the machine where pilothouse runs, print one:</p>
      <Copyable text="pilothouse link" label="command" />
      <form onSubmit={submit} className="flex flex-col gap-2">
        <label htmlFor="link" className="text-text">
          Or paste a link
        </label>
        <div className="flex gap-2">
          <input
            id="link"
            value={text}
            onChange={(event) => setText(event.target.value)}
            autoComplete="off"
            spellCheck={false}
            placeholder="http://…/sign-in#code=…"
            className="h-9 min-w-0 flex-1 rounded-md border border-line bg-surface px-3 font-mono text-13 pointer-coarse:text-16"
          />
          <Button type="submit" look="primary" className="h-9 px-4" disabled={text.trim() === '' || signIn.isPending}>
            Sign in
          </Button>
        </div>
      </form>
      {failure ? <Failure error={failure} /> : null}
    </Sheet>
  )
}

function Failure({ error }: { error: Error }) {
  return (
    <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">
      {error.message} {error instanceof PilothouseError ? error.hint : null}
    </p>
  )
}

function Sheet({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="flex w-full max-w-md flex-col gap-4 text-muted">
        <div className="flex items-center gap-2.5 text-text">
          <img src="/icon.svg" width="28" height="28" alt="" />
          <span className="text-14 font-semibold tracking-tight">pilothouse</span>
        </div>
        <h1 className="text-20 font-semibold text-text">{title}</h1>
        {children}
      </div>
    </main>
  )
}

function useSignIn() {
  const { client, live } = useServices()
  const queries = useQueryClient()
  const router = useRouter()
  return useMutation({
    mutationFn: async (code: string) => client.call('access.sign-in', { body: { code } }),
    onSuccess: (session) => {
      queries.setQueryData(['session'], session)
      live.reconnect()
      const { pathname, search } = window.location
      if (pathname === '/sign-in') router.history.replace(readNextPath(search))
    },
  })
}
