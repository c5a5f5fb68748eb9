// The emulator as `npm run emulator` starts it, asked by a client that nobody here wrote: the AWS CLI.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

const hasCli = spawnSync('aws', ['--version']).status === 0
const withCli = hasCli ? test : test.skip
const why = hasCli ? '' : ' (skipped: this machine has no AWS CLI)'

const emulator = spawn(
  process.execPath,
  ['.build/emulator/main.js', '--disk', 'data:16', '--seconds', '0', '--fault', 'GetDisks:1:throttle'],
  { stdio: ['ignore', 'pipe', 'pipe'] },
)
const environment: Record<string, string | undefined> = {
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  AWS_ACCESS_KEY_ID: 'emulated',
  AWS_SECRET_ACCESS_KEY: 'emulated',
  AWS_MAX_ATTEMPTS: '1',
}

beforeAll(async () => {
  let printed = ''
  while (printed.split('\n').length < 3) {
    const [chunk] = await once(emulator.stdout, 'data')
    printed += String(chunk)
  }
  for (const [, name, value] of printed.matchAll(/^export (\w+)=(.*)$/gm)) {
    if (name !== undefined) environment[name] = value
  }
})
afterAll(async () => {
  emulator.kill()
  await once(emulator, 'exit')
})

function aws(...words: string[]): { status: number | null; answer: unknown; words: string } {
  const run = spawnSync('aws', ['lightsail', ...words, '--output', 'json'], { env: environment })
  const output = run.stdout.toString()
  return {
    status: run.status,
    answer: output === '' ? undefined : JSON.parse(output),
    words: run.stderr.toString(),
  }
}

describe('the emulator by itself', () => {
  test('prints the two variables that point a client at it', () => {
    expect(environment['AWS_ENDPOINT_URL_LIGHTSAIL']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(environment['AWS_DEFAULT_REGION']).toBe('eu-central-1')
  })

  test.each([
    ['--disk', 'data'],
    ['--seconds', 'x'],
    ['--snapshot-end', 'x'],
    ['--fault', 'GetDisk:1:x'],
  ])('refuses %s %s', (option, value) => {
    const run = spawnSync(process.execPath, ['.build/emulator/main.js', option, value])
    expect([run.status, run.stderr.toString()]).toEqual([2, expect.stringContaining(option)])
  })

  withCli(`is understood by the AWS CLI${why}`, () => {
    const create = ['create-disk-snapshot', '--disk-name', 'data', '--disk-snapshot-name', 'snap']
    expect(aws(...create, '--tags', 'key=a,value=b')).toMatchObject({
      status: 0,
      answer: {
        operations: [{ resourceType: 'DiskSnapshot', status: 'Succeeded' }, { resourceType: 'Disk' }],
      },
    })
    expect(aws('get-disk-snapshot', '--disk-snapshot-name', 'snap')).toMatchObject({
      answer: { diskSnapshot: { state: 'completed', sizeInGb: 16, tags: [{ key: 'a', value: 'b' }] } },
    })
    expect(aws(...create)).toMatchObject({
      status: expect.any(Number),
      words: expect.stringMatching(/InvalidInputException.*already in use: snap/),
    })
    expect(aws('get-instance', '--instance-name', 'wordpress')).toMatchObject({
      answer: { instance: { hardware: { disks: [{ isSystemDisk: true }] } } },
    })
    expect(aws('get-disks').words).toContain('ThrottlingException')
    expect(aws('get-disks')).toMatchObject({ answer: { disks: [{ name: 'data', state: 'available' }] } })
    expect(aws('get-disk-snapshots', '--query', 'diskSnapshots[].name').answer).toEqual(['snap'])
    expect(aws('get-operations', '--query', 'length(operations)').answer).toBe(2)
    const operations = ['get-operations-for-resource', '--resource-name', 'snap']
    expect(aws(...operations, '--query', 'operations[].resourceType').answer).toEqual(['DiskSnapshot'])
  })
})
