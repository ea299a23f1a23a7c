/** What the screen switches on in a terminal, and how all of it is switched off again, in the opposite order. */
const csi = '\u001B['

/** Alternate screen, no cursor, no wrapping at the edge, pastes marked as such. */
export const enterScreen = `${csi}?1049h${csi}?25l${csi}?7l${csi}?2004h${csi}2J`
/** Ends an update that was cut off, too. Harmless where nothing was switched on. */
export const leaveScreen = `${csi}?2026l${csi}?2004l${csi}?7h${csi}m${csi}?25h${csi}?1049l`
