import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import type { Session } from '@pilothouse/contract'
import type { Client, Live, LiveStatus } from '@pilothouse/client'

/** What the page works with; made once in `main.tsx`. */
export type Services = { client: Client; live: Live }

const ServicesContext = createContext<Services | undefined>(undefined)
export const ServicesProvider = ServicesContext.Provider

export function useServices(): Services {
  const services = useContext(ServicesContext)
  if (!services) throw new Error('This part of the page stands outside its services.')
  return services
}

const SessionContext = createContext<Session | undefined>(undefined)
export const SessionProvider = SessionContext.Provider

/** Who is signed in. Only rendered below the gate, so somebody always is. */
export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('This part of the page stands outside the session.')
  return session
}

/** State of the line to the server. */
export function useLiveStatus(): LiveStatus {
  const { live } = useServices()
  return useSyncExternalStore(
    (listener) => live.onStatus(listener),
    () => live.status(),
  )
}

/** The server's clock, as well as we know it, renewed every `everyMs`. */
export function useServerNow(everyMs = 1_000): number {
  const { live } = useServices()
  const [now, setNow] = useState(() => Date.now() + live.clockOffset())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() + live.clockOffset()), everyMs)
    return () => clearInterval(timer)
  }, [live, everyMs])
  return now
}
