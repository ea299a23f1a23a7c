import { Copyable } from '../ui/copyable.tsx'

/** What clients of OpenAI's API need to know of this server. */
export function ClientAddress() {
  return (
    <section
      aria-labelledby="clients-title"
      className="grid items-center gap-x-6 gap-y-2 rounded-lg border border-line bg-surface p-3 md:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]"
    >
      <div>
        <h2 id="clients-title" className="font-medium">
          For clients of OpenAI’s API
        </h2>
        <p className="text-12 text-muted">
          This is their <code className="font-mono">base_url</code>, and a token of this server their key (
          <code className="font-mono">pilothouse token create --role member</code>). Their list of models has what
          healthy engines answer for.
        </p>
      </div>
      <Copyable text={`${window.location.origin}/v1`} label="base_url" />
    </section>
  )
}
