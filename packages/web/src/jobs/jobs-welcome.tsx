import { Copyable } from '../ui/copyable.tsx'

const python = `import pilothouse
job = pilothouse.init(project="first", total_steps=1000)
job.log({"loss": 0.31})`

/** Nothing has ever reported here: what this page is for, and the one thing to do. */
export function JobsWelcome() {
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-xl flex-col gap-4 px-4 py-12 text-muted sm:py-20">
        <h1 className="text-20 font-semibold text-text">No jobs yet</h1>
        <p>
          A job appears here the moment it reports: its curves, its log and the machine it runs on, live. Put three
          lines into a training script:
        </p>
        <Copyable text={python} label="Python lines" />
        <p>Or leave the script as it is, and run it through pilothouse. What it prints is read:</p>
        <Copyable text="pilothouse run -- python train.py" label="command" />
        <p className="text-12 text-faint">
          On this machine both find the server by themselves. This page fills without being reloaded.
        </p>
      </div>
    </div>
  )
}
