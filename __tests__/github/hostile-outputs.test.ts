import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setOutput } from '@actions/core'
import { afterAll, afterEach, beforeAll, describe, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { commandOf, linesOf, outputsOf } from '../../dev/demo/runner-rules.js'
import { setDryRunOutputs } from '../../src/actions/snapshot/report.js'
import { actionMetadata } from '../../src/github/action-metadata.js'
import { asBytes, hostileRuns, hostileText } from '../support/hostile-text.js'
import { planOf } from '../support/plan.js'
import { expectSame } from '../support/same.js'
import { exampleStep } from '../support/step.js'

describe('hostile text in the output file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'))
  const file = join(folder, 'output')
  beforeAll(() => {
    process.env['GITHUB_OUTPUT'] = file
  })
  afterAll(() => {
    delete process.env['GITHUB_OUTPUT']
    rmSync(folder, { recursive: true })
  })

  /** The outputs that the runner reads after this. */
  function outputsAfter(write: () => void): Record<string, string> {
    writeFileSync(file, '')
    write()
    return outputsOf(readFileSync(file, 'utf8'))
  }

  test('stays the value of its output, and of no other', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (first, second) => {
        const outputs = outputsAfter(() => {
          setOutput('state', first)
          setOutput('snapshot-name', second)
        })
        expectSame(outputs, { state: asBytes(first), 'snapshot-name': asBytes(second) })
      }),
      hostileRuns,
    )
  })

  test('comes back from the names of snapshots, as text and as JSON', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (first, second) => {
        const plan = planOf([
          { source: { type: 'disk', name: first }, snapshotName: first },
          { source: { type: 'disk', name: second }, snapshotName: second },
        ])
        const outputs = outputsAfter(() => setDryRunOutputs(plan, { ...exampleStep(), setOutput }))
        expectSame(Object.keys(outputs).sort(), [...actionMetadata.snapshot.outputs].sort())
        expectSame(outputs['snapshot-name'], asBytes(first))
        expectSame(JSON.parse(outputs['snapshot-names'] ?? ''), [first, second])
      }),
      { numRuns: 1000 },
    )
  })
})

describe('hostile text on a runner without an output file', () => {
  afterEach(() => {
    jest.restoreAllMocks()
  })

  test('stays the value of one set-output command', () => {
    let written = ''
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      written += String(text)
      return true
    })
    fc.assert(
      fc.property(hostileText, (text) => {
        written = ''
        setOutput('state', text)
        expectSame(
          linesOf(asBytes(written)).flatMap((line) => commandOf(line) ?? []),
          [{ name: 'set-output', properties: { name: 'state' }, data: asBytes(text) }],
        )
      }),
      hostileRuns,
    )
  })
})
