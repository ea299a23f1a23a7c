/** Routes of rented machines, as a part of `routes.ts`. */
import {
  instanceDetail,
  instanceList,
  instanceLog,
  instanceLogQuery,
  instanceOrder,
  instancePatch,
  instanceRent,
  instanceRented,
  offerList,
  offerQuery,
  providerAccount,
  providerAccountCreate,
  providerAccountList,
} from './rented.ts'
import { byId } from './route-params.ts'

export const instanceRoutes = {
  'instances.list': {
    summary: 'Rented machines as they were last seen: what they do, what they cost, which job is theirs.',
    response: instanceList,
  },
  'instances.get': { summary: 'One of them, with its cost by day.', params: byId, response: instanceDetail },
  'instances.edit': {
    summary: 'Give a machine another label at its provider, or have it stopped once its job ends.',
    params: byId,
    body: instancePatch,
    response: instanceDetail,
  },
  'instances.order': {
    summary: 'Start, stop or destroy a machine. Refused while reports of jobs lie on it, unless it is forced.',
    params: byId,
    body: instanceOrder,
    response: instanceDetail,
  },
  'instances.log': {
    summary: 'The last lines that its container printed, as its provider has them.',
    params: byId,
    query: instanceLogQuery,
    response: instanceLog,
  },
  'providers.list': { summary: 'Accounts at providers of rented machines.', response: providerAccountList },
  'providers.create': {
    summary: 'Make an account known, by its key. Its machines are listed at once.',
    body: providerAccountCreate,
    response: providerAccount,
  },
  'providers.delete': {
    summary: 'Forget an account, its machines and what they cost. The machines go on, and are billed.',
    params: byId,
  },
  'providers.check': { summary: 'List the machines of an account now.', params: byId, response: providerAccount },
  'providers.offers': {
    summary: 'Machines that could be rented, with what an hour costs.',
    params: byId,
    query: offerQuery,
    response: offerList,
  },
  'providers.rent': {
    summary: 'Rent a machine. It is billed from now on.',
    params: byId,
    body: instanceRent,
    response: instanceRented,
  },
}
