import { Link } from '@tanstack/react-router'
import type { JobCard } from '@pilothouse/contract'
import { formatValue } from '@pilothouse/signals'
import { ProgressBar } from '../ui/progress-bar.tsx'
import { StateSign } from '../ui/state-sign.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { SelectBox } from './selection.tsx'
import { describePlace, describeTime } from './job-card.tsx'

const cell = 'h-10 border-t border-line px-3 first:pl-4 last:pr-4'

/** The same jobs, one a line; columns leave from the right on narrow screens. */
export function JobsTable({ cards, now }: { cards: readonly JobCard[]; now: number }) {
  return (
    <div className="overflow-x-auto rounded-lg border border-line bg-surface">
      <table className="w-full border-collapse text-left text-13">
        <thead className="text-12 text-faint">
          <tr>
            {['State', 'Name', 'Model', 'Dataset', 'Metric', 'Progress', 'Time', 'Started'].map((name, at) => (
              <th
                key={name}
                scope="col"
                className={`h-8 px-3 font-normal whitespace-nowrap first:pl-4 last:pr-4 ${hideOf(at)}`}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cards.map((card) => (
            <JobRow key={card.uid} card={card} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function JobRow({ card, now }: { card: JobCard; now: number }) {
  return (
    <tr className="relative transition-colors hover:bg-hover has-[a:focus-visible]:outline-2 has-[a:focus-visible]:-outline-offset-2 has-[a:focus-visible]:outline-accent">
      <td className={cell}>
        <span className="flex items-center gap-2">
          <SelectBox card={card} />
          <StateSign state={card.state} />
        </span>
      </td>
      <td className={`${cell} max-w-72`}>
        <Link
          to="/job/$uid"
          params={{ uid: card.uid }}
          title={card.name}
          className="block truncate font-medium outline-none after:absolute after:inset-0"
        >
          {card.name}
        </Link>
      </td>
      <td className={`${cell} max-w-48 truncate text-muted ${hideOf(2)}`}>{card.model ?? '–'}</td>
      <td className={`${cell} max-w-48 truncate text-muted ${hideOf(3)}`}>{card.dataset ?? '–'}</td>
      <td className={`${cell} whitespace-nowrap ${hideOf(4)}`}>
        {card.headline ? (
          <>
            <span className="text-faint">{card.headline.key}</span>{' '}
            <span className="font-medium">{card.headline.last === null ? 'NaN' : formatValue(card.headline.last)}</span>
          </>
        ) : (
          '–'
        )}
      </td>
      <td className={`${cell} ${hideOf(5)}`}>
        <div className="flex w-52 items-center gap-3">
          <ProgressBar
            fraction={card.state === 'completed' ? 1 : (card.progress?.fraction ?? null)}
            state={card.state}
            label={`Progress of ${card.name}`}
            className="h-1"
          />
          <span className="w-32 shrink-0 truncate text-12 text-muted">{describePlace(card)}</span>
        </div>
      </td>
      <td className={`${cell} whitespace-nowrap text-muted`}>{describeTime(card, now)}</td>
      <td className={`${cell} whitespace-nowrap text-faint ${hideOf(7)}`}>
        <TimeAgo at={card.startedAt ?? card.createdAt} now={now} />
      </td>
    </tr>
  )
}

function hideOf(column: number): string {
  if (column === 2 || column === 3) return 'hidden xl:table-cell'
  if (column === 4 || column === 5) return 'hidden md:table-cell'
  return column === 7 ? 'hidden lg:table-cell' : ''
}
