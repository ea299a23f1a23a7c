import { useState, type ReactNode } from 'react'
import type { CodeFacts } from '@pilothouse/contract'
import { describeDirt, describeDistance, formatCount, shortenCommit } from '@pilothouse/signals'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copyable.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'

/** What git tells of the code. */
export function CodePanel({ code, now }: { code: CodeFacts; now: number }) {
  if (!code.isGit) {
    return (
      <Panel>
        <p className="px-4 py-3 text-muted">
          This folder is not under git: there is no commit to launch from, and nothing tells what has changed.
        </p>
      </Panel>
    )
  }
  return (
    <div className="grid items-start gap-3 lg:grid-cols-2">
      <Panel>
        <Facts code={code} now={now} />
      </Panel>
      <Panel>
        <Files code={code} />
      </Panel>
    </div>
  )
}

function Panel({ children }: { children: ReactNode }) {
  return <div className="min-w-0 overflow-hidden rounded-lg border border-line bg-surface">{children}</div>
}

function Facts({ code, now }: { code: CodeFacts; now: number }) {
  const { commit, branch, remote, within, submodules } = code
  const distance = describeDistance(code)
  return (
    <dl aria-label="Code" className="grid grid-cols-[84px_minmax(0,1fr)] gap-x-3 gap-y-2 px-4 py-3">
      <Fact name="Commit">
        {commit ? (
          <>
            <span className="-my-1 flex items-center gap-1">
              <span className="font-mono text-12" title={commit.id}>
                {shortenCommit(commit.id)}
              </span>
              <CopyButton text={commit.id} label="Copy the commit" />
            </span>
            <span className="block wrap-anywhere">{commit.subject}</span>
            <span className="block text-12 text-muted">
              {commit.author}, <TimeAgo at={commit.at} now={now} />
            </span>
          </>
        ) : (
          'none yet'
        )}
      </Fact>
      <Fact name="Branch">
        <span className="wrap-anywhere">{branch ?? 'none: the head is detached'}</span>
        {distance === null ? null : (
          <span className="block text-12 text-muted" title="As it was when it was last fetched there">
            {distance}
          </span>
        )}
      </Fact>
      <Fact name="Remote">
        {remote ? (
          <span className="font-mono text-12 wrap-anywhere" title={remote.name}>
            {remote.url}
          </span>
        ) : (
          'none'
        )}
      </Fact>
      {within === '' ? null : (
        <Fact name="Folder">
          <span className="font-mono text-12 wrap-anywhere">{within}</span> of its repository
        </Fact>
      )}
      {submodules.length === 0 ? null : (
        <Fact name="Submodules">
          <span className="font-mono text-12 wrap-anywhere">{submodules.join(', ')}</span>
        </Fact>
      )}
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-12 leading-5 text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  )
}

/** So many at first: a long list would push the jobs away. */
const filesShown = 8

function Files({ code }: { code: CodeFacts }) {
  const [isOpen, setOpen] = useState(false)
  const { files, changed, untracked } = code
  const dirt = describeDirt(code)
  if (dirt === null) return <p className="px-4 py-3 text-muted">All files are as in the commit.</p>
  const shown = isOpen ? files : files.slice(0, filesShown)
  const rest = changed + untracked - files.length
  return (
    <section aria-label="Files that differ">
      <h2 className="px-4 pt-3 pb-1 text-12 text-warn">{dirt}</h2>
      <ul className="pb-2">
        {shown.map(({ path, state }) => (
          <li key={`${state} ${path}`} className="flex items-baseline gap-3 px-4 py-0.5">
            <span className={`w-20 shrink-0 text-12 ${state === 'conflicted' ? 'text-bad' : 'text-muted'}`}>
              {state === 'untracked' ? 'unknown' : state}
            </span>
            <span className="min-w-0 font-mono text-12 wrap-anywhere">{path}</span>
          </li>
        ))}
      </ul>
      {files.length > filesShown ? (
        <div className="border-t border-line p-1.5">
          <Button look="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? 'Show fewer' : `Show all ${formatCount(files.length)}`}
          </Button>
        </div>
      ) : null}
      {isOpen && rest > 0 ? <p className="px-4 pb-3 text-12 text-muted">and {formatCount(rest)} more</p> : null}
    </section>
  )
}
