// The inputs that fill and script the emulator, and the messages for wrong ones.
import { describe, expect, test } from '@jest/globals'
import { parseDisk, parseFault, parseInstance, type Spec } from '../../emulator/service/spec.js'

/** The value, or the problem as a person reads it. */
function read<T>(spec: Spec<T>): T | string {
  return spec.ok ? spec.value : spec.problem
}

describe('a disk', () => {
  test.each([
    ['data', { name: 'data', sizeInGb: 32, instanceName: undefined }],
    ['data:8', { name: 'data', sizeInGb: 8, instanceName: undefined }],
    ['data:16384:shop', { name: 'data', sizeInGb: 16_384, instanceName: 'shop' }],
  ])('%s is understood', (text, meant) => {
    expect(read(parseDisk(text))).toEqual(meant)
  })

  test.each([
    ['data:8:shop:1', 'too many parts: write NAME:GB:INSTANCE'],
    ['data:large', 'no size in whole GB after the name: write, for example, data:32'],
    ['data:', 'no size in whole GB'],
    ['data:1.5', 'no size in whole GB'],
    ['data:0', 'no size in whole GB'],
    ['data:16385', 'no size in whole GB'],
    ['', 'names "", which is not a valid Lightsail name'],
    ['-data:8', 'names "-data", which is not a valid Lightsail name'],
    ['data:8:', 'names "", which is not a valid Lightsail name'],
    ['data:8:my shop', 'names "my shop", which is not a valid Lightsail name'],
  ])('%s is refused', (text, problem) => {
    expect(read(parseDisk(text))).toContain(problem)
  })
})

describe('an instance', () => {
  test('has a name and optionally the size of its system disk', () => {
    expect(read(parseInstance('shop'))).toMatchObject({ name: 'shop', sizeInGb: 32 })
    expect(read(parseInstance('shop:60'))).toMatchObject({ name: 'shop', sizeInGb: 60 })
    expect(read(parseInstance('shop:60:address'))).toMatchObject({ name: 'shop', staticIpName: 'address' })
  })

  test.each([
    ['shop:60:address:other', 'has too many parts: write NAME:GB:STATIC-IP'],
    ['shop:many', 'no size in whole GB'],
  ])('%s is refused', (text, problem) => {
    expect(read(parseInstance(text))).toContain(problem)
  })
})

describe('a fault', () => {
  test.each([
    ['GetDisk:2:throttle', { operation: 'GetDisk', fault: 'throttle', occurrences: [2] }],
    [
      'GetDisk:1:throttle=5000',
      { operation: 'GetDisk', fault: 'throttle', occurrences: [1], retryAfter: '5000' },
    ],
    ['*:all:throttle', { operation: '*', fault: 'throttle', occurrences: 'all' }],
  ])('%s is understood', (text, rule) => {
    expect(read(parseFault(text))).toEqual(rule)
  })

  test.each([
    ['GetDisk:1:throttle:2', 'too many parts: write OPERATION:N:FAULT'],
    ['GetDisc:1:throttle', 'names no operation of the emulator: '],
    ['', 'names no operation of the emulator: '],
    ['GetDisk', 'names no fault: '],
    ['GetDisk:1:tired', 'names no fault: '],
    ['GetDisk:1:throttle=', 'has no whole number of milliseconds after =: write throttle=5000'],
    ['GetDisk:1:throttle=5s', 'has no whole number of milliseconds after ='],
    ['GetDisk:1:throttle=1=2', 'has no whole number of milliseconds after ='],
    ['GetDisk:0:throttle', 'counts requests from 1'],
    ['GetDisk:some:throttle', 'counts requests from 1'],
  ])('%s is refused', (text, problem) => {
    expect(read(parseFault(text))).toContain(problem)
  })
})
