import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { createClient, openLive } from '@pilothouse/client'
import { PilothouseError } from '@pilothouse/contract/wire'
import { reloadWhenStale } from './app/reload-when-stale.ts'
import { router } from './app/router.tsx'
import { ServicesProvider } from './app/services.ts'
import { watchTheme } from './app/theme.ts'
import './style/main.css'

/** The server tells what is new of a job in rounds, a topic after the other: a round makes one picture. */
const roundMs = 40

const client = createClient({ baseUrl: '' })
const services = { client, live: openLive(client, { waits: true, gatherMs: roundMs }) }
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // Live events keep what is shown fresh; asking again is for when the line was away.
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && error instanceof PilothouseError && error.code === 'unavailable',
      retryDelay: 600,
    },
  },
})

watchTheme()
reloadWhenStale()
const host = document.getElementById('root')
if (!host) throw new Error('The page has no root.')
createRoot(host).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <ServicesProvider value={services}>
        <RouterProvider router={router} />
      </ServicesProvider>
    </QueryClientProvider>
  </StrictMode>,
)
