import { useMemo } from 'react'
import type { Sample, SampleScalar, TextBody } from '@pilothouse/contract'
import { formatValue } from '@pilothouse/signals'
import { CopyButton } from '../ui/copyable.tsx'
import { Button } from '../ui/button.tsx'
import { useStored } from '../ui/use-stored.ts'
import { diffWords, type DiffPart } from './diff-words.ts'
import { formatStep } from './format-step.ts'
import { useSampleBody, useSamplesAt } from './use-samples.ts'

type TextSample = Sample & { kind: 'text' }
type Look = { wrap: boolean; mono: boolean; diff: boolean }

/** Generations of a step: what went in, what came out, and what changed since another step. */
export function TextList({
  uid,
  sampleKey,
  texts,
  before,
}: {
  uid: string
  sampleKey: string
  texts: readonly TextSample[]
  /** The step that differences are shown against, when there is one. */
  before: number | undefined
}) {
  const [wrap, setWrap] = useStored('samples.wrap', (text) => text !== 'false')
  const [mono, setMono] = useStored('samples.mono', (text) => text === 'true')
  const [diff, setDiff] = useStored('samples.diff', (text) => text === 'true')
  const look: Look = { wrap, mono, diff }
  return (
    <section aria-label="Texts" className="min-w-0 rounded-lg border border-line bg-surface">
      <div className="flex min-h-9 flex-wrap items-center gap-x-1 pr-1.5 pl-3">
        <h4 className="mr-auto text-12 text-muted">{texts.length === 1 ? '1 text' : `${texts.length} texts`}</h4>
        <Button
          look="quiet"
          aria-pressed={diff}
          disabled={before === undefined}
          onClick={() => setDiff(!diff)}
          title="Mark what changed"
        >
          Changes{before === undefined ? '' : ` since ${formatStep(before)}`}
        </Button>
        <Button look="quiet" aria-pressed={wrap} onClick={() => setWrap(!wrap)}>
          Wrap
        </Button>
        <Button look="quiet" aria-pressed={mono} onClick={() => setMono(!mono)}>
          Mono
        </Button>
      </div>
      <ul>
        {diff && before !== undefined ? (
          <ChangedTexts uid={uid} sampleKey={sampleKey} texts={texts} before={before} look={look} />
        ) : (
          texts.map((text) => <TextItem key={text.id} uid={uid} text={text} look={look} />)
        )}
      </ul>
    </section>
  )
}

function ChangedTexts({
  uid,
  sampleKey,
  texts,
  before,
  look,
}: {
  uid: string
  sampleKey: string
  texts: readonly TextSample[]
  before: number
  look: Look
}) {
  const earlier = useSamplesAt(uid, sampleKey, before)
  const known = earlier.data?.pages.flatMap((page) => page.samples) ?? []
  return texts.map((text) => {
    const same = known.find((one): one is TextSample => one.kind === 'text' && one.index === text.index)
    return same ? (
      <ChangedText key={text.id} uid={uid} text={text} earlier={same} look={look} />
    ) : (
      <TextItem key={text.id} uid={uid} text={text} look={look} />
    )
  })
}

function ChangedText({ uid, text, earlier, look }: { uid: string; text: TextSample; earlier: TextSample; look: Look }) {
  const { body } = useSampleBody(uid, earlier)
  return <TextItem uid={uid} text={text} look={look} {...(body ? { earlier: body.output } : {})} />
}

function TextItem({ uid, text, look, earlier }: { uid: string; text: TextSample; look: Look; earlier?: string }) {
  const { body, error } = useSampleBody(uid, text)
  return (
    <li className="group flex flex-col gap-2 border-t border-line px-3 py-3">
      {error ? (
        <p role="alert" className="text-bad">
          This text could not be read: {error.message}
        </p>
      ) : null}
      {body ? <TextWords body={body} caption={text.caption} look={look} earlier={earlier} /> : null}
      {!body && !error ? <div className="waits h-16 rounded-sm bg-hover" aria-busy="true" /> : null}
    </li>
  )
}

type WordsProps = { body: TextBody; caption: string | null; look: Look; earlier: string | undefined }

function TextWords({ body, caption, look, earlier }: WordsProps) {
  const shape = `min-w-0 overflow-x-auto ${look.wrap ? 'whitespace-pre-wrap wrap-anywhere' : 'whitespace-pre'} ${look.mono ? 'font-mono text-12 leading-5' : ''}`
  return (
    <>
      {caption === null ? null : <p className="text-12 text-muted">{caption}</p>}
      {body.prompt === null ? null : (
        <div className="grid gap-x-3 sm:grid-cols-[52px_minmax(0,1fr)]">
          <span className="text-12 leading-5 text-faint">prompt</span>
          <p className={`${shape} text-muted`}>{body.prompt}</p>
        </div>
      )}
      <div className={`grid gap-x-3 ${body.prompt === null ? '' : 'sm:grid-cols-[52px_minmax(0,1fr)]'}`}>
        {body.prompt === null ? null : <span className="text-12 leading-5 text-faint">output</span>}
        <div className="flex min-w-0 items-start gap-2">
          <p tabIndex={look.wrap ? undefined : 0} className={`${shape} flex-1`} data-output>
            {earlier === undefined ? body.output : <Changes before={earlier} after={body.output} />}
          </p>
          <span className="-my-1 pointer-fine:opacity-0 pointer-fine:group-focus-within:opacity-100 pointer-fine:group-hover:opacity-100">
            <CopyButton text={body.output} label="Copy output" />
          </span>
        </div>
      </div>
      <Fields fields={body.fields} isIndented={body.prompt !== null} />
    </>
  )
}

function Changes({ before, after }: { before: string; after: string }) {
  const parts = useMemo(() => diffWords(before, after), [before, after])
  if (before === after) return after
  return parts.map((part, at) => <Change key={at} part={part} />)
}

/** Colour alone would not tell: what went is struck, what came is underlined. */
function Change({ part: { kind, text } }: { part: DiffPart }) {
  switch (kind) {
    case 'same':
      return text
    case 'added':
      return <ins className="rounded-[2px] bg-good-soft text-good decoration-1 underline-offset-2">{text}</ins>
    case 'removed':
      return <del className="rounded-[2px] bg-bad-soft text-bad decoration-1">{text}</del>
    default:
      return kind satisfies never
  }
}

function Fields({ fields, isIndented }: { fields: Record<string, SampleScalar>; isIndented: boolean }) {
  const entries = Object.entries(fields)
  if (entries.length === 0) return null
  return (
    <dl className={`flex flex-wrap gap-x-4 gap-y-1 text-12 ${isIndented ? 'sm:pl-16' : ''}`}>
      {entries.map(([name, value]) => (
        <div key={name} className="flex min-w-0 gap-1.5">
          <dt className="text-faint">{name}</dt>
          <dd className="min-w-0 wrap-anywhere">{formatScalar(value)}</dd>
        </div>
      ))}
    </dl>
  )
}

/** A cell or a field as it reads. */
export function formatScalar(value: SampleScalar): string {
  if (typeof value === 'number') return formatValue(value)
  return value === null ? '–' : String(value)
}
