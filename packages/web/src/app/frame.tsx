import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react'
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import { Bell, BrainCircuit, Coins, Cpu, FolderGit2, Layers, LayoutList, Search, Server } from 'lucide-react'
import { Gate } from '../access/gate.tsx'
import { CrumbProvider, Crumbs, roomOf } from './crumbs.tsx'
import { ConnectionSign, DisconnectedBanner } from './connection.tsx'
import { MemberMenu, ThemeMenu } from './frame-menus.tsx'
import { ShortcutSheet } from './shortcut-sheet.tsx'
import { Toasts } from '../ui/toasts.tsx'
import { Button } from '../ui/button.tsx'
import { useCommands } from './commands.ts'
import { useSession } from './services.ts'
import { bindPaletteKey, focusSearch } from './shortcuts.ts'
import { startTypeAhead, takeTypeAhead } from './type-ahead.ts'

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }))
const OpenAlerts = lazy(async () => ({ default: (await import('../alerts/open-alerts.tsx')).OpenAlerts }))
const WatchBatches = lazy(async () => ({ default: (await import('../batches/watch-batches.tsx')).WatchBatches }))
const commandKey = /mac|iphone|ipad/i.test(navigator.userAgent) ? '⌘' : 'Ctrl '

/** Bar above, rooms beside (below on a phone), the page between. Only rooms that exist have a door. */
export function Frame() {
  return (
    <Gate>
      <CrumbProvider>
        <div className="grid h-dvh grid-cols-[minmax(0,1fr)] grid-rows-[48px_minmax(0,1fr)_auto] sm:grid-cols-[52px_minmax(0,1fr)] sm:grid-rows-[48px_minmax(0,1fr)] lg:grid-cols-[200px_minmax(0,1fr)]">
          <a
            href="#page"
            className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-surface focus:px-3 focus:py-1"
          >
            Skip to the page
          </a>
          <TopBar />
          <Rooms />
          <main
            id="page"
            tabIndex={-1}
            className="flex min-h-0 min-w-0 flex-col outline-none sm:col-start-2 sm:row-start-2"
          >
            <DisconnectedBanner />
            <div className="min-h-0 flex-1">
              <Outlet />
            </div>
          </main>
          <Toasts />
        </div>
      </CrumbProvider>
    </Gate>
  )
}

function TopBar() {
  return (
    <header className="col-span-full flex min-w-0 items-center gap-2 border-b border-line bg-surface pr-2 sm:pr-3">
      <Link
        to="/"
        aria-label="pilothouse, all jobs"
        className="flex h-full shrink-0 items-center gap-2.5 pl-3.5 font-semibold tracking-tight sm:w-[52px] lg:w-[200px]"
      >
        <Mark />
        <span className="hidden text-14 lg:inline">pilothouse</span>
      </Link>
      <Crumbs />
      <div className="ml-auto flex shrink-0 items-center gap-1">
        <Shortcuts />
        <ConnectionSign />
        <ThemeMenu />
        <MemberMenu />
      </div>
    </header>
  )
}

function Rooms() {
  const room = useLocation({ select: ({ pathname }) => roomOf(pathname) })
  const { permissions } = useSession()
  return (
    <nav
      aria-label="Rooms"
      className="row-start-3 flex gap-1 border-t border-line bg-surface p-1.5 pb-[max(6px,env(safe-area-inset-bottom))] sm:row-start-2 sm:flex-col sm:border-t-0 sm:border-r sm:p-2"
    >
      <Door to="/" name="Jobs" isOpen={room === 'Jobs'} icon={<LayoutList size={16} aria-hidden />} />
      <Door to="/projects" name="Projects" isOpen={room === 'Projects'} icon={<FolderGit2 size={16} aria-hidden />} />
      <Door to="/clusters" name="Clusters" isOpen={room === 'Clusters'} icon={<Cpu size={16} aria-hidden />} />
      {permissions.includes('batch:submit') ? (
        <Door to="/batches" name="Batches" isOpen={room === 'Batches'} icon={<Layers size={16} aria-hidden />}>
          <Suspense fallback={null}>
            <WatchBatches />
          </Suspense>
        </Door>
      ) : null}
      {permissions.includes('batch:submit') ? (
        <Door to="/engines" name="Engines" isOpen={room === 'Engines'} icon={<BrainCircuit size={16} aria-hidden />} />
      ) : null}
      {/* A phone has no room for it: there the palette and the histories of projects lead to it. */}
      <span className="contents max-sm:hidden">
        <Door to="/costs" name="Costs" isOpen={room === 'Costs'} icon={<Coins size={16} aria-hidden />} />
      </span>
      <Door to="/instances" name="Rented" isOpen={room === 'Rented'} icon={<Server size={16} aria-hidden />} />
      <Door to="/alerts" name="Alerts" isOpen={room === 'Alerts'} icon={<Bell size={16} aria-hidden />}>
        <Suspense fallback={null}>
          <OpenAlerts />
        </Suspense>
      </Door>
    </nav>
  )
}

