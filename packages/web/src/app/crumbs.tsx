import { createContext, useContext, useEffect, useState, type ReactNode } from 'react'
import { Link, useLocation } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'

type CrumbState = { name: string | undefined; setName: (name: string | undefined) => void }
const CrumbContext = createContext<CrumbState>({ name: undefined, setName: () => undefined })

/** Where one is: the room, and the thing in it that the page has named. */
export function CrumbProvider({ children }: { children: ReactNode }) {
  const [name, setName] = useState<string>()
  return <CrumbContext.Provider value={{ name, setName }}>{children}</CrumbContext.Provider>
}

/** Names the page in the bar and in the title of the window, while it is open. */
export function usePageName(name: string | undefined, title = name): void {
  const { setName } = useContext(CrumbContext)
  useEffect(() => {
    setName(name)
    document.title = title === undefined ? 'pilothouse' : `${title} · pilothouse`
    return () => setName(undefined)
  }, [name, title, setName])
}

const rooms = {
  Jobs: '/',
  Projects: '/projects',
  Clusters: '/clusters',
  Batches: '/batches',
  Engines: '/engines',
  Costs: '/costs',
  Rented: '/instances',
  Alerts: '/alerts',
  System: '/system',
} as const
type Room = keyof typeof rooms

/** The room that an address leads to. */
export function roomOf(pathname: string): Room {
  const names = Object.keys(rooms) as Room[] // keys of a literal object
  return names.find((name) => rooms[name] === pathname || pathname.startsWith(`${rooms[name]}/`)) ?? 'Jobs'
}

export function Crumbs() {
  const { name } = useContext(CrumbContext)
  const room = useLocation({ select: ({ pathname }) => roomOf(pathname) })
  return (
    <nav aria-label="Where you are" className="flex min-w-0 items-center gap-1 text-13 sm:ml-3">
      <Link
        to={rooms[room]}
        className={`touchable rounded-sm px-1 font-medium ${name === undefined ? 'text-text' : 'text-muted hover:text-text'}`}
      >
        {room}
      </Link>
      {name === undefined ? null : (
        <>
          <ChevronRight size={14} className="shrink-0 text-faint" aria-hidden />
          <span className="truncate px-1 font-medium" aria-current="page" title={name}>
            {name}
          </span>
        </>
      )}
    </nav>
  )
}
