/** The program built from the sources as they are: the threads of servers in tests come from it, and what the launcher starts. */
import { buildProgram } from '../tools/build-program.ts'

export const setup = buildProgram
