import { refuseControls, type Service } from './write-unit.ts'

const head = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">`

/** An agent of launchd (launchd.plist(5)). @throws CommandError `usage` for what cannot stand in one */
export function writePlist({ name, command, home }: Service): string {
  const log = `${home}/Library/Logs/pilothouse-${name}.log`
  const lines = [
    head,
    '<plist version="1.0">',
    '<dict>',
    `  <key>Label</key><string>${labelOf(name)}</string>`,
    '  <key>ProgramArguments</key>',
    '  <array>',
    ...command.map((word) => `    <string>${escapeXml(word)}</string>`),
    '  </array>',
    `  <key>WorkingDirectory</key><string>${escapeXml(home)}</string>`,
    '  <key>RunAtLoad</key><true/>',
    '  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>',
    '  <key>ThrottleInterval</key><integer>5</integer>',
    `  <key>StandardOutPath</key><string>${escapeXml(log)}</string>`,
    `  <key>StandardErrorPath</key><string>${escapeXml(log)}</string>`,
    '</dict>',
    '</plist>',
  ]
  return `${lines.join('\n')}\n`
}

/** What launchd knows it by. */
export function labelOf(name: string): string {
  return `pilothouse.${name}`
}

function escapeXml(text: string): string {
  refuseControls(text)
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
