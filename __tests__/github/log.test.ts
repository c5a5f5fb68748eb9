import { EOL } from 'node:os'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { runnerLog } from '../../src/github/log.js'

describe('the log, as the runner reads it', () => {
  let written: string
  beforeEach(() => {
    written = ''
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      // @actions/core ends its lines as the machine does.
      written += String(text).replaceAll(EOL, '\n')
      return true
    })
  })
  afterEach(() => {
    jest.restoreAllMocks()
    delete process.env['RUNNER_DEBUG']
  })

  test('holds no command that a line brought in', () => {
    runnerLog.info('::error::forged')
    runnerLog.info('a\n::set-output name=b::c')
    expect(written).toBe(': :error::forged\na ::set-output name=b::c\n')
  })

  test('folds detail under a title', () => {
    runnerLog.group('Title\n::error::x', ['one', '::two::'])
    expect(written).toBe('::group::Title ::error::x\none\n: :two::\n::endgroup::\n')
  })

  test.each([
    ['notice', ''],
    ['warning', ''],
    ['error', ' title=Lightsail disk snapshot'],
  ] as const)('annotates with a %s, also over several lines', (kind, properties) => {
    runnerLog[kind]('first\n\u001b[31msecond')
    expect(written).toBe(`::${kind}${properties}::first%0A[31msecond\n`)
  })

  test('has no marker for its viewer in a title or in a line of an annotation', () => {
    runnerLog.group('Title ##[endgroup]', [])
    runnerLog.warning('first\n##[group]second')
    expect(written).toBe('::group::Title # #[endgroup]\n::endgroup::\n::warning::first%0A# #[group]second\n')
  })

  test('shows debug lines with debug logging on only', () => {
    runnerLog.debug('hidden')
    process.env['RUNNER_DEBUG'] = '1'
    runnerLog.debug('shown\n::error::x')
    expect(written).toBe('shown\n: :error::x\n')
  })
})
