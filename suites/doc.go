// Package suites finds the third-party test suites on which Ficus is measured.
//
// It owns the rule for a suite that is not there: under CI=true the test
// fails, elsewhere a line on standard error names the test that did not run,
// so that nothing is skipped in silence. Only tests import it. It never reads,
// copies or downloads a suite.
package suites
