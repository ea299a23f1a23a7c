import { useState } from 'react'
import { Check, Copy, X } from 'lucide-react'
import { Button } from './button.tsx'
import { copyText } from './copy-text.ts'

/** Code to be copied: shown as it is, with a button that says when it has it. */
export function Copyable({ text, label }: { text: string; label: string }) {
  return (
    <div className="flex items-start rounded-md border border-line bg-sunken">
      <pre
        className="min-w-0 flex-1 overflow-x-auto rounded-md py-2.5 pl-3 font-mono text-12 leading-5 -outline-offset-2"
        tabIndex={0}
        aria-label={label}
      >
        {text}
      </pre>
      <div className="p-1.5">
        <CopyButton text={text} label={`Copy ${label}`} />
      </div>
    </div>
  )
}

/** How long the button says what became of it, ms. */
const saidForMs = 1_600

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [outcome, setOutcome] = useState<'copied' | 'refused'>()
  const copy = async (): Promise<void> => {
    try {
      await copyText(text)
      setOutcome('copied')
    } catch {
      setOutcome('refused')
    }
    setTimeout(() => setOutcome(undefined), saidForMs)
  }
  return (
    <>
      <Button
        look="quiet"
        square
        aria-label={outcome === 'copied' ? 'Copied' : label}
        title={outcome === 'refused' ? 'The browser did not allow it: select the text instead' : label}
        onClick={() => void copy()}
      >
        <CopySign outcome={outcome} />
      </Button>
      <span role="status" className="sr-only">
        {outcome === 'copied' ? 'Copied.' : outcome === 'refused' ? 'The browser did not allow copying.' : ''}
      </span>
    </>
  )
}

function CopySign({ outcome }: { outcome: 'copied' | 'refused' | undefined }) {
  if (outcome === 'copied') return <Check size={14} className="text-good" aria-hidden />
  if (outcome === 'refused') return <X size={14} className="text-bad" aria-hidden />
  return <Copy size={14} aria-hidden />
}
