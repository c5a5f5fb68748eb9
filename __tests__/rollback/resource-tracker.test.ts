import { describe, expect, test } from '@jest/globals'
import type { Disk } from '../../src/lightsail/types.js'
import { type ResourceTracker, type TrackedDisks, trackDisks } from '../../src/rollback/resource-tracker.js'
import type { StageService } from '../../src/rollback/stage.js'
import { failureOf } from '../support/failure.js'
import { FakeClock } from '../support/fake-clock.js'

const tags = ['repository', 'run-id', 'restored-from'].map((key) => ({ key, value: `the ${key}` }))
const subjects: TrackedDisks = {
  diskName: 'restored',
  tags,
  attachment: undefined,
  swap: { previousDiskName: 'previous' },
}

function diskNamed(name: string, changes: Partial<Disk> = {}): Disk {
  const loose = {
    attachedTo: null,
    path: null,
    volumeId: null,
    sizeInGb: 32,
    availabilityZone: 'eu-central-1a',
  }
  return { name, arn: `arn of ${name}`, state: 'available', ...loose, tags, ...changes }
}

/** A tracker that has seen both disks, on a service that returns these in turn for any disk, then always the last. */
function sceneWith(answers: readonly (Disk | undefined)[]): { tracker: ResourceTracker; clock: FakeClock } {
  const clock = new FakeClock()
  let asked = 0
  const none = () => Promise.reject(new Error('not asked for'))
  const service: StageService = {
    region: 'eu-central-1',
    getDisk: async () => {
      asked += 1
      return answers[Math.min(asked, answers.length) - 1]
    },
    getInstance: none,
    getOperation: none,
    operationsOf: none,
    createDiskFromSnapshot: none,
    createInstanceFromSnapshot: none,
    getPorts: none,
    putPorts: none,
    getStaticIp: none,
    attachStaticIp: none,
    detachStaticIp: none,
    stopInstance: none,
    detachDisk: none,
    attachDisk: none,
    startInstance: none,
    tagResource: none,
    serviceTime: () => undefined,
    credentialsExpireAt: undefined,
  }
  const resources = { restored: diskNamed('restored'), previous: diskNamed('previous'), instance: undefined }
  return { tracker: trackDisks(subjects, resources, service, clock), clock }
}

const patience = { untilMs: 60_000 }

describe('a disk seen before', () => {
  test('is read again if it is missing from a response or two', async () => {
    const { tracker, clock } = sceneWith([undefined, undefined, diskNamed('restored', { state: 'in-use' })])
    expect((await tracker.refresh('restored', patience)).restored?.state).toBe('in-use')
    expect(clock.elapsed).toBe(2000)
  })

  test('is reported as gone if it stays missing', async () => {
    const { tracker } = sceneWith([undefined])
    const { message } = await failureOf(() => tracker.refresh('restored', patience))
    expect(message).toBe('"restored" no longer exists in eu-central-1.')
  })

  test('may stay missing if it is the previous disk', async () => {
    const { tracker } = sceneWith([undefined])
    expect((await tracker.refresh('previous', patience)).previous).toBeUndefined()
  })
})

test("a disk that this roll-back didn't create is never used, even under the same name", async () => {
  const { tracker } = sceneWith([diskNamed('restored', { tags: tags.slice(1) })])
  const { message } = await failureOf(() => tracker.refresh('restored', patience))
  expect(message).toContain('The name "restored" has since been given to a disk which run the run-id')
})
