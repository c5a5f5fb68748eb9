import type { Behaviour } from '../../emulator/service/behaviour.js'
import type { Region } from '../../emulator/service/region.js'
import { type Emulator, startEmulator } from '../../emulator/service/server.js'
import { region } from '../support/emulated.js'
import { call, type RawAnswer } from '../support/raw-client.js'

/** An emulator whose time the test sets, and what the tests of its states read from it. */
export interface Clocked {
  readonly emulator: Emulator
  readonly account: Region
  /** Milliseconds since the epoch. */
  now(): number
  pass(seconds: number): void
  /** Returns the result of the work after this many seconds; the clock is set back afterwards. */
  later<T>(seconds: number, work: () => Promise<T>): Promise<T>
  set(behaviour: Partial<Behaviour>): void
  send(operation: string, input: object): Promise<RawAnswer>
  /** The state, whether it is attached, to what and where; or the exception. */
  diskAfter(seconds: number, diskName: string): Promise<unknown>
  /** The type, status, whether it has finished, and error code of the newest operation on the resource. */
  operationAfter(seconds: number, resourceName: string): Promise<unknown>
}

/** Starts an emulator with this behavior, on a winter's morning. */
export async function startClocked(behaviour: Partial<Behaviour>): Promise<Clocked> {
  let now = Date.parse('2026-11-22T08:00:00Z')
  const emulator = await startEmulator({ now: () => now, behaviour })
  const send: Clocked['send'] = (operation, input) => call(emulator, operation, input)
  const later: Clocked['later'] = async (seconds, work) => {
    const started = now
    now += seconds * 1000
    try {
      return await work()
    } finally {
      now = started
    }
  }
  return {
    emulator,
    account: emulator.region(region),
    now: () => now,
    pass: (seconds) => {
      now += seconds * 1000
    },
    later,
    set: (changes) => void Object.assign(emulator.behaviour, changes),
    send,
    diskAfter: async (seconds, diskName) => {
      const { disk, __type } = (await later(seconds, () => send('GetDisk', { diskName }))).body
      return disk === undefined ? __type : [disk.state, disk.isAttached, disk.attachedTo, disk.path]
    },
    operationAfter: async (seconds, resourceName) => {
      const ask = () => send('GetOperationsForResource', { resourceName })
      const [newest] = (await later(seconds, ask)).body.operations ?? []
      return [newest?.operationType, newest?.status, newest?.isTerminal, newest?.errorCode]
    },
  }
}

/** The HTTP status, exception and message of the response. */
export async function refusalOf(answer: Promise<RawAnswer>): Promise<readonly unknown[]> {
  const { status, body } = await answer
  return [status, body.__type, body.message]
}

/** The refusal of a request that a state doesn't allow, as `refusalOf` returns it; `what` is, for example, "detach this disk". */
export function notNow(what: string, state: string, of = what.split(' ').at(-1)): readonly unknown[] {
  const words = `You can't ${what} right now. The state of this ${of} is: ${state}`
  return [400, 'OperationFailureException', words]
}

/** The refusal of a request during another change of the disk. */
export const inProgress: readonly unknown[] = [
  400,
  'InvalidInputException',
  'Sorry, another operation on this disk is in progress. Please wait for it to complete and try again.',
]

/** The same with two instances, "web" and "resting" (stopped), disks attached and loose, and a snapshot. */
export async function startSite(behaviour: Partial<Behaviour>): Promise<Clocked> {
  const site = await startClocked(behaviour)
  const { account } = site
  const now = site.now()
  account.addInstance('web', 60, now)
  account.addInstance('resting', 20, now, { state: 'stopped' })
  account.addDisk('data', 32, now, 'web')
  account.addDisk('cold', 8, now, 'resting', { path: '/dev/xvdk' })
  account.addDisk('spare', 8, now)
  account.addDisk('elsewhere', 8, now, undefined, { availabilityZone: `${region}b` })
  account.putSnapshot({ name: 'snap', source: { type: 'disk', name: 'data' }, createdAt: now })
  return site
}

/** Requests a disk from the site's snapshot. */
export function createDisk(site: Clocked, changes: object = {}): Promise<RawAnswer> {
  const wanted = {
    diskName: 'restored',
    diskSnapshotName: 'snap',
    availabilityZone: `${region}a`,
    sizeInGb: 32,
  }
  return site.send('CreateDiskFromSnapshot', { ...wanted, ...changes })
}
