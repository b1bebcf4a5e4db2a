/** What Vitest's JSON report says, in the numbers that a person asks for. */
interface JsonReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: { name: string; status: string; assertionResults: unknown[] }[];
}

export interface TestSummary {
  passed: number;
  /** Failed tests, and files that failed before their first test. */
  failed: number;
  skipped: number;
}

export function summarize(report: string): TestSummary {
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(report) as JsonReport;
  const brokenFiles = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  return {
    passed: numPassedTests,
    failed: numFailedTests + brokenFiles.length,
    skipped: numPendingTests,
  };
}
