import common from './jest.config.js'

/** Whole workflows on act: `npm run test:workflows`. @type {import('jest').Config} */
export default {
  ...common,
  roots: ['<rootDir>/__tests__/workflows'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 120_000,
  collectCoverage: false,
}
