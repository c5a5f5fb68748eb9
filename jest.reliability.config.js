import common from './jest.config.js'

/** The matrix of faults with the built actions: `npm run reliability`. @type {import('jest').Config} */
export default {
  ...common,
  testMatch: ['**/e2e/reliability.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  collectCoverage: false,
}