type DoorProps = {
  to: '/' | '/projects' | '/clusters' | '/batches' | '/engines' | '/instances' | '/costs' | '/alerts'
  name: string
  isOpen: boolean
  icon: ReactNode
  children?: ReactNode
}

function Door({ to, name, isOpen, icon, children }: DoorProps) {
  return (
    <Link
      to={to}
      className={`touchable relative flex h-8 min-w-0 flex-1 items-center justify-center gap-2.5 rounded-md px-2.5 font-medium transition-colors hover:bg-hover max-sm:h-11 max-sm:flex-col max-sm:gap-0.5 max-sm:px-0 max-sm:text-12 sm:flex-none lg:justify-start ${isOpen ? 'sm:bg-hover' : 'max-sm:text-muted'}`}
      activeProps={{}}
      aria-current={isOpen ? 'true' : undefined}
      title={name}
    >
      {icon}
      <span className="sm:sr-only lg:not-sr-only">{name}</span>
      {children}
    </Link>
  )
}

/** The palette and the sheet of keys, with the keys that work on every page. */
function Shortcuts() {
  const [open, setOpen] = useState<'sheet' | 'palette'>()
  const navigate = useNavigate()
  const { permissions } = useSession()
  useEffect(
    () =>
      bindPaletteKey(() => {
        startTypeAhead()
        setOpen('palette')
      }),
    [],
  )
  useCommands({
    sheet: () => setOpen('sheet'),
    search: focusSearch,
    jobs: () => void navigate({ to: '/' }),
    projects: () => void navigate({ to: '/projects' }),
    clusters: () => void navigate({ to: '/clusters' }),
    instances: () => void navigate({ to: '/instances' }),
    ...(permissions.includes('batch:submit')
      ? {
          batches: () => void navigate({ to: '/batches' }),
          engines: () => void navigate({ to: '/engines' }),
        }
      : {}),
    costs: () => void navigate({ to: '/costs' }),
    alerts: () => void navigate({ to: '/alerts' }),
    ...(permissions.includes('system:manage') ? { system: () => void navigate({ to: '/system' }) } : {}),
    add: () => void navigate({ to: '/', search: { add: 'sdk' } }),
  })
  return (
    <>
      <Button
        look="quiet"
        aria-label="Go anywhere, do anything"
        title={`Go anywhere, do anything (${commandKey}K)`}
        onClick={() => setOpen('palette')}
      >
        <Search size={16} aria-hidden />
        {/* Its text stands in a style: what is seen would not be what is read out. */}
        <kbd
          data-keys={`${commandKey}K`}
          className="rounded-sm border border-line px-1 font-mono text-12 leading-4 text-faint after:content-[attr(data-keys)] max-sm:hidden pointer-coarse:hidden"
          aria-hidden
        />
      </Button>
      {open === 'palette' ? (
        <Suspense fallback={null}>
          <Palette onReady={takeTypeAhead} onClose={() => setOpen(undefined)} />
        </Suspense>
      ) : null}
      <ShortcutSheet open={open === 'sheet'} onClose={() => setOpen(undefined)} />
    </>
  )
}

function Mark() {
  return (
    <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden className="shrink-0">
      <rect width="32" height="32" rx="7" fill="var(--accent)" />
      <path
        d="M7 21.5l5.2-6.6 4.3 3.9L25 9"
        fill="none"
        stroke="var(--on-accent)"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="25" cy="9" r="2.3" fill="var(--on-accent)" />
    </svg>
  )
}
