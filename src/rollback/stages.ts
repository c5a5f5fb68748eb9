import type { Disk } from '../lightsail/types.js'
import { attachCommand, deleteCommand, detachCommand, startCommand, stopCommand } from './commands.js'
import { type Attachment, intruderAt, isAt, type RestorePlan } from './plan.js'
import type { Pace, Stage } from './stage.js'

export const unhurried: Pace = { share: 1 / 4, leastMs: 1000, mostMs: 15_000 }
/** While the instance is down, every second counts: the pauses are a twentieth of the stage's time. */
export const tight: Pace = { share: 1 / 20, leastMs: 500, mostMs: 5000 }

/** Before the site is down, and for an attachment beside it. */
export const briefMs = 15_000
/** While the site is down, before the previous disk is attached again. */
export const patientMs = 120_000
/** Right before the site is down: later there would not be enough time left for the rest. */
const stopMs = 60_000
/** While the site is up, or as long as it takes to get it up again: until wait-timeout. */
export const always = Number.POSITIVE_INFINITY

/** Returns the stages of a plan, in order: the new disk is created before anything is stopped. */
export function stagesOf(plan: RestorePlan): Stage[] {
  const { attachment, swap } = plan
  if (attachment === undefined) return [create(plan)]
  if (swap === undefined)
    return [create(plan), attach(plan, attachment, briefMs), check(plan, attachment, false)]
  const around = (stage: Stage) => (swap.wasRunning ? [stage] : [])
  return [
    create(plan),
    ...around(stop(plan, attachment)),
    detach(plan, attachment, swap.previousDiskName),
    attach(plan, attachment, patientMs),
    ...around(start(plan, attachment)),
    check(plan, attachment, swap.wasRunning),
  ]
}

function create({ diskName, snapshot, availabilityZone, sizeInGb, tags, region }: RestorePlan): Stage {
  const snapshotName = snapshot.name
  return {
    name: 'create',
    looksAt: 'restored',
    pace: unhurried,
    refusableMs: 0,
    notNowMs: always,
    isVital: false,
    toDo: `create disk "${diskName}" (${sizeInGb} GB, ${availabilityZone}) from snapshot "${snapshotName}"`,
    done: `disk "${diskName}" is created from snapshot "${snapshotName}"`,
    stateIn: ({ restored }) => {
      if (restored === undefined) return 'ready'
      if (restored.state === 'error') {
        const clear = deleteCommand(region, diskName)
        return { brokenBecause: `the disk failed in Lightsail (to delete it: ${clear})` }
      }
      return restored.state === 'available' || restored.attachedTo !== null ? 'reached' : 'in progress'
    },
    after: (resources) => resources,
    request: (service, patience) =>
      service.createDiskFromSnapshot({ diskName, snapshotName, availabilityZone, sizeInGb, tags }, patience),
    // A disk created by hand would lack the tags by which the next attempt finds it.
    command: undefined,
  }
}

/** Whether the previous disk is no longer attached there. A deleted disk is detached. */
function isOut(previous: Disk | undefined, attachment: Attachment): boolean {
  return previous?.attachedTo !== attachment.instanceName || previous.path !== attachment.path
}

function stop({ region }: RestorePlan, attachment: Attachment): Stage {
  const { instanceName } = attachment
  return {
    name: 'stop',
    looksAt: 'instance',
    pace: tight,
    refusableMs: briefMs,
    notNowMs: stopMs,
    isVital: false,
    toDo: `stop instance "${instanceName}"`,
    done: `instance "${instanceName}" is stopped`,
    // Even if no disk is attached: file systems are mounted when the instance starts.
    stateIn: ({ restored, instance }) => {
      if (isAt(restored, attachment) || instance?.state === 'stopped') return 'reached'
      return instance?.state === 'running' ? 'ready' : 'in progress'
    },
    after: (resources) => ({
      ...resources,
      instance: resources.instance && { ...resources.instance, state: 'stopped' },
    }),
    request: (service, patience) => service.stopInstance(instanceName, patience),
    command: stopCommand(region, instanceName),
  }
}

