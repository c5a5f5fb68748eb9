// What reaches GitHub from a step whose output is cut, can't be written, or is no longer read.
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { everyChangeTakes } from '../../emulator/service/behaviour.js'
import type { Emulator } from '../../emulator/service/server.js'
import { withService } from '../support/answering-service.js'
import { type BuiltStepResult, runBuiltAction } from '../support/built-action.js'
import { region, startFilledEmulator } from '../support/emulated.js'
import { machineOf, startShop } from '../support/restore.js'

let emulator: Emulator
let shop: Emulator
beforeEach(async () => {
  emulator = await startFilledEmulator()
  shop = await startShop(everyChangeTakes(300))
})
afterEach(() => Promise.all([emulator.close(), shop.close()]))

const take = (inputs: Record<string, string>, options: Parameters<typeof runBuiltAction>[2] = {}) =>
  runBuiltAction(emulator, inputs, options)
const snapshots = () => emulator.region(region).allSnapshots(Date.now())

describe('a step that times out', () => {
  test.each([11, 60])(
    'with %d disks keeps its advice, and names every snapshot in the log',
    async (number) => {
      emulator.behaviour.snapshotEnd = 'stuck'
      const disks = Array.from({ length: number }, (_, index) => `disk-${index}-of-a-very-large-shop`)
      for (const name of disks)
        emulator.region(region).addDisk(name, 8, Date.now(), 'shop', { path: `/dev/${name}` })
      const { annotations, lines, log, outputs, summary } = await take({
        'disk-name': disks.join('\n'),
        'wait-timeout': '1s',
      })
      const errors = annotations.filter(({ kind }) => kind === 'error')
      expect(errors).toEqual([
        {
          kind: 'error',
          title: 'Lightsail disk snapshot',
          message: expect.stringMatching(/\nIt is still running in Lightsail.*Increase wait-timeout.*\.$/),
        },
      ])
      expect(errors[0]?.message.length).toBeLessThan(4000)
      const plain = lines.filter((line) => !line.startsWith('::')).join('\n')
      const names: string[] = JSON.parse(outputs['snapshot-names'] ?? '')
      expect(names).toHaveLength(number)
      for (const name of names)
        expect(`${errors[0]?.message}${plain}`).toContain(`snapshot "${name}" is not complete`)
      expect(log).toContain('Increase wait-timeout')
      expect(summary).toContain('Increase wait-timeout')
    },
  )
})

test('every annotation of a step has a title', async () => {
  const { annotations } = await take({ 'disk-name': 'shop-data', tags: 'a: b', 'wait-timeout': '1s' })
  expect(annotations.length).toBeGreaterThan(1)
  expect(annotations.filter(({ title }) => title !== 'Lightsail disk snapshot')).toEqual([])
})

/** Expects that the step has waited and names the snapshot, in the log, in the error and in the summary. */
function expectNamed({ exitCode, errors, log, summary }: BuiltStepResult, words: string): void {
  const [name] = snapshots().map((snapshot) => snapshot.name)
  expect(name).toMatch(/^shop-data-/)
  expect([exitCode, errors]).toEqual([1, [expect.stringContaining(words)]])
  expect(errors[0]).not.toContain('Unexpected')
  expect(errors[0]).toContain(`snapshot-name: ${name}\n`)
  expect(log).toContain(`Started snapshot "${name}"`)
  expect(log).toContain(`Snapshot "${name}" is complete`)
  expect(summary).toContain(`snapshot-name: ${name}`)
  expect(summary).toContain('### :x: Lightsail: this step failed\n\n**What happened:** The outputs')
}

