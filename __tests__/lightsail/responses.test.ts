// Responses that say less than usual: nothing is made up.
import type { DiskSnapshot, Operation } from '@aws-sdk/client-lightsail'
import { describe, expect, test } from '@jest/globals'
import { readInstance } from '../../src/lightsail/instance-responses.js'
import {
  pageOf,
  readDisk,
  readDiskSnapshot,
  readOperation,
  requestTags,
  resourceOperation,
  snapshotOperation,
} from '../../src/lightsail/responses.js'
import { failureOf } from '../support/failure.js'

const region = 'eu-central-1'

describe('a resource', () => {
  test('without a name, or an operation without an id, is left out of its page', () => {
    expect(readInstance({})).toBeUndefined()
    expect(readDiskSnapshot({})).toBeUndefined()
    expect(readOperation({})).toBeUndefined()
    expect(pageOf([{}, { name: 'data' }], readDisk, 'more')).toMatchObject({
      items: [{ name: 'data' }],
      nextPageToken: 'more',
    })
    expect(pageOf(undefined, readDisk, undefined).items).toEqual([])
  })

  test.each([
    ['pending', 'pending'],
    ['unknown', 'pending'],
    ['completed', 'completed'],
    ['error', 'error'],
  ] as const)('that is a snapshot in state %s is %s', (word, state) => {
    expect(readDiskSnapshot({ name: 'snap', state: word })?.state).toBe(state)
  })

  test.each([
    ['NotStarted', 'started'],
    ['Started', 'started'],
    ['Completed', 'succeeded'],
    ['Succeeded', 'succeeded'],
    ['Failed', 'failed'],
  ] as const)('that is an operation with status %s has %s', (word, status) => {
    expect(readOperation({ id: 'op', status: word })?.status).toBe(status)
  })

  test("in a state that this action doesn't know is not final", () => {
    const snapshot: DiskSnapshot = JSON.parse('{"name": "snap", "state": "brand-new"}')
    const operation: Operation = JSON.parse('{"id": "op", "status": "brand-new"}')
    expect(readDiskSnapshot(snapshot)?.state).toBe('pending')
    expect(readOperation(operation)?.status).toBe('started')
  })

  test('known only by name has no other values', () => {
    expect(readDisk({ name: 'data' })).toEqual({
      name: 'data',
      arn: null,
      state: 'unknown',
      sizeInGb: null,
      availabilityZone: null,
      attachedTo: null,
      path: null,
      tags: [],
      volumeId: null,
    })
    expect(readInstance({ name: 'shop', hardware: { disks: [{}] } })).toEqual({
      name: 'shop',
      arn: null,
      state: 'unknown',
      availabilityZone: null,
      hasStaticIp: false,
      publicAddress: null,
      addressType: null,
      bundleId: null,
      reachability: null,
      tags: [],
      disks: [{ name: '', path: null, isSystemDisk: false, sizeInGb: null }],
    })
    expect(readInstance({ name: 'shop' })?.disks).toEqual([])
    expect(readOperation({ id: 'op' })).toEqual({
      id: 'op',
      resourceType: '',
      resourceName: '',
      operationType: '',
      status: 'started',
      createdAt: null,
      errorCode: null,
      errorDetails: null,
    })
  })

  test('that is detached has no path, even if the service still gives the last one', () => {
    const disk = readDisk({ name: 'data', isAttached: false, attachedTo: 'shop', path: '/dev/xvdf' })
    expect(disk).toMatchObject({ attachedTo: null, path: null })
  })

  test('has a date only if the service gives a valid one', () => {
    expect(readDiskSnapshot({ name: 'snap', createdAt: new Date(Number.NaN) })?.createdAt).toBeNull()
  })

  test('is the snapshot of an instance’s system disk, of a disk, or of something unnamed', () => {
    expect(
      readDiskSnapshot({ name: 'snap', fromInstanceName: 'shop', fromInstanceArn: 'arn:i' }),
    ).toMatchObject({
      source: { type: 'instance', name: 'shop' },
      sourceArn: 'arn:i',
    })
    expect(readDiskSnapshot({ name: 'snap', fromDiskName: 'data', fromDiskArn: 'arn:d' })).toMatchObject({
      source: { type: 'disk', name: 'data' },
      sourceArn: 'arn:d',
    })
    expect(readDiskSnapshot({ name: 'snap' })).toMatchObject({ source: null, sourceArn: null })
  })

  test('keeps a tag without a value, and loses one without a key', () => {
    const tags = readDisk({ name: 'data', tags: [{ key: 'shop' }, { value: 'lost' }] })?.tags ?? []
    expect(requestTags([...tags, { key: 'stage', value: 'production' }])).toEqual([
      { key: 'shop' },
      { key: 'stage', value: 'production' },
    ])
  })
})

describe('the operation of a change', () => {
  const source = { id: 'source', resourceType: 'Disk', resourceName: 'data' } satisfies Operation

  test('is found by its type, whatever the order', () => {
    const own = { id: 'own', resourceType: 'DiskSnapshot', resourceName: 'snap' } satisfies Operation
    expect(snapshotOperation([source, own], 'disk', 'snap', region).id).toBe('own')
    const instance = { id: 'instance', resourceType: 'Instance', resourceName: 'data' } satisfies Operation
    expect(resourceOperation([instance, source], 'Disk', 'data', region).id).toBe('source')
  })

  test('is found by its name if the type is missing', () => {
    const untyped = { id: 'own', resourceName: 'snap' } satisfies Operation
    expect(snapshotOperation([source, untyped], 'disk', 'snap', region).id).toBe('own')
    expect(resourceOperation([untyped], 'DiskSnapshot', 'snap', region).id).toBe('own')
  })

  test('that isn’t named is an error that says what was accepted', async () => {
    const ofSnapshot = await failureOf(() => snapshotOperation([source], 'disk', 'snap', region))
    expect(ofSnapshot.message).toContain('accepted the snapshot "snap" but named no operation')
    const ofDisk = await failureOf(() => resourceOperation(undefined, 'Disk', 'data', region))
    expect(ofDisk.message).toContain('accepted the change of "data" but named no operation')
    const withoutId = { resourceType: 'Disk', resourceName: 'data' } satisfies Operation
    await failureOf(() => resourceOperation([withoutId], 'Disk', 'data', region))
  })
})
