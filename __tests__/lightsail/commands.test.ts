import { execFileSync } from 'node:child_process'
import { expect, test } from '@jest/globals'
import { awsCommand, lookCommand } from '../../src/lightsail/commands.js'
import { monthlyPrice } from '../../src/lightsail/prices.js'

test('a command is written as the AWS CLI expects it', () => {
  expect(lookCommand('eu-central-1', 'shop_data-1.2')).toBe(
    'aws lightsail get-disk-snapshot --region eu-central-1 --disk-snapshot-name shop_data-1.2',
  )
})

test.each(['$(touch /tmp/x)', "it's", '`id`', 'a;b', 'a b', '-x', '', '"$HOME"', "'\\''"])(
  'a value like %j is inert in the shell',
  (name) => {
    const command = awsCommand('get-disk', 'eu-central-1', { name })
    const show = 'aws() { for word do printf "%s|" "$word"; done; }'
    const seen = execFileSync('sh', ['-c', `${show}\n${command}`]).toString()
    expect(seen).toBe(`lightsail|get-disk|--region|eu-central-1|--name=${name}|`)
  },
)

test.each([
  [0, '$0.00'],
  [32, '$1.60'],
  [160, '$8.00'],
  [25_000, '$1250.00'],
])('%i GB of snapshots cost %s a month at most', (gb, price) => {
  expect(monthlyPrice(gb)).toBe(price)
})
