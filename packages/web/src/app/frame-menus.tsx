import { lazy, Suspense, useState, useSyncExternalStore } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ChartLine, LogOut, Monitor, Moon, Server, Sun, UserRound } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { Menu, MenuAction, MenuChoices, MenuLine } from '../ui/menu.tsx'
import { useServices, useSession } from './services.ts'
import { chooseTheme, readThemeChoice, themeEvent } from './theme.ts'

/** Fetched when somebody opens it. */
const WandbDialog = lazy(async () => ({ default: (await import('../wandb/wandb-dialog.tsx')).WandbDialog }))

const icons = { light: Sun, dark: Moon, system: Monitor }

export function ThemeMenu() {
  const choice = useSyncExternalStore(listenToTheme, readThemeChoice)
  const Icon = icons[choice]
  return (
    <Menu
      trigger={
        <Button look="quiet" square aria-label={`Theme: ${choice}`} title="Theme">
          <Icon size={16} aria-hidden />
        </Button>
      }
    >
      <MenuChoices
        value={choice}
        onChange={chooseTheme}
        choices={[
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
          { value: 'system', label: 'As the system' },
        ]}
      />
    </Menu>
  )
}

function listenToTheme(listener: () => void): () => void {
  window.addEventListener(themeEvent, listener)
  return () => window.removeEventListener(themeEvent, listener)
}

export function MemberMenu() {
  const session = useSession()
  const { client } = useServices()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [hasWandb, setWandb] = useState(false)
  const signOut = async (): Promise<void> => {
    await client.call('access.sign-out')
    queries.clear()
    window.location.assign('/')
  }
  return (
    <>
      <Menu
        title={`${session.member.name} · ${session.role}`}
        trigger={
          <Button look="quiet" square aria-label={`Signed in as ${session.member.name}`} title={session.member.name}>
            <UserRound size={16} aria-hidden />
          </Button>
        }
      >
        <MenuLine />
        {session.permissions.includes('system:manage') ? (
          <MenuAction icon={<Server size={14} />} onClick={() => void navigate({ to: '/system' })}>
            System
          </MenuAction>
        ) : null}
        {session.permissions.includes('training:manage') ? (
          <MenuAction icon={<ChartLine size={14} />} onClick={() => setWandb(true)}>
            Weights &amp; Biases…
          </MenuAction>
        ) : null}
        <MenuAction icon={<LogOut size={14} />} onClick={() => void signOut()}>
          Sign out
        </MenuAction>
      </Menu>
      {hasWandb ? (
        <Suspense fallback={null}>
          <WandbDialog onClose={() => setWandb(false)} />
        </Suspense>
      ) : null}
    </>
  )
}
