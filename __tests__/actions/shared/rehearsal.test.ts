import { describe, expect, test } from '@jest/globals'
import { connect } from '../../../src/actions/shared/connect.js'
import { refuseRealCredentials, rehearsalKey } from '../../../src/actions/shared/rehearsal.js'
import { failureOf } from '../../support/failure.js'
import { exampleRun, exampleStep } from '../../support/step.js'

describe('credentials in a rehearsal', () => {
  test("may be missing, empty or the rehearsal's own", () => {
    expect(() => refuseRealCredentials({})).not.toThrow()
    expect(() => refuseRealCredentials({ AWS_ACCESS_KEY_ID: '', AWS_PROFILE: '' })).not.toThrow()
    expect(() =>
      refuseRealCredentials({ AWS_ACCESS_KEY_ID: rehearsalKey, AWS_SECRET_ACCESS_KEY: rehearsalKey }),
    ).not.toThrow()
  })

  test.each(['AWS_ACCESS_KEY_ID', 'AWS_PROFILE', 'AWS_ROLE_ARN', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'])(
    'are refused by name if they are real: %s',
    async (name) => {
      const environment = { AWS_SECRET_ACCESS_KEY: rehearsalKey, [name]: 'real' }
      const { message } = await failureOf(() => refuseRealCredentials(environment))
      expect(message).toContain(`This job has AWS credentials (${name})`)
    },
  )

  test('are not checked in any other job', async () => {
    const environment = { AWS_ACCESS_KEY_ID: 'real' }
    const job = (isRehearsal: boolean) => exampleStep({}, { run: exampleRun({ isRehearsal }), environment })
    connect('eu-central-1', job(false)).close()
    const { advice } = await failureOf(() => connect('eu-central-1', job(true)))
    expect(advice).toContain('Use `if:` so that only one')
  })
})
