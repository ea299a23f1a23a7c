import { CommandError } from '../exit-code.ts'

export type Service = {
  /** `top` or `serve`. */
  name: string
  description: string
  /** Absolute path of what is started, then its arguments. */
  command: readonly string[]
  /** Of the user. */
  home: string
}

/** A user unit of systemd (systemd.unit(5), systemd.service(5)). @throws CommandError `usage` for what cannot stand in one */
export function writeUnit({ name, description, command }: Service): string {
  const lines = [
    '[Unit]',
    `Description=${description.replaceAll('%', '%%')}`,
    'After=network-online.target',
    'Wants=network-online.target',
    '',
    '[Service]',
    `ExecStart=${command.map(quoteWord).join(' ')}`,
    'WorkingDirectory=%h',
    '# Keys, tokens and other settings, as NAME=value; only you should be able to read it.',
    `EnvironmentFile=-%h/.config/pilothouse/${name}.env`,
    'Restart=on-failure',
    'RestartSec=5',
    '',
    '[Install]',
    'WantedBy=default.target',
  ]
  return `${lines.join('\n')}\n`
}

/** A word of a command line there: `%` begins a specifier, `$` a variable; quotes and backslashes are C's (systemd.syntax(7)). */
function quoteWord(word: string): string {
  refuseControls(word)
  const escaped = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[\w./:=,@%+-]+$/.test(escaped) ? escaped : `"${escaped}"`
}

/** @throws CommandError */
export function refuseControls(word: string): void {
  if (/[\u0000-\u001F\u007F]/.test(word))
    throw new CommandError('usage', 'A service cannot have line ends or control characters in its command.')
}
