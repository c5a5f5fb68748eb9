import { readFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import { packageFolders } from '../../dev/tools/licenses.js'

test('the licences of what is in dist, and no others, are beside it', async () => {
  const text = await readFile('dist/licenses.txt', 'utf8')
  const manifest: { dependencies: Record<string, string> } = JSON.parse(
    await readFile('package.json', 'utf8'),
  )
  const names = [
    ...Object.keys(manifest.dependencies),
    '@aws-sdk/core',
    '@aws-sdk/credential-provider-ini',
    '@smithy/core',
    '@smithy/signature-v4',
  ]
  const lines = new Set(text.split('\n'))
  expect(names.filter((name) => !lines.has(name))).toEqual([])
  // Imported by packages in dist, and left out of it.
  expect(['bowser', 'debug', 'undici'].filter((name) => lines.has(name))).toEqual([])
})

test('a package is found by any of its modules, even one that was merged with others', () => {
  const modules = [
    { resource: '/p/.build/src/index.js', modules: [{ resource: '/p/node_modules/@a/core/lib/x.js' }] },
    { resource: '/p/node_modules/ms/index.js' },
    { resource: '/p/node_modules/x/node_modules/ms/index.js' },
    {},
  ]
  expect(packageFolders(modules)).toEqual([
    '/p/node_modules/@a/core',
    '/p/node_modules/ms',
    '/p/node_modules/x/node_modules/ms',
  ])
  const onWindows = [{ resource: 'D:\\p\\node_modules\\@a\\core\\lib\\x.js' }]
  expect(packageFolders(onWindows)).toEqual(['D:\\p\\node_modules\\@a\\core'])
})
