import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { runAgain, waitStep } from '../../src/domain/next-steps.js'
import { exampleRun } from '../support/step.js'

const region = 'eu-central-1'
const one = { snapshotName: 'shop-1', operationId: '9ca2af65-f89f-4e23-b6d8-cb1400ce7308' }
const other = { snapshotName: '1e5', operationId: '0a3a284c-a1d6-4d67-af9e-06c1fb6383f9' }

function inputs(waitables: Parameters<typeof waitStep>[0]): unknown {
  const [step] = parse(waitStep(waitables, region, exampleRun())[0]?.text ?? '[]')
  return step?.with
}

describe('the suggested wait step', () => {
  test('uses the same action and version', () => {
    const [copyable] = waitStep([one], region, exampleRun())
    expect(parse(copyable?.text ?? '')).toEqual([
      {
        uses: 'octo-org/lightsail-disk-snapshot/wait@v1',
        with: { 'operation-id': one.operationId, 'aws-region': region, 'wait-timeout': '2h' },
      },
    ])
    const [local] = waitStep([one], region, exampleRun({ actionRepository: '', actionRef: '' }))
    expect(local?.text).toContain('uses: OWNER/lightsail-disk-snapshot/wait@v1')
  })

  test('lists several operations, one per line', () => {
    expect(inputs([one, other])).toMatchObject({
      'operation-id': `${one.operationId}\n${other.operationId}\n`,
    })
  })

  test('uses snapshot names if an operation id is unknown, and quotes numeric names', () => {
    expect(inputs([{ ...other, operationId: null }])).toMatchObject({ 'snapshot-name': '1e5' })
    expect(inputs([one, { ...other, operationId: null }])).toMatchObject({ 'snapshot-name': 'shop-1\n1e5\n' })
  })

  test.each(['a\n  evil: true', 'a"', '${{ github.token }}', 'a b', ''])(
    'is omitted for the name %j',
    (name) => {
      expect(waitStep([{ snapshotName: name, operationId: null }], region, exampleRun())).toEqual([])
    },
  )

  test('is omitted if nothing is in progress', () => {
    expect(waitStep([], region, exampleRun())).toEqual([])
  })
})

test.each([
  ['https://github.com', 'octo-org/web-shop'],
  ['https://github.example.com', 'github.example.com/octo-org/web-shop'],
])('the command that reruns the failed jobs works on %s', (serverUrl, where) => {
  expect(runAgain(exampleRun({ serverUrl })).text).toBe(`gh run rerun 1658821493 --failed --repo ${where}`)
})