const loose = { state: 'available', attachedTo: null, path: null }

function detach({ region }: RestorePlan, attachment: Attachment, previousName: string): Stage {
  return {
    name: 'detach',
    looksAt: 'previous',
    pace: tight,
    refusableMs: patientMs,
    notNowMs: patientMs,
    isVital: false,
    toDo: `detach disk "${previousName}" from instance "${attachment.instanceName}"`,
    done: `disk "${previousName}" is detached from instance "${attachment.instanceName}"`,
    stateIn: ({ previous }) => (isOut(previous, attachment) ? 'reached' : 'ready'),
    after: (resources) => ({
      ...resources,
      previous: resources.previous && { ...resources.previous, ...loose },
    }),
    request: (service, patience) => service.detachDisk(previousName, patience),
    command: detachCommand(region, previousName),
  }
}

function attach({ region, diskName, swap }: RestorePlan, attachment: Attachment, refusableMs: number): Stage {
  const { instanceName, path } = attachment
  const previousName = swap?.previousDiskName
  return {
    name: 'attach',
    looksAt: 'restored',
    pace: tight,
    refusableMs,
    notNowMs: swap === undefined ? always : refusableMs,
    isVital: false,
    toDo: `attach disk "${diskName}" to instance "${instanceName}" at ${path}`,
    done: `disk "${diskName}" is attached to instance "${instanceName}" at ${path}`,
    stateIn: (resources) => {
      const { restored } = resources
      if (isAt(restored, attachment)) return 'reached'
      const { attachedTo = null, state } = restored ?? {}
      if (state === 'in-use' && attachedTo !== null && attachedTo !== instanceName) {
        return { brokenBecause: `the disk has since been attached to instance "${attachedTo}"` }
      }
      const intruder = intruderAt(attachment, resources, [diskName, previousName])
      if (intruder !== undefined) {
        return { brokenBecause: `disk "${intruder}" has since been attached at ${path}` }
      }
      return state === 'available' ? 'ready' : 'in progress'
    },
    after: (resources) => ({
      ...resources,
      restored: resources.restored && {
        ...resources.restored,
        state: 'in-use',
        attachedTo: instanceName,
        path,
      },
    }),
    request: (service, patience) => service.attachDisk(diskName, instanceName, path, patience),
    command: attachCommand(region, diskName, attachment),
  }
}

function start({ region }: RestorePlan, { instanceName }: Attachment): Stage {
  return {
    name: 'start',
    looksAt: 'instance',
    pace: tight,
    refusableMs: always,
    notNowMs: always,
    isVital: true,
    toDo: `start instance "${instanceName}"`,
    done: `instance "${instanceName}" is running`,
    stateIn: ({ instance }) => {
      if (instance?.state === 'running') return 'reached'
      return instance?.state === 'stopped' ? 'ready' : 'in progress'
    },
    after: (resources) => ({
      ...resources,
      instance: resources.instance && { ...resources.instance, state: 'running' },
    }),
    request: (service, patience) => service.startInstance(instanceName, patience),
    command: startCommand(region, instanceName),
  }
}

/** Checks that the instance itself lists the disk. */
function check({ diskName }: RestorePlan, { instanceName, path }: Attachment, runs: boolean): Stage {
  return {
    name: 'check',
    looksAt: 'instance',
    pace: tight,
    refusableMs: 0,
    notNowMs: 0,
    isVital: true,
    toDo: `check that instance "${instanceName}" ${runs ? 'runs with' : 'has'} disk "${diskName}" at ${path}`,
    done: `instance "${instanceName}" ${runs ? 'runs with' : 'has'} disk "${diskName}" at ${path}`,
    waitsFor: ', and does not show the disk yet',
    stateIn: ({ instance }) => {
      // Whether an instance always names its disks isn't documented.
      const isOurs = (name: string) => name === diskName || name === ''
      const has = instance?.disks.some((disk) => isOurs(disk.name) && disk.path === path) === true
      return has && (!runs || instance.state === 'running') ? 'reached' : 'in progress'
    },
    after: (resources) => resources,
    request: undefined,
    command: undefined,
  }
}
