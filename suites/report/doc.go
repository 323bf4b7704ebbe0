// Command report turns the output of go test -json into what a person reads.
//
//	go test -json ./... | go run ./suites/report
//
// It prints one line per package as it ends, the whole output of what failed, and
// at the end how many tests passed, failed and did not run, the latter by name.
// It promises that nothing which did not run is left unsaid: the exit code is 1
// when a test or a package failed and, with CI=true, when a test did not run.
// It never runs a test.
package main
