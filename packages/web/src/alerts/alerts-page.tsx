import { getRouteApi, Link } from '@tanstack/react-router'
import { usePageName } from '../app/crumbs.tsx'
import { AlertsTab } from './alerts-tab.tsx'
import { alertTabs, type AlertTab } from './alerts-search.ts'
import { ChannelsTab } from './channels-tab.tsx'
import { NotifySwitch } from './notify-switch.tsx'
import { RulesTab } from './rules-tab.tsx'

const route = getRouteApi('/frame/alerts')
const names: Record<AlertTab, string> = { alerts: 'Alerts', rules: 'Rules', channels: 'Channels' }

/** What needs somebody, when one is told, and where. */
export function AlertsPage() {
  const { tab = 'alerts' } = route.useSearch()
  usePageName(undefined, 'Alerts')
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-[1200px] flex-col gap-4 px-4 py-4 sm:px-6 sm:py-5">
        <header className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
          <h1 className="text-20 font-semibold tracking-tight">Alerts</h1>
          <NotifySwitch />
        </header>
        <nav aria-label="Parts of the alerts" className="flex gap-4 border-b border-line">
          {alertTabs.map((name) => (
            <Link
              key={name}
              to="/alerts"
              search={name === 'alerts' ? {} : { tab: name }}
              aria-current={name === tab ? 'page' : undefined}
              className={`flex h-9 items-center border-b-2 font-medium -outline-offset-2 transition-colors pointer-coarse:h-11 ${name === tab ? 'border-accent text-text' : 'border-transparent text-muted hover:text-text'}`}
            >
              {names[name]}
            </Link>
          ))}
        </nav>
        <Tab tab={tab} />
      </div>
    </div>
  )
}

function Tab({ tab }: { tab: AlertTab }) {
  switch (tab) {
    case 'alerts':
      return <AlertsTab />
    case 'rules':
      return <RulesTab />
    case 'channels':
      return <ChannelsTab />
    default:
      return tab satisfies never
  }
}
