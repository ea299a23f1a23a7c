import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { buttonClass } from '../ui/button.tsx'
import { Copyable } from '../ui/copyable.tsx'

/** What this page is for, and how the first batch is sent: by the page, or by what speaks OpenAI's API. */
export function NoBatches() {
  return (
    <div className="mx-auto flex w-full max-w-2xl flex-col gap-4 py-4 text-muted sm:py-8">
      <h2 className="text-20 font-semibold text-text">No batches yet</h2>
      <p>
        A batch is a file with a request a line. Its requests go to your engines as fast as they can take them, and
        every one comes back in the file of answers or in the file of errors, whatever happens on the way.
      </p>
      <div>
        <Link to="/batches/new" className={buttonClass('primary')}>
          <Plus size={14} aria-hidden /> New batch
        </Link>
      </div>
      <section aria-labelledby="line-title" className="flex flex-col gap-2">
        <h3 id="line-title" className="font-medium text-text">
          A line of the file
        </h3>
        <Copyable text={exampleLine} label="a line of the file" />
      </section>
      <section aria-labelledby="curl-title" className="flex flex-col gap-2">
        <h3 id="curl-title" className="font-medium text-text">
          From a terminal
        </h3>
        <Copyable text={writeCurl(window.location.origin)} label="the line for a terminal" />
      </section>
      <section aria-labelledby="python-title" className="flex flex-col gap-2">
        <h3 id="python-title" className="font-medium text-text">
          In Python, with OpenAI’s client
        </h3>
        <Copyable text={writePython(window.location.origin)} label="the lines of Python" />
      </section>
    </div>
  )
}

const exampleLine = JSON.stringify({
  custom_id: 'review-1',
  method: 'POST',
  url: '/v1/chat/completions',
  body: { model: 'Qwen/Qwen3-4B', messages: [{ role: 'user', content: 'Is this review kind? …' }] },
})

function writeCurl(origin: string): string {
  return `curl ${origin}/v1/batches -H "Authorization: Bearer $PILOTHOUSE_TOKEN" -F file=@requests.jsonl`
}

function writePython(origin: string): string {
  return [
    'from openai import OpenAI',
    `client = OpenAI(base_url="${origin}/v1", api_key=token)`,
    'file = client.files.create(file=open("requests.jsonl", "rb"), purpose="batch")',
    'client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")',
  ].join('\n')
}
