import { Copyable } from '../ui/copyable.tsx'
import { useEngineRights } from './use-engines.ts'

/** One line each, as it is written where it starts, with the address at which it then answers. */
const starts = [
  { name: 'vLLM', line: 'vllm serve Qwen/Qwen3-4B', address: 'http://127.0.0.1:8000' },
  { name: 'llama.cpp', line: 'llama-server -m model.gguf --metrics', address: 'http://127.0.0.1:8080' },
  { name: 'Ollama', line: 'ollama serve', address: 'http://127.0.0.1:11434' },
] as const

/** What this page is for, how an engine is started, and how it is made known. */
export function NoEngines() {
  const { mayManage } = useEngineRights()
  return (
    <div className="mx-auto flex w-full max-w-xl flex-col gap-4 py-4 text-muted sm:py-10">
      <h2 className="text-20 font-semibold text-text">No engines yet</h2>
      <p>
        An engine is an address at which a model answers requests the way OpenAI’s API does: one that you start
        yourself, or a hosted service with a key. The control room looks after each.
      </p>
      <section aria-labelledby="start-title" className="flex flex-col gap-3">
        <h3 id="start-title" className="font-medium text-text">
          Start one
        </h3>
        {starts.map(({ name, line, address }) => (
          <div key={name} className="flex flex-col gap-1">
            <p className="flex flex-wrap justify-between gap-x-3 text-12">
              <span>{name}</span>
              <span>
                answers at <code className="font-mono">{address}</code>
              </span>
            </p>
            <Copyable text={line} label={`the line for ${name}`} />
          </div>
        ))}
      </section>
      <section aria-labelledby="add-title" className="flex flex-col gap-3">
        <h3 id="add-title" className="font-medium text-text">
          Make it known
        </h3>
        {mayManage ? (
          <>
            <p>By «Add an engine» here, or where the control room runs:</p>
            <Copyable text={`pilothouse engines add lab ${starts[0].address}`} label="the line that makes it known" />
          </>
        ) : (
          <p>An admin of this server adds engines: by this page, or by «pilothouse engines add».</p>
        )}
      </section>
    </div>
  )
}
