import { lazy, Suspense } from 'react'
import { getRouteApi } from '@tanstack/react-router'
import type { RentedInstance } from '@pilothouse/contract'
import { KeyRound, Plus } from 'lucide-react'
import { useCommands } from '../app/commands.ts'
import { usePageName } from '../app/crumbs.tsx'
import { useServerNow, useSession } from '../app/services.ts'
import { StaleLine } from '../ui/stale-line.tsx'
import { Button } from '../ui/button.tsx'
import { Copyable } from '../ui/copyable.tsx'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { InstanceCard } from './instance-card.tsx'
import { nameInstance, sumRates } from './instance-words.ts'
import { useAccounts, useInstances, useMayRent } from './use-instances.ts'
import { CardSkeleton } from '../ui/card-skeleton.tsx'

/** Fetched when somebody opens them. */
const InstanceSheet = lazy(async () => ({ default: (await import('./instance-sheet.tsx')).InstanceSheet }))
const RentSheet = lazy(async () => ({ default: (await import('./rent-sheet.tsx')).RentSheet }))
const AccountsSheet = lazy(async () => ({ default: (await import('./accounts-sheet.tsx')).AccountsSheet }))

const route = getRouteApi('/frame/instances')

/** Rented machines: what they do, what they cost, what can be done to them. */
export function InstancesPage() {
  usePageName(undefined, 'Rented')
  const { permissions } = useSession()
  return (
    <div className="h-full overflow-y-auto">
      {permissions.includes('training:view') ? <Instances /> : <NoPermission />}
    </div>
  )
}

function Instances() {
  const instances = useInstances()
  const mayRent = useMayRent()
  const accounts = useAccounts().data?.accounts ?? []
  const navigate = route.useNavigate()
  const rent = (): void => void navigate({ search: { open: 'rent' } })
  const manage = (): void => void navigate({ search: { open: 'accounts' } })
  const hasAccounts = accounts.length > 0
  useCommands(
    {},
    mayRent
      ? [
          { name: 'Accounts at providers', run: manage },
          ...(hasAccounts ? [{ name: 'Rent a machine', run: rent }] : []),
        ]
      : [],
  )
  const list = instances.data?.instances
  return (
    <div className="mx-auto flex max-w-[1600px] flex-col gap-4 px-4 py-4 sm:px-6 sm:py-5">
      <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h1 className="text-20 font-semibold tracking-tight">Rented machines</h1>
        {list && list.length > 0 ? (
          <p className="text-12 text-muted max-sm:order-last max-sm:basis-full sm:mr-auto">{countThem(list)}</p>
        ) : null}
        {mayRent ? (
          <div className="flex flex-wrap items-center gap-2">
            <Button onClick={manage}>
              <KeyRound size={14} aria-hidden /> Accounts
            </Button>
            {hasAccounts ? (
              <Button look="primary" onClick={rent}>
                <Plus size={14} aria-hidden /> Rent a machine
              </Button>
            ) : null}
          </div>
        ) : (
          <p className="text-12 text-muted">An admin rents, stops and destroys machines.</p>
        )}
      </header>
      {list ? (
        <>
          {instances.error ? <StaleLine error={instances.error} readAt={instances.dataUpdatedAt} /> : null}
          {accounts
            .filter(({ trouble }) => trouble !== null)
            .map(({ id, name, trouble }) => (
              <p key={id} role="status" className="rounded-md bg-warn-soft px-3 py-2 wrap-anywhere text-warn">
                The account «{name}» cannot be read. {trouble?.message} {trouble?.hint}
              </p>
            ))}
          {list.length === 0 ? <NoInstances hasAccounts={hasAccounts} /> : <Cards instances={list} />}
          <OpenSheet instances={list} />
        </>
      ) : instances.error ? (
        <ErrorNotice error={instances.error} onRetry={() => void instances.refetch()} />
      ) : (
        <CardSkeleton grid={grid} label="The machines are on their way" />
      )}
    </div>
  )
}

const grid = 'grid grid-cols-[repeat(auto-fill,minmax(min(100%,360px),1fr))] gap-3'

function Cards({ instances }: { instances: readonly RentedInstance[] }) {
  const now = useServerNow(5_000)
  return (
    <ul aria-label="Rented machines" className={grid}>
      {instances.map((instance) => (
        <InstanceCard key={instance.id} instance={instance} now={now} />
      ))}
    </ul>
  )
}

/** The sheet that the address names, for those who may open it. */
function OpenSheet({ instances }: { instances: readonly RentedInstance[] }) {
  const { machine, open } = route.useSearch()
  const navigate = route.useNavigate()
  const mayRent = useMayRent()
  const accounts = useAccounts().data?.accounts
  const close = (): void => void navigate({ search: {} })
  const shown = instances.find(({ id }) => id === machine)
  return (
    <Suspense fallback={null}>
      {shown ? <InstanceSheet key={shown.id} id={shown.id} name={nameInstance(shown)} onClose={close} /> : null}
      {mayRent && accounts && open === 'rent' ? <RentSheet accounts={accounts} onClose={close} /> : null}
      {mayRent && accounts && open === 'accounts' ? <AccountsSheet accounts={accounts} onClose={close} /> : null}
    </Suspense>
  )
}

function countThem(instances: readonly RentedInstance[]): string {
  const running = instances.filter(({ facts }) => facts.status === 'running').length
  const rates = sumRates(instances)
  return `${running} of ${instances.length} running${rates === '' ? '' : ` · ${rates} now`}`
}

/** What this page is for, and the one thing to do. */
function NoInstances({ hasAccounts }: { hasAccounts: boolean }) {
  const mayRent = useMayRent()
  return (
    <div className="mx-auto flex w-full max-w-xl flex-col gap-4 py-4 text-muted sm:py-10">
      <h2 className="text-20 font-semibold text-text">No rented machines</h2>
      <p>
        Machines that are rented from vast.ai or RunPod are listed here with what they do and what they cost, and jobs
        are launched on them as on any host. What they do comes from their provider.
      </p>
      {hasAccounts ? (
        <p>The accounts that are known have none now. «Rent a machine» looks for one.</p>
      ) : mayRent ? (
        <>
          <p>Make an account known by «Accounts», or where the control room runs:</p>
          <Copyable text="pilothouse providers add vast lab --ask-key" label="the line that makes it known" />
        </>
      ) : (
        <p>An admin of this server adds accounts at providers.</p>
      )}
    </div>
  )
}

function NoPermission() {
  const { role } = useSession()
  return (
    <Notice title="Rented machines are for those who see jobs">
      <p>
        You are signed in as {role}. Seeing them needs the permission{' '}
        <code className="font-mono text-12">training:view</code>. An admin can give it.
      </p>
    </Notice>
  )
}