describe("outputs that can't be written", () => {
  const cannot = 'The outputs of this step could not be written to the file in GITHUB_OUTPUT: '
  const unwritable: [string, string, string][] = [
    [
      '/nothing/output',
      'Missing file at path: /nothing/output',
      'Leave GITHUB_OUTPUT as the runner sets it.',
    ],
    [tmpdir(), 'EISDIR', 'Leave GITHUB_OUTPUT as the runner sets it.'],
  ]
  const fullDisk: typeof unwritable = [
    ['/dev/full', "the runner's disk is full (ENOSPC)", 'Free disk space on the runner.'],
  ]

  test.each([...unwritable, ...(existsSync('/dev/full') ? fullDisk : [])])(
    'to %s fail the step at its end, which has waited and names what it started',
    async (file, reason, advice) => {
      emulator.behaviour.snapshotDurationMs = 1500
      const ended = await take({ 'disk-name': 'shop-data' }, { environment: { GITHUB_OUTPUT: file } })
      expectNamed(ended, `${cannot}${reason}`)
      expect(ended.errors[0]?.endsWith(`\n${advice}`)).toBe(true)
      expect(ended.log).toContain('The outputs cannot be written. This step continues, and fails at its end.')
      expect(snapshots().map(({ state }) => state)).toEqual(['completed'])
    },
  )

  test('do not hide another reason why the step fails', async () => {
    emulator.behaviour.snapshotEnd = 'stuck'
    const environment = { GITHUB_OUTPUT: '/nothing/output' }
    const { errors } = await take({ 'disk-name': 'shop-data', 'wait-timeout': '1s' }, { environment })
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatch(/^Timed out after 1s: snapshot "shop-data-/)
    expect(errors[0]).toContain(`\n${cannot}`)
    expect(errors[0]).toContain('Increase wait-timeout')
  })

  test('do not stop a swap', async () => {
    const { exitCode, errors } = await runBuiltAction(
      shop,
      { 'disk-name': 'shop-data', swap: 'true' },
      { action: 'restore', environment: { GITHUB_OUTPUT: '/nothing/output' } },
    )
    expect(exitCode).toBe(1)
    expect(errors[0]).toContain(`${cannot}Missing`)
    expect(errors[0]).toContain('disk-name: shop-data-restored-1658821493-1')
    expect(shop.region(region).contentOfInstance('shop', '/dev/xvdf')).toBe('new')
  })

  test('of emulator/ end the step and the emulator at once, because later steps would not find it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'runner-'))
    const { exitCode, errors } = await runBuiltAction(
      emulator,
      { disks: 'shop-data' },
      {
        action: 'emulator',
        environment: {
          AWS_ACCESS_KEY_ID: undefined,
          AWS_SECRET_ACCESS_KEY: undefined,
          GITHUB_ENV: '/nothing/env',
          RUNNER_TEMP: folder,
        },
      },
    )
    expect([exitCode, errors]).toEqual([
      1,
      [expect.stringMatching(/^The environment variable \w+ could not be written to the file in GITHUB_ENV/)],
    ])
    // The emulator runs for as long as its log is there.
    expect(await readdir(folder)).toEqual([])
    await rm(folder, { recursive: true })
  })

  test("don't fail the step if only the summary is affected", async () => {
    const environment = { GITHUB_STEP_SUMMARY: '/nothing/summary' }
    const { exitCode, outputs } = await take({ 'disk-name': 'shop-data' }, { environment })
    expect([exitCode, outputs['state']]).toEqual([0, 'completed'])
  })
})

describe('a step whose output is no longer read', () => {
  test('waits for its snapshot to the end', async () => {
    emulator.behaviour.snapshotDurationMs = 2000
    const { exitCode, outputs, summary, lines } = await take(
      { 'disk-name': 'shop-data' },
      { stopReadingAt: (line) => line.startsWith('Started snapshot') },
    )
    expect(lines.join('\n')).not.toContain('is complete')
    expect([exitCode, outputs['state']]).toEqual([0, 'completed'])
    expect(summary).toContain('### :white_check_mark:')
  })

  test('fails as it would anyway', async () => {
    emulator.behaviour.snapshotEnd = 'stuck'
    const { exitCode, summary } = await take(
      { 'disk-name': 'shop-data', 'wait-timeout': '2s' },
      { stopReadingAt: (line) => line.startsWith('Started snapshot') },
    )
    expect(exitCode).toBe(1)
    expect(summary).toContain('Increase wait-timeout')
  })

  test('finishes a swap', async () => {
    const { exitCode, outputs } = await runBuiltAction(
      shop,
      { 'disk-name': 'shop-data', swap: 'true' },
      { action: 'restore', stopReadingAt: (line) => line.includes('top instance') && !line.includes('.') },
    )
    expect([exitCode, outputs['state']]).toEqual([0, 'completed'])
    expect(machineOf(shop.region(region).instance('shop', Date.now()))).toEqual([
      'running',
      'shop-data-restored-1658821493-1 /dev/xvdf',
    ])
  })
})

describe('a long text from outside', () => {
  test('in an error of the service does not delay the step', async () => {
    const message = `a${' '.repeat(200_000)}b`
    const body = JSON.stringify({ __type: 'InvalidInputException', message })
    const { exitCode, errors, milliseconds } = await withService({ status: 400, body }, (url) =>
      take({ 'disk-name': 'shop-data' }, { environment: { AWS_ENDPOINT_URL_LIGHTSAIL: url } }),
    )
    expect([exitCode, errors]).toEqual([1, [expect.stringContaining('InvalidInputException, a b.')]])
    expect(milliseconds).toBeLessThan(10_000)
  })

  // The system limits a variable, and therefore an input, to 128 kB.
  test.each([' ', ': '])("in tags, 120 kB of %j, doesn't either", async (piece) => {
    const tags = `a${piece.repeat(120_000 / piece.length)}=`
    const { errors, milliseconds } = await take({ 'disk-name': 'shop-data', tags })
    expect(errors.filter((text) => !text.includes("in this step's inputs"))).toEqual([])
    expect(milliseconds).toBeLessThan(10_000)
  })
})
