export { type ServerConfig, readConfig } from './config.ts'
export { type RunningServer, createServer } from './create-server.ts'
