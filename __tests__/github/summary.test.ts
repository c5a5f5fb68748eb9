import { describe, expect, test } from '@jest/globals'
import { appendSummary, markdownTable } from '../../src/github/summary.js'

describe('the job summary', () => {
  test('has tables whose cells can be any text', () => {
    const table = markdownTable(
      ['Name', 'State'],
      [
        [{ text: 'a|b', url: 'https://x/a b' }, { text: '' }],
        [{ text: 'c' }, { text: 'd' }],
      ],
    )
    expect(table).toBe('| Name | State |\n| --- | --- |\n| [a&#124;b](<https://x/a%20b>) |   |\n| c | d |')
  })

  test('links to exactly the given address, whatever is in it', () => {
    const table = markdownTable(['Name'], [[{ text: 'a', url: 'https://x/\ud800?a&lt;>|' }]])
    expect(table).toContain('[a](<https://x/%EF%BF%BD?a&amp;lt;%3E%7C>)')
  })

  test('is skipped on a runner without one', async () => {
    await expect(appendSummary('text')).resolves.toBeUndefined()
  })
})
