import type { Behaviour } from '../../emulator/service/behaviour.js'
import type { Reply } from '../../emulator/service/service.js'
import { act } from './acts.js'
import type { StepProcess } from './process.js'
import type { Trouble } from './troubles.js'
import type { World } from './world.js'

/** A request on the network. */
export interface NetworkRequest {
  readonly operation: string
  /** Milliseconds since the epoch, by the service's clock. */
  readonly sentAt: number
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** How long (ms) a restarting service refuses connections. */
const refusalMs = 700

/** Carries out a request that has arrived, with what happens right before and after it. */
export function arrive(request: NetworkRequest, trouble: Trouble, process: StepProcess, world: World): Reply {
  for (const name of trouble.acts) act(name, world)
  world.requests += 1
  world.look()
  const isRefused = world.clock.now() < world.refusesUntil
  const reply: Reply = isRefused ? { type: 'refuse' } : carryOut(request, trouble, process, world)
  world.look()
  return reply
}

function carryOut(request: NetworkRequest, trouble: Trouble, process: StepProcess, world: World): Reply {
  const { service, region } = world
  const { operation, sentAt, body, ...rest } = request
  const fault = trouble.fault ?? (process.hasExpired() ? 'expired-token' : undefined)
  service.faults.clear()
  if (fault !== undefined) service.faults.add({ operation, fault, occurrences: 'all' })
  const usual = { ...service.behaviour }
  if (trouble.failsLater) Object.assign(service.behaviour, failing(operation))
  const before = region.operations.count
  const reply = service.reply({ ...rest, url: rest.path }, body)
  const accepted = region.operations.count > before
  Object.assign(service.behaviour, usual)
  if (reply.type === 'refuse') world.refusesUntil = world.clock.now() + refusalMs
  const input = parsed(body)
  if (accepted) remember(operation, input, process.label, world)
  const { failsLater } = trouble
  process.requests.push({
    operation,
    input,
    sentAt,
    at: world.now(),
    accepted,
    succeeded: reply.type === 'response' && reply.response.status === 200 && fault === undefined,
    fault,
    failsLater,
  })
  noteOf(operation, input, reply, { accepted, failsLater, fault }, process.label, world)
  return reply
}

/** What makes the next request of an operation fail once it was accepted. */
function failing(operation: string): Partial<Behaviour> {
  if (operation === 'CreateDiskSnapshot') return { snapshotEnd: 'error', operationEnd: 'Failed' }
  if (operation === 'CreateDiskFromSnapshot') return { diskEnd: 'error' }
  const others = ['DeleteDiskSnapshot', 'AttachDisk', 'DetachDisk', 'StopInstance', 'StartInstance'] as const
  return { failingOperations: others.filter((other) => other === operation) }
}

function parsed(body: string): ReadonlyMap<string, unknown> {
  const value: unknown = JSON.parse(body)
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
}

/** Keeps what an accepted request has created or deleted. */
function remember(operation: string, input: ReadonlyMap<string, unknown>, by: string, world: World): void {
  const text = (member: string) => String(input.get(member))
  const { history, region } = world
  if (operation === 'CreateDiskSnapshot') history.addSnapshot(text('diskSnapshotName'), by)
  if (operation === 'CreateDiskFromSnapshot') history.addDisk(text('diskName'), text('diskSnapshotName'), by)
  if (operation === 'DeleteDiskSnapshot') {
    const snapshot = history.snapshotNamed(text('diskSnapshotName'), world.now())
    const goneAt = world.now() + world.service.behaviour.deleteDurationMs
    if (snapshot !== undefined && !region.snapshots.isFound(snapshot.name, goneAt)) snapshot.goneAt = goneAt
  }
}

const subjects = ['diskSnapshotName', 'diskName', 'instanceName', 'resourceName', 'operationId'] as const

function noteOf(
  operation: string,
  input: ReadonlyMap<string, unknown>,
  reply: Reply,
  { accepted, failsLater, fault }: { accepted: boolean; failsLater: boolean; fault: string | undefined },
  who: string,
  world: World,
): void {
  const about = subjects.flatMap((member) => (input.has(member) ? [String(input.get(member))] : []))
  const how = [
    fault ?? resultOf(reply),
    ...(accepted && fault !== undefined ? ['carried out'] : []),
    ...(accepted && failsLater ? ['fails later'] : []),
  ]
  const isDetail = operation.startsWith('Get') && fault === undefined
  const tags =
    operation === 'TagResource' ? ` ${JSON.stringify(input.get('tags')).replace(tagInJson, '$1=$2')}` : ''
  world.note(who, `${operation} ${about.join(' ')}${tags}: ${how.join(', ')}`, isDetail)
}

const tagInJson = /\{"key":"([^"]*)"(?:,"value":"([^"]*)")?\}/g

function resultOf(reply: Reply): string {
  if (reply.type !== 'response') return reply.type
  const { status, body } = reply.response
  return status === 200 ? 'ok' : `${status} ${/"message":"([^"]*)/.exec(body)?.[1] ?? ''}`
}
