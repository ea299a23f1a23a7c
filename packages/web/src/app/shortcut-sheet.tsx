import { Dialog } from '../ui/dialog.tsx'
import { shortcuts, type Shortcut } from './shortcuts.ts'

/** All keys of the page, by where they work. */
export function ShortcutSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Keys">
      {groupByPlace(shortcuts).map(([place, list]) => (
        <section key={place} className="mb-4 last:mb-0">
          <h3 className="mb-2 text-12 text-faint">{place}</h3>
          <dl className="grid grid-cols-[88px_1fr] items-center gap-x-4 gap-y-2">
            {list.map(({ keys, what }) => (
              <div key={keys} className="contents">
                <dt className="flex flex-wrap gap-1">
                  {keys.split(' ').map((key) => (
                    <kbd
                      key={key}
                      className="min-w-6 rounded-sm border border-line bg-sunken px-1.5 text-center font-mono text-12"
                    >
                      {key}
                    </kbd>
                  ))}
                </dt>
                <dd className="text-muted">{what}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  )
}

function groupByPlace(list: readonly Shortcut[]): [string, Shortcut[]][] {
  const groups = new Map<string, Shortcut[]>()
  for (const one of list) {
    const place = one.where ?? 'A job'
    groups.set(place, [...(groups.get(place) ?? []), one])
  }
  return [...groups]
}
