import { describe, expect, test } from '@jest/globals'
import type { Disk, Instance } from '../../src/lightsail/types.js'
import { disksBelow } from '../../src/pause/devices.js'

function disk(name: string, path: string, volumeId: string | null = null): Disk {
  const rest = { arn: null, state: 'in-use', sizeInGb: 32, availabilityZone: null, tags: [] }
  return { name, path, volumeId, attachedTo: 'shop', ...rest }
}

const instance: Instance = {
  name: 'shop',
  arn: null,
  state: 'running',
  availabilityZone: null,
  hasStaticIp: false,
  publicAddress: null,
  addressType: null,
  bundleId: null,
  reachability: null,
  tags: [],
  disks: ['/dev/xvda', '/dev/xvdf', '/dev/xvdg'].map((path) => ({
    name: path,
    path,
    isSystemDisk: path === '/dev/xvda',
    sizeInGb: 32,
  })),
}
const captured = [disk('data', '/dev/xvdf', 'vol-0aa'), disk('media', '/dev/xvdg', 'vol-0bb')]
const data = captured.slice(0, 1)

/** What the instance reports of `/srv`. */
const below = (words: string, disks: readonly Disk[] = captured) => [
  ...disksBelow(['/srv'], [`/srv:${words}`], { instance, captured: disks }),
]

describe('a mount point is matched with its disk', () => {
  test.each([
    ['by the path of the device', '/dev/xvdf /dev/xvdf '],
    ['by the path of the device that its partition is on', '/dev/xvdf1 /dev/xvdf1  /dev/xvdf '],
    ['by the serial number, which is the id of the volume', '/dev/nvme1n1 /dev/nvme1n1 vol0aa '],
  ])('%s', (_, words) => {
    expect(below(words)).toEqual(['data'])
  })

  test('also if it has a colon and spaces in its name', () => {
    const report = '/srv/a: b:/dev/xvdg /dev/xvdg '
    expect([...disksBelow(['/srv/a: b'], [report], { instance, captured })]).toEqual(['media'])
  })

  test('and with every disk if that can’t be found out', () => {
    expect(below('/dev/mapper/vg-data ')).toEqual(['data', 'media'])
    expect(below('/dev/nvme1n1 /dev/nvme1n1 ')).toEqual(['data', 'media'])
    expect(below('/dev/nvme1n1 /dev/nvme1n1 vol0cc ', [disk('data', '/dev/xvdf')])).toEqual(['data'])
  })
})

test.each([
  ['another disk of the instance', '/dev/xvdg /dev/xvdg '],
  ['the system disk', '/dev/xvda15 /dev/xvda15  /dev/xvda '],
  ['another volume', '/dev/nvme2n1 /dev/nvme2n1 vol0cc '],
])('a mount point on %s is refused', (_, words) => {
  expect(() => below(words, data)).toThrow(
    'freeze: "/srv" on instance "shop" is on a disk that this step takes no snapshot of.',
  )
})
