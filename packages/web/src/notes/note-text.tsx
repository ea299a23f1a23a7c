import { useLayoutEffect, useRef } from 'react'
import { renderMarkdown } from './render-markdown.ts'

/** What a note says. */
export function NoteText({ text }: { text: string }) {
  const place = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => place.current?.replaceChildren(renderMarkdown(text)), [text])
  return <div ref={place} className="prose wrap-anywhere" />
}
