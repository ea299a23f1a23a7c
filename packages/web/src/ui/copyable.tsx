import { useState } from 'react'
import { Check, Copy } from 'lucide-react'
import { Button } from './button.tsx'

/** Code to be copied: shown as it is, with a button that says when it has it. */
export function Copyable({ text, label }: { text: string; label: string }) {
  return (
    <div className="relative rounded-md border border-line bg-sunken">
      <pre className="overflow-x-auto py-2.5 pr-11 pl-3 font-mono text-12 leading-5" tabIndex={0} aria-label={label}>
        {text}
      </pre>
      <div className="absolute top-1.5 right-1.5">
        <CopyButton text={text} label={`Copy ${label}`} />
      </div>
    </div>
  )
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false)
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), 1_600)
  }
  return (
    <Button
      look="quiet"
      square
      aria-label={copied ? 'Copied' : label}
      title={label}
      onClick={() => void copy().catch(() => setCopied(false))}
    >
      {copied ? <Check size={14} className="text-good" aria-hidden /> : <Copy size={14} aria-hidden />}
    </Button>
  )
}
